//! The published schemas (RFC 7643 section 7).

use serde_json::{Value, json};

use super::super::announced::{Feature, extensions};
use super::super::area::Area;
use super::super::check::Check;
use super::super::session::Session;
use super::super::verdict::{Verdict, ensure, skip};
use crate::likeness::member;
use crate::wire::Ask;

const AREA: Area = Area::Discovery;

pub(super) fn checks() -> Vec<Check> {
    vec![
        Check::new(AREA, "schemas", "RFC 7644 section 4", "/Schemas is a list of schemas",
            "Answer 200 with a ListResponse.", schemas),
        Check::new(AREA, "schema-by-id", "RFC 7644 section 4", "each schema can be read by its URN",
            "Answer /Schemas/{urn}.", schema_by_id),
        Check::new(AREA, "schema-unknown", "RFC 7644 section 4", "a schema that does not exist is answered with 404",
            "Answer 404 with an Error body.", schema_unknown),
        Check::new(AREA, "schemas-complete", "RFC 7643 section 6", "every schema that a resource type names is published",
            "Publish the base schema and the extensions of every resource type.", schemas_complete),
        Check::new(AREA, "no-message-schemas", "RFC 7644 section 3.1", "message schemas are not published",
            "Leave urn:ietf:params:scim:api:messages out of /Schemas.", no_message_schemas),
        Check::new(AREA, "attributes-formed", "RFC 7643 section 7", "every published attribute is well formed",
            "Give each attribute a name and a type of the eight; do not nest complex attributes; use the defined words for mutability, returned and uniqueness.", attributes_formed),
        Check::new(AREA, "attribute-characteristics", "RFC 7643 section 7", "every published attribute says all its characteristics",
            "Send type, multiValued, description, required, mutability, returned, and caseExact and uniqueness where they mean something.", characteristics).note(),
        Check::new(AREA, "user-name-attribute", "RFC 7643 section 4.1.1", "userName is published as required, unique and without regard to case",
            "Publish required true, uniqueness server (or global) and caseExact false.", user_name),
        Check::new(AREA, "password-attribute", "RFC 7643 section 4.1.1", "password is published as writeOnly and never returned",
            "Publish mutability writeOnly and returned never.", password),
        Check::new(AREA, "group-name-attribute", "RFC 7643 section 4.2", "displayName of Group is published as required",
            "Publish required true (erratum 5368).", group_name).warning().needs(Feature::Groups),
        Check::new(AREA, "groups-attribute", "RFC 7643 section 4.1.2", "groups of User is published as readOnly",
            "Publish mutability readOnly; memberships change through Group.", groups),
    ]
}

fn schemas(session: &mut Session<'_>) -> Verdict {
    let answer = session.send(&Ask::get("/Schemas"))?;
    answer.expect_list()?;
    answer.expect_at("/schemas", &json!([scim::message::LIST_RESPONSE]))?;
    ensure(!answer.resources().is_empty(), || "Resources is missing or empty".to_owned())
}

fn published(session: &Session<'_>) -> Verdict<Vec<Value>> {
    let schemas = session.announced.schemas.clone();
    if schemas.is_empty() { skip("/Schemas could not be read") } else { Ok(schemas) }
}

fn schema_by_id(session: &mut Session<'_>) -> Verdict {
    for schema in published(session)? {
        let id = member(&schema, "/id").as_str().unwrap_or_default();
        ensure(!id.is_empty(), || "a schema has no id".to_owned())?;
        let answer = session.send(&Ask::get(format!("/Schemas/{id}")))?;
        answer.expect_object(&[200])?;
        answer.expect_at("/id", &json!(id))?;
    }
    Ok(())
}

fn schema_unknown(session: &mut Session<'_>) -> Verdict {
    session.send(&Ask::get(format!("/Schemas/urn:no:such:{}", session.marker)))?.expect(&[404])
}

fn schemas_complete(session: &mut Session<'_>) -> Verdict {
    published(session)?;
    let base = |kind: &Value| member(kind, "/schema").as_str().map(str::to_owned);
    let types = &session.announced.resource_types;
    let named = types.iter().filter_map(base).chain(types.iter().flat_map(extensions).map(str::to_owned));
    let missing: Vec<String> = named.filter(|urn| session.announced.schema(urn).is_none()).collect();
    ensure(missing.is_empty(), || format!("not published: {}", missing.join(", ")))
}

fn no_message_schemas(session: &mut Session<'_>) -> Verdict {
    for schema in published(session)? {
        let id = member(&schema, "/id").as_str().unwrap_or_default();
        ensure(!id.starts_with("urn:ietf:params:scim:api:"), || format!("{id} is published"))?;
    }
    Ok(())
}

