//! People and groups who do not exist, the same for the same seed.

use super::directory::{Circle, Person};
use crate::chance::Chance;

const GIVEN: [&str; 24] = [
    "Ada",
    "Béla",
    "Carmen",
    "Dmitri",
    "Élodie",
    "Farid",
    "Grete",
    "Hiroshi",
    "Ines",
    "Jakub",
    "Katarína",
    "Liam",
    "Magdalena",
    "Nils",
    "Oluwaseun",
    "Priya",
    "Quentin",
    "Rosa",
    "Søren",
    "Tatiana",
    "Uğur",
    "Valentina",
    "Wei",
    "Zoë",
];
const FAMILY: [&str; 20] = [
    "Andersen",
    "Björk",
    "Castellanos",
    "Dvořák",
    "El-Sayed",
    "Fischer",
    "García Márquez",
    "Hansen",
    "Ivanova",
    "Jensen",
    "Kowalski",
    "Łukasik",
    "Müller",
    "Nguyen",
    "O'Brien",
    "Petrov",
    "Quispe",
    "Rossi",
    "Świątek",
    "Tanaka",
];
const TITLES: [&str; 6] = ["Clerk", "Engineer", "Judge", "Nurse", "Tour Guide", "Treasurer"];
const DEPARTMENTS: [&str; 6] = ["Finance", "Legal & Compliance", "Operations", "Research", "Sales", "Tours"];

/// Makes people and groups whose names hold the marker of the run.
pub(super) struct Invention {
    pub(super) chance: Chance,
    marker: String,
    people: usize,
    circles: usize,
}

impl Invention {
    pub(super) fn new(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let marker = chance.word();
        Self { chance, marker, people: 0, circles: 0 }
    }

    pub(super) fn marker(&self) -> &str {
        &self.marker
    }

    fn pick(&mut self, among: &[&str]) -> String {
        self.chance.pick(among).copied().unwrap_or_default().to_owned()
    }

    pub(super) fn person(&mut self) -> Person {
        self.people += 1;
        let number = self.people;
        let given_name = self.pick(&GIVEN);
        // One in four has no title, so that titles come and go.
        let title = (self.chance.below(4) > 0).then(|| self.pick(&TITLES));
        Person {
            key: format!("00u{}{number:07}", self.marker),
            user_name: format!("User{number}.{}@example.com", self.marker),
            given_name,
            family_name: self.pick(&FAMILY),
            title,
            department: self.pick(&DEPARTMENTS),
            employee_number: format!("{}", 100_000 + number),
            is_active: true,
            id: None,
        }
    }

    pub(super) fn circle(&mut self) -> Circle {
        self.circles += 1;
        let number = self.circles;
        Circle {
            key: format!("00g{}{number:05}", self.marker),
            name: format!("Group {number} – {}", self.marker),
            members: std::collections::BTreeSet::new(),
            id: None,
        }
    }

    /// The person after a change of name, title or department.
    pub(super) fn changed(&mut self, person: &Person) -> Person {
        let mut after = person.clone();
        match self.chance.below(4) {
            0 => after.family_name = format!("{}-{}", self.pick(&FAMILY), self.chance.below(100)),
            1 if after.title.is_some() => after.title = None,
            1 | 2 => after.title = Some(format!("{} {}", self.pick(&TITLES), self.chance.below(100))),
            _ => after.department = format!("{} {}", self.pick(&DEPARTMENTS), self.chance.below(100)),
        }
        after
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_people_and_a_change_changes_something() {
        let mut first = Invention::new(3);
        let person = first.person();
        assert_eq!(person, Invention::new(3).person());
        assert_ne!(person.user_name, Invention::new(4).person().user_name);
        for _ in 0..100 {
            assert_ne!(first.changed(&person), person);
        }
    }
}
