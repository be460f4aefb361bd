//! Names that differ between the versions: the URNs of the schemas and one sub-attribute.

use std::borrow::Cow;

use crate::path::AttributePath;
use crate::schema::{self, Schema};

/// The one URN of users, groups, schemas and the service provider's configuration (core schema 1.1, sections 5 to 10).
pub const CORE: &str = "urn:scim:schemas:core:1.0";
/// The enterprise extension (core schema 1.1, section 7).
pub const ENTERPRISE_USER: &str = "urn:scim:schemas:extension:enterprise:1.0";

/// A sub-attribute with another name in each version.
pub(super) struct Renamed {
    extension: &'static str,
    attribute: &'static str,
    pub(super) in_1_1: &'static str,
    pub(super) in_2_0: &'static str,
}

/// Core schema 1.1, section 7, and RFC 7643 section 4.3.
const RENAMED: [Renamed; 1] =
    [Renamed { extension: schema::ENTERPRISE_USER, attribute: "manager", in_1_1: "managerId", in_2_0: "value" }];

/// What is called otherwise in that attribute of an extension (the URN is that of 2.0).
pub(super) fn renamed_in(extension: Option<&str>, attribute: &str) -> Option<&'static Renamed> {
    RENAMED.iter().find(|renamed| {
        extension.is_some_and(|urn| urn.eq_ignore_ascii_case(renamed.extension))
            && attribute.eq_ignore_ascii_case(renamed.attribute)
    })
}

/// The URN by which 1.1 knows a schema. A tenant's own schemas have one URN in both versions.
pub(super) fn urn_in_1_1(urn: &str) -> &str {
    match urn {
        schema::USER | schema::GROUP | schema::SCHEMA | schema::SERVICE_PROVIDER_CONFIG | schema::RESOURCE_TYPE => CORE,
        schema::ENTERPRISE_USER => ENTERPRISE_USER,
        other => other,
    }
}

/// The URN of `schemas` in 2.0, where `base` is the schema of the endpoint.
pub(super) fn urn_in_2_0<'a>(urn: &'a str, base: &'a Schema) -> &'a str {
    if is_core(urn) {
        &base.id
    } else if urn.eq_ignore_ascii_case(ENTERPRISE_USER) {
        schema::ENTERPRISE_USER
    } else {
        urn
    }
}

/// The name of a body's member: a plain name, an extension's URN, or attribute notation.
pub(super) fn member_in_2_0(name: &str) -> Cow<'_, str> {
    if name.eq_ignore_ascii_case(ENTERPRISE_USER) {
        return Cow::Borrowed(schema::ENTERPRISE_USER);
    }
    if !name.contains(':') {
        return Cow::Borrowed(name);
    }
    match AttributePath::parse(name) {
        Ok(path) => Cow::Owned(path_in_2_0(path).to_string()),
        Err(_) => Cow::Borrowed(name),
    }
}

/// A path in attribute notation (protocol 1.1, section 3.8). Core attributes need no URN in 2.0.
pub(super) fn path_in_2_0(mut path: AttributePath) -> AttributePath {
    let Some(urn) = path.urn.take() else { return path };
    if is_core(&urn) {
        return path;
    }
    if urn.eq_ignore_ascii_case(ENTERPRISE_USER) {
        if let Some(renamed) = renamed_in(Some(schema::ENTERPRISE_USER), &path.attribute)
            && path.sub_attribute.as_ref().is_some_and(|sub| sub.eq_ignore_ascii_case(renamed.in_1_1))
        {
            path.sub_attribute = Some(renamed.in_2_0.to_owned());
        }
        path.urn = Some(schema::ENTERPRISE_USER.to_owned());
        return path;
    }
    // The bare URN of the extension arrives split, see `AttributePath`.
    if path.sub_attribute.is_none()
        && format!("{urn}:{}", path.attribute).eq_ignore_ascii_case(ENTERPRISE_USER)
        && let Ok(extension) = AttributePath::parse(schema::ENTERPRISE_USER)
    {
        return extension;
    }
    path.urn = Some(urn);
    path
}

/// A text for people in which 2.0 names its schemas, in the names of 1.1.
pub(super) fn text_in_1_1(text: &str) -> String {
    let mut text = text.to_owned();
    for renamed in &RENAMED {
        let notation = |urn: &str, sub: &str| format!("{urn}:{}.{sub}", renamed.attribute);
        text = text.replace(
            &notation(renamed.extension, renamed.in_2_0),
            &notation(urn_in_1_1(renamed.extension), renamed.in_1_1),
        );
    }
    for urn in [schema::USER, schema::GROUP, schema::ENTERPRISE_USER] {
        text = text.replace(urn, urn_in_1_1(urn));
    }
    text
}

/// The URN itself, or the id of a schema that begins with it (core schema 1.1, section 11.6).
fn is_core(urn: &str) -> bool {
    let Some((head, tail)) = urn.split_at_checked(CORE.len()) else { return false };
    head.eq_ignore_ascii_case(CORE)
        && (tail.is_empty() || tail.eq_ignore_ascii_case(":User") || tail.eq_ignore_ascii_case(":Group"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated(text: &str) -> String {
        path_in_2_0(AttributePath::parse(text).unwrap()).to_string()
    }

    /// URNs and names match in any letter case, and the core URN has no `:User` at its end.
    ///
    /// Rows: 1.1-api-3.8-01, 1.1-core-7-01
    #[test]
    fn paths_are_translated() {
        for (text, expected) in [
            ("userName", "userName"),
            ("urn:scim:schemas:core:1.0:userName", "userName"),
            ("URN:SCIM:Schemas:Core:1.0:name.givenName", "name.givenName"),
            ("urn:scim:schemas:core:1.0:User:userName", "userName"),
            ("urn:scim:schemas:core:1.0:emails.value", "emails.value"),
            (
                "urn:scim:schemas:extension:enterprise:1.0:manager.managerId",
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
            ),
            (
                "urn:scim:schemas:extension:enterprise:1.0:Manager.MANAGERID",
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:Manager.value",
            ),
            (
                "urn:scim:schemas:extension:enterprise:1.0:department",
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
            ),
            ("urn:scim:schemas:extension:enterprise:1.0", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"),
            ("urn:hr:schemas:user:age", "urn:hr:schemas:user:age"),
        ] {
            assert_eq!(translated(text), expected, "{text}");
        }
    }

    #[test]
    fn members_are_translated_and_strangers_left_alone() {
        assert_eq!(member_in_2_0("Urn:scim:schemas:extension:Enterprise:1.0"), schema::ENTERPRISE_USER);
        assert_eq!(member_in_2_0("urn:scim:schemas:core:1.0:title"), "title");
        assert_eq!(member_in_2_0("urn:okta:custom:group:1.0"), "urn:okta:custom:group:1.0");
        assert_eq!(member_in_2_0(":::"), ":::");
    }

    #[test]
    fn texts_name_what_the_client_knows() {
        let text = format!("\"{}:manager.value\" and \"{}\"", schema::ENTERPRISE_USER, schema::USER);
        assert_eq!(text_in_1_1(&text), format!("\"{ENTERPRISE_USER}:manager.managerId\" and \"{CORE}\""));
    }
}
