//! How conflicts are told to people and programs.

use muster_app::ownership::ConflictDetails;
use muster_model::Connection;
use serde_json::{Value, json};

use crate::commands::connection::{Opened, date};
use crate::failure::Failure;
use crate::output;

pub(super) fn as_json(details: &ConflictDetails) -> Value {
    let conflict = &details.conflict;
    json!({
        "id": conflict.id.to_string(),
        "tenant": details.tenant.name,
        "state": conflict.state.as_str(),
        "connection": { "id": conflict.connection.to_string(), "name": name(details.connection.as_ref()) },
        "attribute": conflict.attribute,
        "resource": {
            "id": conflict.resource.to_string(),
            "type": conflict.resource_type.as_str(),
            "display": details.resource.as_ref().and_then(|resource| resource.display.as_deref()),
        },
        "owner": details.owner.as_ref().map(|owner| json!({ "id": owner.id.to_string(), "name": owner.name })),
        "first_seen": conflict.first_seen.to_string(),
        "last_seen": conflict.last_seen.to_string(),
        "count": conflict.count,
    })
}

/// One conflict as an object, several as a list of them.
pub(super) fn print(opened: &Opened, all: &[ConflictDetails]) -> Result<(), Failure> {
    if opened.json {
        return match all {
            [one] => output::print_json(&as_json(one)),
            many => output::print_json(&json!({ "conflicts": many.iter().map(as_json).collect::<Vec<_>>() })),
        };
    }
    output::print(&all.iter().map(as_text).collect::<Vec<_>>().join("\n"))
}

/// One fact a line.
fn as_text(details: &ConflictDetails) -> String {
    let conflict = &details.conflict;
    let called = details.resource.as_ref().and_then(|resource| resource.display.as_deref()).unwrap_or("without a name");
    format!(
        "conflict       {}\nstate          {}\ntenant         {}\nwanted by      {}\nbecause of     {}\nresource       {} {}, {}\n\
         owned by       {}\nrefused        {} times, from {} to {}\n",
        conflict.id,
        conflict.state.as_str(),
        details.tenant.name,
        wanted_by(details),
        conflict.attribute,
        conflict.resource_type,
        conflict.resource,
        called,
        owned_by(details),
        conflict.count,
        date(Some(conflict.first_seen)),
        date(Some(conflict.last_seen)),
    )
}

pub(super) fn wanted_by(details: &ConflictDetails) -> String {
    details.connection.as_ref().map_or_else(|| details.conflict.connection.to_string(), named)
}

pub(super) fn owned_by(details: &ConflictDetails) -> String {
    details.owner.as_ref().map_or_else(|| "nobody".to_owned(), named)
}

fn named(connection: &Connection) -> String {
    format!("{} ({})", connection.name, connection.id)
}

fn name(connection: Option<&Connection>) -> Option<&str> {
    connection.map(|connection| connection.name.as_str())
}
