//! The address of a call as it may be kept: what was asked for, without what was looked for.

use muster_model::{ConnectionId, ResourceId};

use super::filter_text::{self, MARK};

/// Beyond that an address is cut; what is kept of it are names.
const LONGEST: usize = 1_000;
const LONGEST_WORD: usize = 64;
/// Parameters whose values are names of attributes, or numbers (RFC 7644 section 3.4.2).
const OPEN: [&str; 6] = ["attributes", "excludedAttributes", "sortBy", "sortOrder", "startIndex", "count"];

/// An address below a prefix, taken apart.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Address {
    /// Without the connection.
    pub(super) path: String,
    pub(super) endpoint: Option<String>,
    pub(super) resource: Option<ResourceId>,
}

/// The connection that an address names: `/con_…/Users`. Whether there is one is another question.
pub(super) fn connection(address: &str) -> Option<ConnectionId> {
    segments(address).next()?.parse().ok()
}

pub(super) fn read(address: &str) -> Address {
    let (_, query) = address.split_once('?').unwrap_or((address, ""));
    let mut read = Address::default();
    for (place, segment) in segments(address).skip(1).enumerate() {
        let bare = segment.strip_suffix(".json").unwrap_or(segment);
        let id = ResourceId::parse(bare);
        let is_kept = id.is_some() || is_word(segment, place == 0 || is_under_discovery(read.endpoint.as_deref()));
        read.path.push('/');
        read.path.push_str(if is_kept { segment } else { MARK });
        if place == 0 && is_kept {
            read.endpoint = Some(segment.to_owned());
        }
        read.resource = read.resource.or(id);
    }
    if read.path.is_empty() {
        read.path.push('/');
    }
    if !query.is_empty() {
        read.path.push('?');
        read.path.push_str(&query.split('&').map(parameter).collect::<Vec<_>>().join("&"));
    }
    read.path.truncate(read.path.floor_char_boundary(LONGEST));
    read
}

fn segments(address: &str) -> impl Iterator<Item = &str> {
    address.split('?').next().unwrap_or_default().split('/').filter(|segment| !segment.is_empty())
}

/// The names of schemas and resource types are no secret.
fn is_under_discovery(endpoint: Option<&str>) -> bool {
    endpoint
        .is_some_and(|endpoint| ["Schemas", "ResourceTypes"].iter().any(|known| known.eq_ignore_ascii_case(endpoint)))
}

/// An endpoint is a word of letters. What stands where ids stand may be anything: somebody's name, when a client is set up
/// wrongly.
fn is_word(segment: &str, may_be_a_name: bool) -> bool {
    let is_name = |letter: u8| letter.is_ascii_alphanumeric() || b"._:-".contains(&letter);
    segment == ".search" || may_be_a_name && segment.len() <= LONGEST_WORD && segment.bytes().all(is_name)
}

fn parameter(text: &str) -> String {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    let is_name = |text: &str| {
        text.len() <= LONGEST
            && text.bytes().all(|letter| letter.is_ascii_alphanumeric() || b"._:$,-".contains(&letter))
    };
    if name.eq_ignore_ascii_case("filter") {
        return format!("{name}={}", filter_text::masked(&decoded(value)));
    }
    let is_open = OPEN.iter().any(|open| open.eq_ignore_ascii_case(name));
    let name = if is_name(name) && name.len() <= LONGEST_WORD { name } else { MARK };
    let value = decoded(value);
    let shown = if value.is_empty() || is_open && is_name(&value) { &value } else { MARK };
    format!("{name}={shown}")
}

/// A parameter's value as it was meant: `+` is a space, `%41` is `A`. What is no text is shown so.
fn decoded(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let [first, behind @ ..] = rest {
        rest = behind;
        let digit = |place: usize| behind.get(place).and_then(|digit| char::from(*digit).to_digit(16));
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.extend(u8::try_from(high * 16 + low));
                rest = behind.get(2..).unwrap_or_default();
            }
            (b'+', ..) => bytes.push(b' '),
            _ => bytes.push(*first),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONNECTION: &str = "con_0190aaaabbbb7ccc8dddeeeeeeeeeeee";
    const ID: &str = "0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee";

    fn path(rest: &str) -> String {
        read(&format!("/{CONNECTION}{rest}")).path
    }

    #[test]
    fn an_address_keeps_what_it_asks_for() {
        let read = read(&format!("/{CONNECTION}/Users/{ID}?attributes=userName,name.givenName"));
        assert_eq!(read.path, format!("/Users/{ID}?attributes=userName,name.givenName"));
        assert_eq!((read.endpoint.as_deref(), read.resource), (Some("Users"), ResourceId::parse(ID)));
        assert_eq!(connection(&format!("/{CONNECTION}/Users")).unwrap().to_string(), CONNECTION);
        assert_eq!(connection("/nobody/Users"), None);
        assert_eq!(path(""), "/");
        assert_eq!(path("/Users/.search"), "/Users/.search");
        assert_eq!(path(&format!("/Users/{ID}.json")), format!("/Users/{ID}.json"));
        assert_eq!(
            path("/Schemas/urn:ietf:params:scim:schemas:core:2.0:User"),
            "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User"
        );
        assert_eq!(
            path("/Users?startIndex=1&count=100&sortBy=userName"),
            "/Users?startIndex=1&count=100&sortBy=userName"
        );
    }

    #[test]
    fn what_was_looked_for_is_not_kept() {
        assert_eq!(path("/Users?filter=userName+eq+%22anna%40example.com%22"), "/Users?filter=userName eq \"*\"");
        assert_eq!(path("/Users/anna@example.com"), "/Users/*");
        assert_eq!(path("/Users/bjensen"), "/Users/*");
        for rest in [
            "/Users?cursor=canary",
            "/Users?token=canary",
            "/Users?canary%40x=1",
            "/Users?filter=canary",
            "/Users?attributes=canary@example.com",
            "/canary%40example.com/x",
            "/Users/canary/canary",
        ] {
            assert!(!path(rest).contains("canary"), "{rest}: {}", path(rest));
        }
        assert!(path(&format!("/Users?attributes={}", "a,".repeat(5_000))).len() <= LONGEST);
    }
}
