//! How much of a name that a client made up may stand in an error, a repair or a log line.

use std::fmt::Display;

/// Enough to recognise a name by, and the longest URN of an identity provider that was seen.
const LONGEST: usize = 80;

/// The beginning of the name, up to the first character that stands in no attribute name and in no schema URN: what
/// follows a bracket, a quote, a space or an `@` may be a value, and values are personal data.
pub(crate) fn shown_name(name: &(impl Display + ?Sized)) -> String {
    let name = name.to_string();
    let mut shown: String = name.chars().take_while(|character| is_part_of_a_name(*character)).take(LONGEST).collect();
    if shown.len() < name.len() {
        shown.push('…');
    }
    shown
}

fn is_part_of_a_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || "$-_.:/#~".contains(character)
}

#[cfg(test)]
mod tests {
    use super::shown_name;

    #[test]
    fn names_are_shown_as_they_are() {
        for name in [
            "shoeSize",
            "name.$ref",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName",
            "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group",
        ] {
            assert_eq!(shown_name(name), name);
        }
    }

    #[test]
    fn what_is_no_name_is_cut() {
        for (name, shown) in [
            ("emails[type eq \"work\" and vlaue eq \"bj@example.com\"].display", "emails…"),
            ("bj@example.com", "bj…"),
            ("urn:bj@example.com:x", "urn:bj…"),
            ("Barbara Jensen", "Barbara…"),
            ("a\nb", "a…"),
            ("[x]", "…"),
            ("na\u{ef}ve", "na…"),
        ] {
            assert_eq!(shown_name(name), shown);
        }
        assert_eq!(shown_name(&"x".repeat(5000)).chars().count(), 81);
    }
}
