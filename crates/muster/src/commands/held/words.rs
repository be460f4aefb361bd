//! How held changes are told to people and programs.

use muster_app::held::Held;
use muster_model::HeldKind;
use serde_json::{Value, json};

/// The words of one held change: `delete User "bjensen"`.
pub(super) fn what(held: &Held) -> String {
    let operation = &held.operation;
    let name = operation.label.as_deref().map_or_else(|| operation.resource.to_string(), quoted);
    let kind = operation.resource_type.as_str();
    match (operation.kind, operation.members.len()) {
        (HeldKind::Deactivate, _) => format!("deactivate {kind} {name}"),
        (HeldKind::Delete, _) => format!("delete {kind} {name}"),
        (HeldKind::RemoveMembers, 1) => format!("remove 1 member from {kind} {name}"),
        (HeldKind::RemoveMembers, count) => format!("remove {count} members from {kind} {name}"),
    }
}

/// A name that an identity provider chose must not move the cursor of somebody's terminal.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.chars().filter(|letter| !letter.is_control()).collect::<String>())
}

pub(super) fn json_of(held: &Held) -> Value {
    let operation = &held.operation;
    json!({
        "id": operation.id.to_string(),
        "kind": operation.kind.as_str(),
        "tenant": held.tenant.name,
        "connection": held.connection.id.to_string(),
        "connection_name": held.connection.name,
        "resource_type": operation.resource_type.as_str(),
        "resource": operation.resource.to_string(),
        "label": operation.label,
        "changes": operation.changes(),
        "members": operation.members.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "at": operation.at.to_string(),
        "request": operation.request,
    })
}
