//! What only SCIM 1.1 has at the edge: the overridden method, the suffix of an address, its discovery.

mod discovery;

pub(crate) use discovery::{resource_types, schema, schemas};

use http::request::Parts;
use http::{HeaderName, Method};

use crate::failure::Failure;

const METHOD_OVERRIDE: HeaderName = HeaderName::from_static("x-http-method-override");

/// What the client wants done. A POST can stand for PUT, PATCH or DELETE where something on the way lets only POST pass
/// (protocol 1.1, section 3.12); the header means nothing on another method.
pub(crate) fn method(parts: &Parts) -> Result<Method, Failure> {
    let mut named = parts.headers.get_all(METHOD_OVERRIDE).iter();
    let Some(name) = named.next().filter(|_| parts.method == Method::POST) else {
        return Ok(parts.method.clone());
    };
    let name = name.to_str().unwrap_or_default().trim();
    let known = [Method::PUT, Method::PATCH, Method::DELETE, Method::POST];
    match known.into_iter().find(|method| method.as_str().eq_ignore_ascii_case(name)) {
        Some(method) if named.next().is_none() => Ok(method),
        _ => Err(Failure::MethodOverride),
    }
}

/// The format that the end of an address asks for (protocol 1.1, section 3.6): `/Users/{id}.json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Suffix {
    Json,
    Xml,
}

impl Suffix {
    /// Takes the suffix off the last segment.
    pub(crate) fn take(segments: &mut [String]) -> Option<Self> {
        let last = segments.last_mut()?;
        let dot = last.rfind('.').filter(|dot| *dot > 0)?;
        let suffix = match last.get(dot..)? {
            text if text.eq_ignore_ascii_case(".json") => Self::Json,
            text if text.eq_ignore_ascii_case(".xml") => Self::Xml,
            _ => return None,
        };
        last.truncate(dot);
        Some(suffix)
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn method_of(method: Method, overrides: &[&str]) -> Result<Method, Failure> {
        let mut request = Request::builder().method(method);
        for name in overrides {
            request = request.header("X-HTTP-Method-Override", *name);
        }
        super::method(&request.body(()).unwrap().into_parts().0)
    }

    /// Rows: 1.1-api-3.12-01
    #[test]
    fn a_post_can_stand_for_another_method() {
        assert_eq!(method_of(Method::POST, &["delete"]).unwrap(), Method::DELETE);
        assert_eq!(method_of(Method::POST, &["PATCH"]).unwrap(), Method::PATCH);
        assert_eq!(method_of(Method::POST, &["PUT"]).unwrap(), Method::PUT);
        assert_eq!(method_of(Method::POST, &[]).unwrap(), Method::POST);
        assert_eq!(method_of(Method::GET, &["DELETE"]).unwrap(), Method::GET);
        for refused in [&["GET"][..], &["PURGE"], &[""], &["PUT", "DELETE"]] {
            assert!(matches!(method_of(Method::POST, refused), Err(Failure::MethodOverride)), "{refused:?}");
        }
    }

    /// Rows: 1.1-api-3.6-02
    #[test]
    fn a_suffix_names_the_format() {
        for (last, expected) in [
            ("x.json", (Some(Suffix::Json), "x")),
            ("Users.XML", (Some(Suffix::Xml), "Users")),
            ("urn:scim:schemas:core:1.0", (None, "urn:scim:schemas:core:1.0")),
            (".json", (None, ".json")),
        ] {
            let mut segments = ["Users".to_owned(), last.to_owned()];
            assert_eq!((Suffix::take(&mut segments), segments[1].as_str()), expected);
        }
        assert_eq!(Suffix::take(&mut []), None);
    }
}
