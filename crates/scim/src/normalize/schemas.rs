//! The `schemas` of a body (RFC 7643 section 3).

use serde_json::Value;

use super::reader::ValueReader;
use crate::shown_name::shown_name;
use crate::{Error, Repair, ResourceSchema, Result};

/// What SCIM 1.1 calls the schema of users and groups; some identity providers send it to 2.0 endpoints.
const CORE_1_0: &str = "urn:scim:schemas:core:1.0";

/// Checks the `schemas` of a resource that is created or replaced. It is not stored: what a resource holds decides
/// which schemas it lists.
pub(super) fn check_schemas(schema: &ResourceSchema, sent: Option<&Value>, reader: &mut ValueReader) -> Result<()> {
    let listed = match sent {
        None | Some(Value::Null) => &[],
        Some(sent) => listed_urns(sent, reader)?,
    };
    let mut names_base = false;
    for urn in check_known(schema, listed, reader)? {
        let stands_for_base = reader.leniency.ignore_unknown_attributes && urn.eq_ignore_ascii_case(CORE_1_0);
        names_base |= stands_for_base || urn.eq_ignore_ascii_case(&schema.base().id);
    }
    if names_base {
        return Ok(());
    }
    if !reader.leniency.missing_schemas {
        return Err(base_is_missing(schema));
    }
    reader.note(Repair::SchemasAssumed);
    Ok(())
}

/// Checks `schemas` as the value of a PATCH operation on it, which changes nothing by itself.
pub(crate) fn check_added_schemas(schema: &ResourceSchema, sent: &Value, reader: &mut ValueReader) -> Result<()> {
    let listed = listed_urns(sent, reader)?;
    check_known(schema, listed, reader).map(|_| ())
}

fn listed_urns<'a>(sent: &'a Value, reader: &ValueReader) -> Result<&'a [Value]> {
    match sent {
        Value::Array(listed) => Ok(listed),
        Value::String(_) if reader.leniency.wrap_values => Ok(std::slice::from_ref(sent)),
        _ => Err(Error::invalid_syntax("\"schemas\" must be a list of URNs")),
    }
}

/// All URNs of the list, known or not; those that the resource type does not declare are noted or refused.
fn check_known<'a>(schema: &ResourceSchema, listed: &'a [Value], reader: &mut ValueReader) -> Result<Vec<&'a str>> {
    let mut urns = Vec::with_capacity(listed.len());
    for one in listed {
        let Some(urn) = one.as_str() else {
            return Err(Error::invalid_syntax("\"schemas\" must be a list of URNs"));
        };
        if !urn.eq_ignore_ascii_case(&schema.base().id) && schema.extension(urn).is_none() {
            let shown = shown_name(urn);
            if !reader.leniency.ignore_unknown_attributes {
                return Err(Error::invalid_syntax(format!(
                    "\"schemas\" lists \"{shown}\", which {} does not declare",
                    schema.resource_type().name
                )));
            }
            reader.note(Repair::UnknownSchemaDropped { urn: shown });
        }
        urns.push(urn);
    }
    Ok(urns)
}

fn base_is_missing(schema: &ResourceSchema) -> Error {
    Error::invalid_syntax(format!("\"schemas\" must list \"{}\"", schema.base().id))
}
