//! The resource types that the server has (RFC 7643 section 6).

use serde_json::{Value, json};

use super::super::announced::extensions;
use super::super::area::Area;
use super::super::check::Check;
use super::super::session::Session;
use super::super::verdict::{Verdict, ensure, skip};
use crate::likeness::member;
use crate::wire::Ask;

const AREA: Area = Area::Discovery;

pub(super) fn checks() -> Vec<Check> {
    vec![
        Check::new(
            AREA,
            "resource-types",
            "RFC 7644 section 4",
            "/ResourceTypes is a list of resource types",
            "Answer 200 with a ListResponse.",
            resource_types,
        ),
        Check::new(
            AREA,
            "resource-type-members",
            "RFC 7643 section 6",
            "each resource type has name, endpoint and schema",
            "Send the three members for each type.",
            resource_type_members,
        ),
        Check::new(
            AREA,
            "resource-type-by-name",
            "RFC 7644 section 4",
            "each resource type can be read by its name",
            "Answer /ResourceTypes/{name}.",
            resource_type_by_name,
        ),
        Check::new(
            AREA,
            "endpoints-work",
            "RFC 7644 section 4",
            "the endpoint of each resource type answers",
            "Announce only what is there.",
            endpoints_work,
        ),
        Check::new(
            AREA,
            "resource-type-unknown",
            "RFC 7644 section 4",
            "a resource type that does not exist is answered with 404",
            "Answer 404 with an Error body.",
            resource_type_unknown,
        ),
    ]
}

fn resource_types(session: &mut Session<'_>) -> Verdict {
    let answer = session.send(&Ask::get("/ResourceTypes"))?;
    answer.expect_list()?;
    answer.expect_at("/schemas", &json!([scim::message::LIST_RESPONSE]))?;
    ensure(!answer.resources().is_empty(), || "Resources is missing or empty".to_owned())
}

fn types(session: &Session<'_>) -> Verdict<Vec<Value>> {
    let types = session.announced.resource_types.clone();
    if types.is_empty() { skip("/ResourceTypes could not be read") } else { Ok(types) }
}

fn resource_type_members(session: &mut Session<'_>) -> Verdict {
    for kind in types(session)? {
        let name = member(&kind, "/name").as_str().unwrap_or("(without a name)");
        for wanted in ["name", "endpoint", "schema"] {
            ensure(member(&kind, &format!("/{wanted}")).is_string(), || format!("{name} has no {wanted}"))?;
        }
        let listed = member(&kind, "/schemaExtensions").as_array().map_or(0, Vec::len);
        ensure(extensions(&kind).len() == listed, || format!("an extension of {name} has no schema"))?;
    }
    Ok(())
}

fn resource_type_by_name(session: &mut Session<'_>) -> Verdict {
    for kind in types(session)? {
        let Some(name) = member(&kind, "/name").as_str() else { continue };
        let answer = session.send(&Ask::get(format!("/ResourceTypes/{name}")))?;
        answer.expect_object(&[200])?;
        answer.expect_at("/name", &json!(name))?;
    }
    Ok(())
}

fn endpoints_work(session: &mut Session<'_>) -> Verdict {
    for kind in types(session)? {
        let Some(endpoint) = member(&kind, "/endpoint").as_str() else { continue };
        // Some servers announce an absolute address; the path below the base address is what counts.
        let path = endpoint.trim_start_matches(session.client.base());
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        session.query(&path, &[("count", "1")])?.expect_list()?;
    }
    Ok(())
}

fn resource_type_unknown(session: &mut Session<'_>) -> Verdict {
    session.send(&Ask::get(format!("/ResourceTypes/No{}", session.marker)))?.expect(&[404])
}
