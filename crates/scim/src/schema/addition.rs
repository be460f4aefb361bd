//! What a tenant adds to the built-in schemas: documents as RFC 7643 sections 6 and 7 define them.

use std::sync::Arc;

use serde_json::Value;

use super::{GROUP, LoadError, RESOURCE_TYPE, ResourceType, SCHEMA, Schema, SchemaExtension, USER};

/// The largest document that is read, in bytes of its JSON.
pub const LARGEST_DOCUMENT: usize = 256 * 1024;

/// One thing that is added.
#[derive(Clone, Debug, PartialEq)]
pub enum Addition {
    Schema(Arc<Schema>),
    ResourceType(ResourceType),
    /// An extension of a resource type that is defined elsewhere: a built-in one, or one of another document.
    Extension {
        resource_type: String,
        extension: SchemaExtension,
    },
}

/// Why additions cannot be used: in which document, at which place in it, and what to do there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{document}: {error}")]
pub struct AdditionError {
    /// In words, such as `schema urn:example:Badge`.
    pub document: String,
    pub error: LoadError,
}

impl AdditionError {
    pub(super) fn new(document: impl Into<String>, place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { document: document.into(), error: LoadError { place: place.into(), problem: problem.into() } }
    }
}

impl Addition {
    /// Reads one document, a JSON array of documents, or a list as `/Schemas` and `/ResourceTypes` answer it. A document
    /// of a built-in resource type adds the extensions that it lists beyond the built-in ones.
    pub fn read(document: &Value) -> Result<Vec<Self>, AdditionError> {
        let listed = match document {
            Value::Array(listed) => listed.as_slice(),
            Value::Object(members) => match members.get("Resources") {
                Some(Value::Array(listed)) => listed.as_slice(),
                _ => std::slice::from_ref(document),
            },
            _ => std::slice::from_ref(document),
        };
        let mut additions = Vec::new();
        for (position, one) in listed.iter().enumerate() {
            let called = if listed.len() == 1 { "document".to_owned() } else { format!("document {}", position + 1) };
            additions.extend(read_one(one, &called)?);
        }
        Ok(additions)
    }

    /// What it is called in messages.
    pub fn words(&self) -> String {
        match self {
            Self::Schema(schema) => words_of_schema(&schema.id),
            Self::ResourceType(resource_type) => words_of_type(&resource_type.name),
            Self::Extension { resource_type, extension } => {
                format!("extension {} of {resource_type}", extension.schema)
            }
        }
    }
}

pub(super) fn words_of_schema(urn: &str) -> String {
    format!("schema {urn}")
}

pub(super) fn words_of_type(name: &str) -> String {
    format!("resource type {name}")
}

fn read_one(document: &Value, called: &str) -> Result<Vec<Addition>, AdditionError> {
    let called = |kind: &str, name: &str| match document.get(name).and_then(Value::as_str) {
        Some(name) => format!("{kind} {name}"),
        None => called.to_owned(),
    };
    if document.to_string().len() > LARGEST_DOCUMENT {
        let problem = format!("has more than {LARGEST_DOCUMENT} bytes; define fewer attributes in one schema");
        return Err(AdditionError::new(called("schema", "id"), "document", problem));
    }
    if is_of(document, SCHEMA, "attributes") {
        let schema =
            Schema::parse(document).map_err(|error| AdditionError { document: called("schema", "id"), error })?;
        return Ok(vec![Addition::Schema(Arc::new(schema))]);
    }
    if is_of(document, RESOURCE_TYPE, "endpoint") {
        let called = called("resource type", "name");
        let read = ResourceType::parse(document).map_err(|error| AdditionError { document: called.clone(), error })?;
        return if is_builtin(&read.name) {
            extensions_of_builtin(read)
        } else {
            Ok(vec![Addition::ResourceType(read)])
        };
    }
    Err(AdditionError::new(
        called("document", "id"),
        "schemas",
        format!("must name {SCHEMA} for a schema or {RESOURCE_TYPE} for a resource type"),
    ))
}

