//! PUT (RFC 7644 section 3.5.1).

use std::sync::Arc;

use muster_model::{MemberReference, ResourceId, StoredResource};
use muster_store::batch::MembershipChange;
use muster_store::{Batch, CommitError, Include, MembershipDelta, Write};
use scim::path::AttributePath;
use scim::projection::Projection;
use scim::schema::Target;
use scim::{Repairs, ResourceSchema};
use serde_json::Value;

use super::{Precondition, TRIES, content, find, holds_members, include_for, not_found, note_repairs, type_name};
use crate::{App, AppError, ScimCaller, membership};

/// Replaces a resource's attributes and reads it back.
///
/// What the body leaves out is cleared (RFC 7644 section 3.5.1 lets the server choose), with two exceptions: a password,
/// which nobody can read back to send it again, and a group's members, because a rename must not empty the group. An
/// empty list or null does empty it.
pub async fn replace(
    app: &App,
    caller: &ScimCaller,
    schema: &Arc<ResourceSchema>,
    id: &str,
    body: &Value,
    precondition: &Precondition,
    projection: &Projection,
) -> Result<StoredResource, AppError> {
    let id = ResourceId::parse(id).ok_or_else(|| not_found(schema))?;
    let leniency = &caller.profile().leniency;
    let mut turn = None;
    for _ in 0..TRIES {
        let present = find(app, caller, schema, id, Include::default()).await?;
        precondition.check(present.version)?;

        let mut repairs = Repairs::new();
        let mut document =
            scim::normalize::normalize_replacement(schema, body, &present.document, leniency, &mut repairs)?;
        let members = replaced_members(caller, schema, body, &mut document);
        app.passwords.seal(&mut document, Some(&present.document)).await?;
        let is_same = document == present.document;

        if is_same && members.is_none() {
            return find(app, caller, schema, id, include_for(schema, projection)).await;
        }
        let write = Write::Update {
            id,
            resource_type: type_name(schema),
            expected: (!is_same || !precondition.is_none()).then_some(present.version),
            content: (!is_same).then(|| content(schema, document, leniency)),
            members,
        };
        let batch = Batch { writes: vec![write], connection: Some(caller.connection().id), at: app.now() };
        match caller.directory(app).commit(batch).await {
            Ok(_) => {
                note_repairs(caller, &repairs);
                return find(app, caller, schema, id, include_for(schema, projection)).await;
            }
            Err(CommitError::VersionMismatch { .. }) => {
                if turn.is_none() {
                    turn = Some(app.contended.turn(caller.connection().tenant, id).await);
                }
            }
            Err(error) => return Err(AppError::from_commit(error, &schema.resource_type().name)),
        }
    }
    Err(AppError::Contended)
}

/// The membership change that the body asks for; `None` when it does not speak of members.
fn replaced_members(
    caller: &ScimCaller,
    schema: &ResourceSchema,
    body: &Value,
    document: &mut scim::Document,
) -> Option<MembershipDelta> {
    if !holds_members(schema) {
        return None;
    }
    let named: Vec<MemberReference> = match membership::take_members(document) {
        Some(members) => members,
        None if names_members(schema, body) => Vec::new(),
        None => return None,
    };
    Some(membership::delta(MembershipChange::Replace(named), &caller.profile().leniency))
}

/// Whether the body has `members` in any spelling; null and `[]` count, they empty the group.
fn names_members(schema: &ResourceSchema, body: &Value) -> bool {
    body.as_object().is_some_and(|body| {
        body.keys().any(|key| {
            AttributePath::parse(key).and_then(|path| schema.resolve(&path)).is_ok_and(|target| match target {
                Target::Attribute(path) => path.extension.is_none() && path.attribute.name == membership::MEMBERS,
                Target::Extension(_) => false,
            })
        })
    })
}
