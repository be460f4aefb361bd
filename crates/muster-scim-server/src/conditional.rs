//! Conditional requests (RFC 7644 section 3.14): SCIM uses weak tags, so tags are compared by their opaque part.

use http::HeaderMap;
use http::header::{HeaderName, IF_MATCH, IF_NONE_MATCH};
use muster_app::resources::{Precondition, version_of_tag};
use muster_model::Version;

/// What `If-Match` demands. `*` demands nothing: the resource must be there in any case.
pub(crate) fn if_match(headers: &HeaderMap) -> Precondition {
    match versions(headers, &IF_MATCH) {
        None => Precondition::None,
        Some(Tags::Any) => Precondition::Any,
        Some(Tags::Versions(versions)) => Precondition::Versions(versions),
    }
}

/// Whether a GET may be answered 304, because the client has this version already.
pub(crate) fn is_not_modified(headers: &HeaderMap, version: Version) -> bool {
    match versions(headers, &IF_NONE_MATCH) {
        None => false,
        Some(Tags::Any) => true,
        Some(Tags::Versions(versions)) => versions.contains(&version),
    }
}

enum Tags {
    Any,
    /// The tags that can be versions of ours; any other tag matches nothing.
    Versions(Vec<Version>),
}

fn versions(headers: &HeaderMap, name: &HeaderName) -> Option<Tags> {
    let mut found: Option<Vec<Version>> = None;
    for value in headers.get_all(name) {
        let list = found.get_or_insert_default();
        for tag in value.to_str().unwrap_or_default().split(',').map(str::trim) {
            if tag == "*" {
                return Some(Tags::Any);
            }
            list.extend(version_of_tag(tag));
        }
    }
    found.map(Tags::Versions)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn demanded(value: &'static str) -> Precondition {
        let mut headers = HeaderMap::new();
        headers.insert(IF_MATCH, HeaderValue::from_static(value));
        if_match(&headers)
    }

    #[test]
    fn tags_are_read_weak_strong_and_unquoted() {
        assert_eq!(demanded("W/\"3\""), Precondition::Versions(vec![Version(3)]));
        assert_eq!(demanded("\"3\", W/\"4\""), Precondition::Versions(vec![Version(3), Version(4)]));
        assert_eq!(demanded("3"), Precondition::Versions(vec![Version(3)]));
        assert_eq!(demanded("W/\"other\""), Precondition::Versions(vec![]));
        assert_eq!(demanded("*"), Precondition::Any);
        assert_eq!(if_match(&HeaderMap::new()), Precondition::None);
    }
}
