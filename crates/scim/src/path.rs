//! Attribute notation (RFC 7644 section 3.10) and PATCH paths (section 3.5.2, figure 7), as written.

use std::fmt;

use crate::filter::{Filter, PositionedProblem, parse_patch_path};
use crate::{Error, Leniency, Result};

/// An attribute as a client names it: `userName`, `name.givenName`, `urn:…:User:manager.value`. Not yet looked up in
/// a schema; see [`crate::ResourceSchema::resolve`].
///
/// The URN is everything before the last colon. The bare URN of an extension therefore arrives split
/// (`urn = "urn:…:2.0"`, `attribute = "User"`); resolving puts it together again. So that this also works for URNs
/// that end in a version (`urn:scim:schemas:extension:enterprise:1.0`), a last segment that begins with a digit or a
/// slash, as no attribute name can, is kept whole.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AttributePath {
    pub urn: Option<String>,
    pub attribute: String,
    pub sub_attribute: Option<String>,
}

/// The `path` of a PATCH operation (RFC 7644 figure 7): `attrPath` or `valuePath [subAttr]`.
#[derive(Clone, Debug, PartialEq)]
pub enum PatchPath {
    Attribute(AttributePath),
    /// `members[value eq "2819c223"]`, `emails[type eq "work"].display`. The path itself has no sub-attribute.
    Elements {
        attribute: AttributePath,
        filter: Filter,
        sub_attribute: Option<String>,
    },
}

impl AttributePath {
    /// Reads attribute notation; spaces at the ends are tolerated.
    pub fn parse(text: &str) -> Result<Self> {
        let trimmed = text.trim_ascii();
        let offset = text.len().saturating_sub(text.trim_ascii_start().len());
        Self::parse_exactly(trimmed).map_err(|problem| Error::invalid_path(problem.after(offset).to_string()))
    }

    /// As [`Self::parse`] without tolerance for spaces; the position counts from the beginning of `text`.
    pub(crate) fn parse_exactly(text: &str) -> Result<Self, PositionedProblem> {
        let Some((urn, name)) = text.rsplit_once(':') else {
            return Self::parse_name(None, text);
        };
        check_urn(urn)?;
        let offset = text.len().saturating_sub(name.len());
        if name.starts_with(|first: char| first.is_ascii_digit() || first == '/') {
            check_urn_characters(name).map_err(|problem| problem.after(offset))?;
            return Ok(Self { urn: Some(urn.to_owned()), attribute: name.to_owned(), sub_attribute: None });
        }
        Self::parse_name(Some(urn), name).map_err(|problem| problem.after(offset))
    }

    fn parse_name(urn: Option<&str>, name: &str) -> Result<Self, PositionedProblem> {
        let (attribute, sub_attribute) = match name.split_once('.') {
            Some((attribute, sub_attribute)) => (attribute, Some(sub_attribute)),
            None => (name, None),
        };
        check_attribute_name(attribute)?;
        if let Some(sub_attribute) = sub_attribute {
            let offset = attribute.len().saturating_add(1);
            check_attribute_name(sub_attribute).map_err(|problem| problem.after(offset))?;
        }
        Ok(Self {
            urn: urn.map(str::to_owned),
            attribute: attribute.to_owned(),
            sub_attribute: sub_attribute.map(str::to_owned),
        })
    }
}

impl PatchPath {
    /// Reads a PATCH path. What is wrong inside the brackets is `invalidFilter`, anything else (a bracket
    /// that is never closed, too) `invalidPath` (RFC 7644 section 3.12, table 9).
    pub fn parse(text: &str, leniency: &Leniency) -> Result<Self> {
        parse_patch_path(text, leniency)
    }
}

/// ATTRNAME of RFC 7643 section 2.1, or `$ref`, which that grammar forgot (erratum 8924).
pub(crate) fn is_attribute_name(name: &str) -> bool {
    check_attribute_name(name).is_ok()
}

