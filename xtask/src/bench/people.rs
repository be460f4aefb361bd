//! A made-up company as a file for `muster load`: the same people for every database and every run.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use serde_json::{Value, json};

use crate::failure::{Explain, Outcome};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// People in no group, who join and leave groups while it is measured.
pub(super) const GUESTS: usize = 64;
const GROUP_SIZES: [usize; 4] = [10, 1_000, 10_000, 100_000];

pub(super) fn user_name(number: usize) -> String {
    format!("person.{number:07}@example.com")
}

pub(super) fn external_id(number: usize) -> String {
    format!("00u{number:017}")
}

pub(super) fn group_name(members: usize) -> String {
    format!("Everybody of {members}")
}

/// The sizes of the groups in a directory of that many people.
pub(super) fn group_sizes(people: usize) -> impl Iterator<Item = usize> {
    GROUP_SIZES.into_iter().filter(move |size| *size <= people)
}

/// What an identity provider sends of an employee: about a kilobyte.
pub(super) fn person(number: usize) -> Value {
    document(number, &user_name(number), &external_id(number), "Engineer")
}

/// The same person with another title.
pub(super) fn promoted(number: usize, title: &str) -> Value {
    document(number, &user_name(number), &external_id(number), title)
}

/// Somebody whom no directory has yet, as long as nobody else is called so.
pub(super) fn newcomer(number: usize, unique: &str) -> Value {
    document(number, &format!("new.{unique}@example.com"), &format!("new-{unique}"), "Engineer")
}

fn document(number: usize, user_name: &str, external_id: &str, title: &str) -> Value {
    let (given, family) = (format!("Given{}", number % 977), format!("Family{}", number % 7919));
    json!({
        "schemas": [USER, ENTERPRISE],
        "externalId": external_id,
        "userName": user_name,
        "name": {"formatted": format!("{given} {family}"), "givenName": given, "familyName": family},
        "displayName": format!("{given} {family} {number}"),
        "title": title,
        "preferredLanguage": "en",
        "active": true,
        "emails": [
            {"value": user_name, "type": "work", "primary": true},
            {"value": format!("home.{number:07}@example.net"), "type": "home"},
        ],
        "phoneNumbers": [{"value": format!("+1 555 {:07}", number % 10_000_000), "type": "work"}],
        "addresses": [{
            "type": "work", "streetAddress": "100 Universal City Plaza", "locality": "Hollywood",
            "region": "CA", "postalCode": "91608", "country": "US",
        }],
        ENTERPRISE: {
            "employeeNumber": number.to_string(), "department": format!("Department {}", number % 211),
            "costCenter": format!("{}", 4000 + number % 97), "organization": "Universal Studios",
        },
    })
}

/// Writes people and groups, one JSON document a line. The guests come after the people.
pub(super) fn write(path: &Path, people: usize) -> Outcome<()> {
    let write = || -> std::io::Result<()> {
        let mut file = BufWriter::with_capacity(1024 * 1024, File::create(path)?);
        for number in 0..people + GUESTS {
            writeln!(file, "{}", person(number))?;
        }
        for size in group_sizes(people) {
            let members: Vec<Value> = (0..size).map(|number| json!({"value": external_id(number)})).collect();
            let group = json!({
                "schemas": [GROUP], "externalId": format!("00g{size:017}"), "displayName": group_name(size),
                "members": members,
            });
            writeln!(file, "{group}")?;
        }
        file.flush()
    };
    write().explain(|| format!("could not write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_everybody_and_the_groups_that_fit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("people.jsonl");
        write(&path, 1_000).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 1_000 + GUESTS + 2);
        assert_eq!(lines[lines.len() - 1]["members"].as_array().unwrap().len(), 1_000);
        assert_eq!(lines[7]["userName"], user_name(7));
    }
}
