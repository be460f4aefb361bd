//! An element that points at a resource says which one (RFC 7643 section 2.4).

use serde_json::Value;

use super::identity::points_at_resources;
use super::place::Place;
use super::reader::{ValueReader, is_writable};
use crate::{Error, Repair, Result};

/// Gives an element of a list of references that has a `$ref` alone the `value` that its `$ref` ends in.
pub(super) fn complete_reference(reader: &mut ValueReader, place: Place, element: &mut Value) -> Result<()> {
    let definition = place.definition();
    if !points_at_resources(definition) || !definition.sub_attribute("value").is_some_and(|sub| is_writable(sub)) {
        return Ok(());
    }
    let Value::Object(members) = element else { return Ok(()) };
    if members.contains_key("value") {
        return Ok(());
    }
    let Some(reference) = members.get("$ref").and_then(Value::as_str) else { return Ok(()) };
    if !reader.leniency.value_from_reference {
        return Err(Error::invalid_value(format!("{place} has a \"$ref\" and no \"value\"; send its \"value\"")));
    }
    let Some(id) = id_at_the_end(reference) else {
        return Err(Error::invalid_value(format!(
            "{place} has no \"value\", and its \"$ref\" does not end in the id of a resource"
        )));
    };
    members.insert("value".to_owned(), Value::from(id));
    reader.note(Repair::ValueFromReference { attribute: place.notation() });
    Ok(())
}

/// The last segment of a path that has at least an endpoint before it: `../Users/26`, `https://example.com/Users/26`.
/// An escaped or dotted segment is left alone, rather than that somebody else is named.
fn id_at_the_end(reference: &str) -> Option<&str> {
    let path = reference.split(['?', '#']).next()?;
    let path = match path.split_once("://") {
        Some((_, after_scheme)) => after_scheme.split_once('/')?.1,
        None => path,
    };
    let (before, id) = path.trim_end_matches('/').rsplit_once('/')?;
    let is_id = !id.is_empty() && !id.contains('%') && id != "." && id != "..";
    (is_id && !before.trim_matches('/').is_empty()).then_some(id)
}