pub(crate) fn check_attribute_name(name: &str) -> Result<(), PositionedProblem> {
    if name.eq_ignore_ascii_case("$ref") {
        return Ok(());
    }
    if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return Err(PositionedProblem::new(0, "an attribute name is wanted; it begins with a letter"));
    }
    match name.find(|character: char| !character.is_ascii_alphanumeric() && !"$-_".contains(character)) {
        None => Ok(()),
        Some(position) => Err(PositionedProblem::new(
            position,
            "this character cannot stand in an attribute name; letters, digits, - _ $ can, and one dot before a \
             sub-attribute",
        )),
    }
}

/// The part before the attribute name is a URI (RFC 7644 figure 1); a scheme in front is all that tells it from
/// something else.
fn check_urn(urn: &str) -> Result<(), PositionedProblem> {
    if !urn.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return Err(PositionedProblem::new(
            0,
            "a schema URN is wanted before the colon, such as urn:ietf:params:scim:…",
        ));
    }
    check_urn_characters(urn)
}

fn check_urn_characters(text: &str) -> Result<(), PositionedProblem> {
    // Brackets, parentheses and quotes are left to the filter grammar around the path.
    let stranger = text.find(|character: char| !character.is_ascii_graphic() || "\"<>\\^`{|}[]()".contains(character));
    match stranger {
        None => Ok(()),
        Some(position) => Err(PositionedProblem::new(position, "this character cannot stand in a schema URN")),
    }
}

impl fmt::Display for AttributePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(urn) = &self.urn {
            write!(formatter, "{urn}:")?;
        }
        formatter.write_str(&self.attribute)?;
        if let Some(sub) = &self.sub_attribute {
            write!(formatter, ".{sub}")?;
        }
        Ok(())
    }
}

impl fmt::Display for PatchPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attribute(path) => path.fmt(formatter),
            Self::Elements { attribute, filter, sub_attribute } => {
                write!(formatter, "{attribute}[{filter}]")?;
                match sub_attribute {
                    Some(sub) => write!(formatter, ".{sub}"),
                    None => Ok(()),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ScimType;

    fn parts(text: &str) -> (Option<String>, String, Option<String>) {
        let path = AttributePath::parse(text).unwrap();
        (path.urn, path.attribute, path.sub_attribute)
    }

    #[test]
    fn attribute_notation_is_taken_apart() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(parts("userName"), (None, "userName".into(), None));
        assert_eq!(parts("  name.givenName "), (None, "name".into(), some("givenName")));
        assert_eq!(parts("members.$ref"), (None, "members".into(), some("$ref")));
        assert_eq!(parts("a$b-c_1"), (None, "a$b-c_1".into(), None));
        assert_eq!(
            parts("urn:a:b:2.0:User:manager.value"),
            (some("urn:a:b:2.0:User"), "manager".into(), some("value"))
        );
        assert_eq!(parts("urn:a:b:2.0:User"), (some("urn:a:b:2.0"), "User".into(), None));
        assert_eq!(parts("urn:scim:schemas:core:1.0"), (some("urn:scim:schemas:core"), "1.0".into(), None));
        assert_eq!(parts("urn:a:b:2.0:User.manager"), (some("urn:a:b:2.0"), "User".into(), some("manager")));
    }

    #[test]
    fn what_is_not_a_path_is_refused_with_its_place() {
        for (text, position) in [
            ("", 1),
            (".", 1),
            ("1a", 1),
            ("$value", 1),
            ("a b", 2),
            ("name.", 6),
            ("a.b.c", 4),
            (" na\u{ef}ve", 4),
            (":userName", 1),
            ("urn:a b:c", 6),
            ("urn:a:", 7),
            ("emails[type", 7),
        ] {
            let error = AttributePath::parse(text).unwrap_err();
            assert_eq!(error.scim_type, ScimType::InvalidPath);
            assert!(error.detail.starts_with(&format!("at position {position}: ")), "{text:?}: {}", error.detail);
        }
    }

    #[test]
    fn paths_are_printed_as_they_were_written() {
        for text in ["userName", "name.givenName", "urn:a:b:2.0:User:manager.$ref", "urn:a:1.0", "http://a.example/b:c"]
        {
            assert_eq!(AttributePath::parse(text).unwrap().to_string(), text);
        }
    }
}
