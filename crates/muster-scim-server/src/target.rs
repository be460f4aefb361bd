//! What an address names.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::service::{SCIM_1_1_PREFIX, SCIM_PREFIXES};
use crate::v1::Suffix;
use crate::wire::Wire;

/// A request's address, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// The prefix by which we were called; answers use the same.
    pub(crate) prefix: &'static str,
    /// What is spoken there.
    pub(crate) wire: Wire,
    pub(crate) connection: String,
    pub(crate) target: Target,
    /// The format that the address asks for; only 1.1 has that.
    pub(crate) suffix: Option<Suffix>,
}

/// What a request is about. Endpoints are matched without regard to case (Entra's own documents write `/users`), ids
/// exactly.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// The base address itself.
    Root,
    ServiceProviderConfig,
    ResourceTypes,
    ResourceType(String),
    Schemas,
    Schema(String),
    Me,
    Bulk,
    /// `/.search` at the root.
    SearchAll,
    /// An endpoint's list: `/Users`. The name as sent; whether it exists is known later.
    Collection(String),
    /// `/Users/.search`.
    Search(String),
    /// `/Users/{id}`.
    Resource {
        endpoint: String,
        id: String,
    },
    /// Nothing that exists.
    Unknown,
}

/// Takes a path apart; `None` when it is below no connection. Empty segments (a trailing slash, a doubled one) are
/// passed over, segments are percent-decoded once.
pub(crate) fn parse(path: &str) -> Option<Address> {
    let (prefix, rest) = divide(path)?;
    let mut segments = rest.split('/').filter(|segment| !segment.is_empty()).map(decode);
    let connection = segments.next()?;
    let mut segments: Vec<String> = segments.collect();
    let wire = Wire::of(path);
    let (target, suffix) = match wire {
        Wire::V2 => (target(&segments), None),
        Wire::V1 => {
            let suffix = Suffix::take(&mut segments);
            (target_in_1_1(&segments), suffix)
        }
    };
    Some(Address { prefix, wire, connection, target, suffix })
}

/// The prefix by which we were called, and what stands behind it.
pub(crate) fn divide(path: &str) -> Option<(&'static str, &str)> {
    SCIM_PREFIXES
        .into_iter()
        .chain([SCIM_1_1_PREFIX])
        .find_map(|prefix| path.strip_prefix(prefix).filter(|rest| rest.starts_with('/')).map(|rest| (prefix, rest)))
}

/// Protocol 1.1, section 3, table 1. `/ResourceTypes` is there for Okta's acceptance test.
fn target_in_1_1(segments: &[String]) -> Target {
    let names: Vec<&str> = segments.iter().map(String::as_str).collect();
    match names.as_slice() {
        [first, rest @ ..] => match (first.to_ascii_lowercase().as_str(), rest) {
            ("serviceproviderconfigs", []) => Target::ServiceProviderConfig,
            ("resourcetypes", []) => Target::ResourceTypes,
            ("schemas", []) => Target::Schemas,
            ("schemas", [name]) => Target::Schema((*name).to_owned()),
            ("bulk", []) => Target::Bulk,
            (_, []) => Target::Collection((*first).to_owned()),
            (_, [id]) if *id != ".search" => Target::Resource { endpoint: (*first).to_owned(), id: (*id).to_owned() },
            _ => Target::Unknown,
        },
        [] => Target::Unknown,
    }
}

fn target(segments: &[String]) -> Target {
    let names: Vec<&str> = segments.iter().map(String::as_str).collect();
    match names.as_slice() {
        [] => Target::Root,
        [".search"] => Target::SearchAll,
        [first, rest @ ..] => match (first.to_ascii_lowercase().as_str(), rest) {
            ("serviceproviderconfig", []) => Target::ServiceProviderConfig,
            ("resourcetypes", []) => Target::ResourceTypes,
            ("resourcetypes", [name]) => Target::ResourceType((*name).to_owned()),
            ("schemas", []) => Target::Schemas,
            ("schemas", [urn]) => Target::Schema((*urn).to_owned()),
            ("me", _) => Target::Me,
            ("bulk", []) => Target::Bulk,
            (_, []) => Target::Collection((*first).to_owned()),
            (_, [".search"]) => Target::Search((*first).to_owned()),
            (_, [id]) => Target::Resource { endpoint: (*first).to_owned(), id: (*id).to_owned() },
            _ => Target::Unknown,
        },
    }
}

fn decode(segment: &str) -> String {
    percent_decode_str(segment).decode_utf8().unwrap_or(Cow::Borrowed("\u{fffd}")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target_of(path: &str) -> Target {
        parse(&format!("/scim/v2/con_1{path}")).unwrap().target
    }

    #[test]
    fn addresses_are_taken_apart() {
        assert_eq!(target_of(""), Target::Root);
        assert_eq!(target_of("/"), Target::Root);
        assert_eq!(target_of("/Users/"), Target::Collection("Users".into()));
        assert_eq!(target_of("/users//a%2Fb"), Target::Resource { endpoint: "users".into(), id: "a/b".into() });
        assert_eq!(target_of("/Users/.search"), Target::Search("Users".into()));
        assert_eq!(target_of("/serviceproviderconfig"), Target::ServiceProviderConfig);
        assert_eq!(
            target_of("/Schemas/urn:ietf:params:scim:schemas:core:2.0:User"),
            Target::Schema("urn:ietf:params:scim:schemas:core:2.0:User".into())
        );
        assert_eq!(target_of("/Users/1/x"), Target::Unknown);
        assert_eq!(parse("/scim/v2"), None);
        assert_eq!(parse("/scim/v2/"), None);
        assert_eq!(parse("/scim/v20/con_1/Users"), None);
        assert_eq!(parse("/directory/resources/scim/v2.0/con_1/Users").unwrap().prefix, SCIM_PREFIXES[0]);
    }

    /// Rows: 1.1-api-3-01, 1.1-api-3.6-02
    #[test]
    fn addresses_of_1_1_are_taken_apart() {
        let target_of = |path: &str| parse(&format!("/scim/v1/con_1{path}")).unwrap().target;
        assert_eq!(target_of("/ServiceProviderConfigs"), Target::ServiceProviderConfig);
        assert_eq!(target_of("/ServiceProviderConfig"), Target::Collection("ServiceProviderConfig".into()));
        assert_eq!(target_of("/Schemas/Users"), Target::Schema("Users".into()));
        assert_eq!(target_of("/Bulk"), Target::Bulk);
        assert_eq!(target_of("/Users/"), Target::Collection("Users".into()));
        for path in ["", "/", "/Users/.search", "/Users/1/x", "/ResourceTypes/User"] {
            assert!(!matches!(target_of(path), Target::Collection(_) | Target::Root | Target::SearchAll), "{path}");
        }
        let address = parse("/scim/v1/con_1/Users/1.json").unwrap();
        assert_eq!((address.prefix, address.wire, address.suffix), (SCIM_1_1_PREFIX, Wire::V1, Some(Suffix::Json)));
        assert_eq!(address.target, Target::Resource { endpoint: "Users".into(), id: "1".into() });
        assert_eq!(parse("/scim/v2/con_1/Users/1.json").unwrap().suffix, None);
    }
}
