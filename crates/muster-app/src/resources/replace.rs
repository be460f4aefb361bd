//! PUT (RFC 7644 section 3.5.1).

use std::sync::Arc;

use muster_model::{MemberReference, ResourceId, StoredResource};
use muster_store::batch::MembershipChange;
use muster_store::{CommitError, MembershipDelta, Write};
use scim::path::AttributePath;
use scim::projection::Projection;
use scim::schema::Target;
use scim::{Repairs, ResourceSchema};
use serde_json::Value;

use super::{
    Precondition, TRIES, content_instead, find, holds_members, include_for, not_found, note_repairs, settled, type_name,
};
use crate::guard::Standing;
use crate::ownership::refused;
use crate::password::Sealed;
use crate::{App, AppError, ScimCaller, guard, membership, password};

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
    if !caller.profile().ignore_other_id_in_put {
        refuse_other_id(body, id)?;
    }
    let leniency = &caller.profile().leniency;
    let mut turn = None;
    let mut sealed = Sealed::default();
    for _ in 0..TRIES {
        let include = include_for(schema, projection);
        let present = find(app, caller, schema, id, settled::beforehand(include)).await?;
        precondition.check(caller.profile(), present.version)?;

        let mut repairs = Repairs::new();
        let before = present.document.read()?;
        let mut document = scim::normalize::normalize_replacement(schema, body, before, leniency, &mut repairs)?;
        let members = replaced_members(caller, schema, body, &mut document)?;
        password::keep_unless_named(&mut document, before);
        app.passwords.seal(&mut document, Some(before), &mut sealed).await?;
        let is_same = document == *before;

        // A PUT says everything, so it speaks of `active` whether it names it or not.
        let standing = Standing::of_change(before, &document, true);
        if is_same && members.is_none() {
            note_repairs(app, caller, &repairs);
            if standing.reaffirms {
                guard::reaffirm(app, caller, type_name(schema), id).await?;
            }
            return Ok(settled::with_rows(app, caller, schema, include, present).await);
        }
        let write = Write::Update {
            id,
            resource_type: type_name(schema),
            expected: (!is_same || !precondition.is_none()).then_some(present.version),
            content: if is_same { None } else { Some(content_instead(schema, before, document.clone(), leniency)?) },
            members,
        };
        let harmless = || {
            let kept = guard::without_deactivation(before, &document);
            (kept != *before).then(|| content_instead(schema, before, kept, leniency)).transpose()
        };
        let outcome = guard::commit(app, caller, vec![write], standing, &harmless).await;
        if matches!(outcome, Err(AppError::Held)) {
            note_repairs(app, caller, &repairs);
        }
        match outcome? {
            Ok(committed) => {
                note_repairs(app, caller, &repairs);
                let (written, held) = settled::only(committed)?;
                let replaced = StoredResource {
                    version: written.version,
                    last_modified: written.last_modified,
                    document: document.into(),
                    ..present
                };
                let shown = if is_same {
                    settled::as_it_is_now(app, caller, schema, include, replaced).await
                } else {
                    settled::with_rows(app, caller, schema, include, replaced).await
                };
                return Ok(guard::without_held(shown, &held));
            }
            Err(CommitError::VersionMismatch { .. }) => {
                if turn.is_none() {
                    turn = Some(app.contended.turn(caller.connection().tenant, id).await);
                }
            }
            Err(error) => return Err(refused(app, caller, schema, error).await),
        }
    }
    Err(AppError::Contended)
}

/// Who sends another id may have mistaken the address.
fn refuse_other_id(body: &Value, id: ResourceId) -> Result<(), AppError> {
    let sent = body.as_object().into_iter().flatten().find(|(name, _)| name.eq_ignore_ascii_case("id"));
    match sent {
        Some((_, value)) if !value.is_null() && value.as_str() != Some(&id.to_string()) => {
            Err(AppError::Scim(scim::Error::mutability(
                "\"id\" in the body is not the id in the address; leave it out, or send the right one",
            )))
        }
        _ => Ok(()),
    }
}

/// The membership change that the body asks for; `None` when it does not speak of members.
pub(crate) fn replaced_members(
    caller: &ScimCaller,
    schema: &ResourceSchema,
    body: &Value,
    document: &mut scim::Document,
) -> Result<Option<MembershipDelta>, AppError> {
    if !holds_members(schema) {
        return Ok(None);
    }
    let named: Vec<MemberReference> = match membership::take_members(document)? {
        Some(members) => members,
        None if names_members(schema, body) || !caller.profile().put_keeps_unnamed_members => Vec::new(),
        None => return Ok(None),
    };
    Ok(Some(membership::delta(MembershipChange::Replace(named), &caller.profile().leniency)))
}

/// Whether the body has `members` as a whole, in any spelling; null and `[]` count, they empty the group. A part of them,
/// such as `members.display`, says nothing of who is a member.
fn names_members(schema: &ResourceSchema, body: &Value) -> bool {
    body.as_object().is_some_and(|body| {
        body.keys().any(|key| {
            AttributePath::parse(key).and_then(|path| schema.resolve(&path)).is_ok_and(|target| match target {
                Target::Attribute(path) => {
                    path.extension.is_none()
                        && path.sub_attribute.is_none()
                        && path.attribute.name == membership::MEMBERS
                }
                Target::Extension(_) => false,
            })
        })
    })
}
