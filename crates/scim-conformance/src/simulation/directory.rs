//! What the identity provider knows: people, groups, and where they went.

use std::collections::BTreeSet;

/// A person at the identity provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Person {
    /// The identity provider's own key, sent as `externalId`.
    pub(super) key: String,
    pub(super) user_name: String,
    pub(super) given_name: String,
    pub(super) family_name: String,
    pub(super) title: Option<String>,
    pub(super) department: String,
    pub(super) employee_number: String,
    pub(super) is_active: bool,
    /// The id that the server gave; `None` before it is there and after it is deleted.
    pub(super) id: Option<String>,
}

impl Person {
    pub(super) fn display_name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
    }

    /// The id, or one that nobody has: a person without one is not asked for.
    pub(super) fn id(&self) -> &str {
        self.id.as_deref().unwrap_or("-")
    }
}

/// A group at the identity provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Circle {
    pub(super) key: String,
    pub(super) name: String,
    /// Positions in [`Directory::people`].
    pub(super) members: BTreeSet<usize>,
    pub(super) id: Option<String>,
}

impl Circle {
    pub(super) fn id(&self) -> &str {
        self.id.as_deref().unwrap_or("-")
    }
}

/// A member as a message names one.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) id: String,
    pub(super) label: String,
}

/// Everything that should be on the server.
#[derive(Debug, Default)]
pub(super) struct Directory {
    pub(super) people: Vec<Person>,
    pub(super) circles: Vec<Circle>,
}

impl Directory {
    /// Positions of the people who are on the server and for whom the condition holds.
    pub(super) fn people_where(&self, holds: impl Fn(&Person) -> bool) -> Vec<usize> {
        let present = self.people.iter().enumerate().filter(|(_, person)| person.id.is_some() && holds(person));
        present.map(|(position, _)| position).collect()
    }

    /// Positions of the groups that are on the server.
    pub(super) fn present_circles(&self) -> Vec<usize> {
        let present = self.circles.iter().enumerate().filter(|(_, circle)| circle.id.is_some());
        present.map(|(position, _)| position).collect()
    }

    /// The ids that a group should have as members.
    pub(super) fn member_ids(&self, circle: &Circle) -> BTreeSet<&str> {
        let people = circle.members.iter().filter_map(|position| self.people.get(*position));
        people.filter_map(|person| person.id.as_deref()).collect()
    }

    pub(super) fn members(&self, positions: &[usize]) -> Vec<Member> {
        let people = positions.iter().filter_map(|position| self.people.get(*position));
        people.filter_map(|person| Some(Member { id: person.id.clone()?, label: person.user_name.clone() })).collect()
    }

    /// A deleted person is a member of nothing. Gives the groups they were in.
    pub(super) fn forget_person(&mut self, position: usize) -> Vec<usize> {
        if let Some(person) = self.people.get_mut(position) {
            person.id = None;
        }
        let mut left = Vec::new();
        for (number, circle) in self.circles.iter_mut().enumerate() {
            if circle.members.remove(&position) && circle.id.is_some() {
                left.push(number);
            }
        }
        left
    }
}