/// By what the document says it is, else by the member that only such a document has.
fn is_of(document: &Value, urn: &str, member: &str) -> bool {
    match document.get("schemas") {
        Some(Value::Array(urns)) => urns.iter().filter_map(Value::as_str).any(|one| one.eq_ignore_ascii_case(urn)),
        _ => document.get(member).is_some(),
    }
}

fn is_builtin(name: &str) -> bool {
    ["User", "Group"].iter().any(|builtin| builtin.eq_ignore_ascii_case(name))
}

/// The document may repeat what is so in any case, and nothing else.
fn extensions_of_builtin(read: ResourceType) -> Result<Vec<Addition>, AdditionError> {
    let (name, endpoint, schema) =
        if read.name.eq_ignore_ascii_case("User") { ("User", "/Users", USER) } else { ("Group", "/Groups", GROUP) };
    for (place, found, expected) in [("endpoint", &read.endpoint, endpoint), ("schema", &read.schema, schema)] {
        if !found.eq_ignore_ascii_case(expected) {
            let problem = format!("cannot be changed for a built-in resource type; set it to {expected}");
            return Err(AdditionError::new(words_of_type(name), place, problem));
        }
    }
    let own = read.schema_extensions.into_iter().filter(|one| !one.schema.eq_ignore_ascii_case(super::ENTERPRISE_USER));
    Ok(own.map(|extension| Addition::Extension { resource_type: name.to_owned(), extension }).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn documents_are_told_apart_by_what_they_say_they_are() {
        let badge = json!({ "schemas": [SCHEMA], "id": "urn:example:Badge", "attributes": [{ "name": "colour" }] });
        let badges = json!({ "name": "Badge", "endpoint": "/Badges", "schema": "urn:example:Badge" });
        let read = Addition::read(&json!([badge, badges])).unwrap();
        assert_eq!(
            read.iter().map(Addition::words).collect::<Vec<_>>(),
            ["schema urn:example:Badge", "resource type Badge",]
        );
        assert_eq!(Addition::read(&json!({ "totalResults": 2, "Resources": [badge, badges] })).unwrap(), read);
        assert_eq!(Addition::read(&badge).unwrap(), read[..1]);
    }

    #[test]
    fn a_document_of_a_built_in_type_adds_its_further_extensions() {
        let mut user = json!({
            "schemas": [RESOURCE_TYPE], "name": "User", "endpoint": "/Users", "schema": USER,
            "schemaExtensions": [
                { "schema": super::super::ENTERPRISE_USER, "required": false },
                { "schema": "urn:example:Badge", "required": true },
            ],
        });
        let read = Addition::read(&user).unwrap();
        assert_eq!(read.iter().map(Addition::words).collect::<Vec<_>>(), ["extension urn:example:Badge of User"]);
        user["endpoint"] = json!("/People");
        let refused = Addition::read(&user).unwrap_err().to_string();
        assert_eq!(
            refused,
            "resource type User: endpoint: cannot be changed for a built-in resource type; set it to /Users"
        );
    }

    #[test]
    fn a_refusal_names_the_document() {
        for (document, said) in [
            (json!([{ "id": "a" }, 7]), "document a: schemas: must name"),
            (json!(7), "document: schemas"),
            (json!({ "id": "urn:a:b", "attributes": 7 }), "schema urn:a:b: attributes: must be a JSON array"),
            (json!({ "name": "Badge", "endpoint": "/a/b", "schema": "urn:a:b" }), "resource type Badge: endpoint"),
        ] {
            let refused = Addition::read(&document).unwrap_err().to_string();
            assert!(refused.starts_with(said), "{refused:?} should begin with {said:?}");
        }
        let long = json!({ "id": "urn:a:b", "attributes": [], "description": "x".repeat(LARGEST_DOCUMENT) });
        assert!(Addition::read(&long).unwrap_err().to_string().contains("262144 bytes"));
    }
}