/// Each attribute with its place in words, sub-attributes too.
fn every_attribute(schema: &Value) -> Vec<(String, &Value, bool)> {
    let mut found = Vec::new();
    for attribute in member(schema, "/attributes").as_array().into_iter().flatten() {
        let name = member(attribute, "/name").as_str().unwrap_or("(without a name)").to_owned();
        for sub in member(attribute, "/subAttributes").as_array().into_iter().flatten() {
            let sub_name = member(sub, "/name").as_str().unwrap_or("(without a name)");
            found.push((format!("{name}.{sub_name}"), sub, true));
        }
        found.push((name, attribute, false));
    }
    found
}

fn attributes_formed(session: &mut Session<'_>) -> Verdict {
    const TYPES: [&str; 8] = ["string", "boolean", "decimal", "integer", "dateTime", "reference", "complex", "binary"];
    let words = [
        ("mutability", &["readOnly", "readWrite", "immutable", "writeOnly"][..]),
        ("returned", &["always", "never", "default", "request"][..]),
        ("uniqueness", &["none", "server", "global"][..]),
    ];
    for schema in published(session)? {
        let id = member(&schema, "/id").as_str().unwrap_or_default();
        for (name, attribute, is_sub) in every_attribute(&schema) {
            ensure(member(attribute, "/name").is_string(), || format!("{id}: {name}"))?;
            let kind = member(attribute, "/type").as_str().unwrap_or("missing");
            ensure(TYPES.contains(&kind), || format!("{id}: {name} has type {kind}"))?;
            // The schema of schemas describes itself, and does not keep its own rule (RFC 7643 section 8.7.2).
            let is_nested = is_sub && kind == "complex" && id != scim::schema::SCHEMA;
            ensure(!is_nested, || format!("{id}: {name} is complex inside a complex attribute"))?;
            for (characteristic, allowed) in words {
                let found = member(attribute, &format!("/{characteristic}"));
                let is_allowed = found.is_null() || found.as_str().is_some_and(|word| allowed.contains(&word));
                ensure(is_allowed, || format!("{id}: {name} has {characteristic} {found}"))?;
            }
        }
    }
    Ok(())
}

fn characteristics(session: &mut Session<'_>) -> Verdict {
    let mut missing = Vec::new();
    for schema in published(session)? {
        for (name, attribute, _) in every_attribute(&schema) {
            for wanted in ["type", "multiValued", "required", "mutability", "returned"] {
                if member(attribute, &format!("/{wanted}")).is_null() {
                    missing.push(format!("{name} has no {wanted}"));
                }
            }
        }
    }
    let some: Vec<&str> = missing.iter().take(8).map(String::as_str).collect();
    ensure(missing.is_empty(), || format!("{} missing, among them: {}", missing.len(), some.join("; ")))
}

fn attribute(session: &Session<'_>, urn: &str, name: &str) -> Verdict<Value> {
    let attributes = session.announced.schema(urn).map(|schema| member(schema, "/attributes"));
    let found = attributes.and_then(Value::as_array).and_then(|attributes| {
        attributes
            .iter()
            .find(|one| member(one, "/name").as_str().is_some_and(|known| known.eq_ignore_ascii_case(name)))
    });
    found.map_or_else(|| skip(format!("{name} is not published in {urn}")), |found| Ok(found.clone()))
}

/// A characteristic that is missing has its default (RFC 7643 section 2.2).
fn has(attribute: &Value, characteristic: &str, default: &Value, allowed: &[Value]) -> Verdict {
    let found = match member(attribute, &format!("/{characteristic}")) {
        Value::Null => default,
        found => found,
    };
    ensure(allowed.contains(found), || format!("{characteristic} is {found}"))
}

fn user_name(session: &mut Session<'_>) -> Verdict {
    let attribute = attribute(session, scim::schema::USER, "userName")?;
    has(&attribute, "required", &json!(false), &[json!(true)])?;
    has(&attribute, "uniqueness", &json!("none"), &[json!("server"), json!("global")])?;
    has(&attribute, "caseExact", &json!(false), &[json!(false)])
}

fn password(session: &mut Session<'_>) -> Verdict {
    let attribute = attribute(session, scim::schema::USER, "password")?;
    has(&attribute, "mutability", &json!("readWrite"), &[json!("writeOnly")])?;
    has(&attribute, "returned", &json!("default"), &[json!("never")])
}

fn group_name(session: &mut Session<'_>) -> Verdict {
    let attribute = attribute(session, scim::schema::GROUP, "displayName")?;
    has(&attribute, "required", &json!(false), &[json!(true)])
}

fn groups(session: &mut Session<'_>) -> Verdict {
    let attribute = attribute(session, scim::schema::USER, "groups")?;
    has(&attribute, "mutability", &json!("readWrite"), &[json!("readOnly")])
}
