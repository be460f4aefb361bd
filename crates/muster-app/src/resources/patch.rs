//! PATCH (RFC 7644 section 3.5.2; SCIM 1.1, protocol section 3.3.2). `ARCHITECTURE.md` follows one through the rooms.

use std::sync::Arc;

use muster_model::{Members, ResourceId, StoredDocument, StoredResource};
use muster_store::batch::MembershipChange;
use muster_store::{CommitError, Include, MembershipDelta, Write};
use scim::patch::{CompiledPatch, ElementStep, PatchBody, element_steps};
use scim::projection::Projection;
use scim::{Document, Repairs, ResourceSchema};

use super::{
    Precondition, TRIES, addresses, content_instead, find, holds_members, include_for, not_found, note_repairs,
    settled, type_name,
};
use crate::guard::Standing;
use crate::ownership::refused;
use crate::password::Sealed;
use crate::{App, AppError, ScimCaller, guard, membership};

/// What a PATCH leads to.
pub enum Patched {
    /// The resource as it is now, with the rows that the projection wants.
    Resource(StoredResource),
    /// The same without its rows, for an answer that shows no body.
    WithoutBody(StoredResource),
}

/// Applies a PATCH, all or nothing. Changes of a group's members become a delta over the named members; the group's
/// other members are not read unless a filter asks for more than their ids.
///
/// `body_wanted`: the request named attributes, so it is answered with a body in any case.
#[expect(
    clippy::too_many_arguments,
    reason = "each is a separate part of the request, and a struct would only rename them"
)]
pub async fn patch(
    app: &App,
    caller: &ScimCaller,
    schema: &Arc<ResourceSchema>,
    id: &str,
    body: PatchBody<'_>,
    precondition: &Precondition,
    projection: &Projection,
    body_wanted: bool,
) -> Result<Patched, AppError> {
    let leniency = &caller.profile().leniency;
    let mut repairs = Repairs::new();
    // A partial resource of SCIM 1.1 may carry whatever id; it is passed over there like all that is read-only.
    let named_id = if matches!(body, PatchBody::Operations(_)) { body.resource_id() } else { None };
    let mut compiled = body.compile(schema, leniency, &mut repairs)?;
    let steps = if holds_members(schema) {
        asked_of_ids(element_steps(&compiled.detach(membership::MEMBERS))?, schema)?
    } else {
        Vec::new()
    };
    let id = ResourceId::parse(id).ok_or_else(|| not_found(schema))?;
    if named_id.is_some_and(|named| named != id.to_string()) {
        return Err(AppError::Scim(scim::Error::mutability(
            "\"id\" in the body is not the id in the address; leave it out, or send the right one",
        )));
    }
    let profile = caller.profile();
    let may_omit_body =
        if holds_members(schema) { profile.group_patch_without_body } else { profile.resource_patch_without_body };
    let answers_without_body = may_omit_body && !body_wanted;

    let include = if answers_without_body { Include::default() } else { include_for(schema, projection) };

    let mut turn = None;
    let mut sealed = Sealed::default();
    for _ in 0..TRIES {
        let mut made = repairs.clone();
        let Derived { present, document, write, standing } =
            derive(app, caller, schema, id, include, &compiled, &steps, precondition, &mut sealed, &mut made).await?;
        let Some(write) = write else {
            note_repairs(app, caller, &made);
            if standing.reaffirms {
                guard::reaffirm(app, caller, type_name(schema), id).await?;
            }
            let unchanged = settled::with_rows(app, caller, schema, include, present).await;
            return Ok(patched(unchanged, answers_without_body));
        };
        let harmless = || match &document {
            Some(document) => {
                let present = present.document.read()?;
                let kept = guard::without_deactivation(present, document);
                (kept != *present).then(|| content_instead(schema, present, kept, leniency)).transpose()
            }
            None => Ok(None),
        };
        let outcome = guard::commit(app, caller, vec![write], standing, &harmless).await;
        if matches!(outcome, Err(AppError::Held)) {
            note_repairs(app, caller, &made);
        }
        match outcome? {
            Ok(committed) => {
                note_repairs(app, caller, &made);
                let (written, held) = settled::only(committed)?;
                let is_of_members_alone = document.is_none();
                let built = StoredResource {
                    version: written.version,
                    last_modified: written.last_modified,
                    document: document.map_or_else(|| present.document.clone(), StoredDocument::from),
                    ..present
                };
                let shown = if is_of_members_alone && !answers_without_body {
                    settled::as_it_is_now(app, caller, schema, include, built).await
                } else {
                    settled::with_rows(app, caller, schema, include, built).await
                };
                return Ok(patched(guard::without_held(shown, &held), answers_without_body));
            }
            // Somebody else was faster. From now on the writers of this document take turns.
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

fn patched(resource: StoredResource, without_body: bool) -> Patched {
    if without_body { Patched::WithoutBody(resource) } else { Patched::Resource(resource) }
}

/// Filters on the members' addresses, which are made when they are shown, are asked of their ids.
fn asked_of_ids(steps: Vec<ElementStep>, schema: &ResourceSchema) -> Result<Vec<ElementStep>, AppError> {
    let asked = steps.into_iter().map(|step| match step {
        ElementStep::RemoveMatching(filter) => Ok(ElementStep::RemoveMatching(addresses::on_ids(filter, schema)?)),
        other => Ok(other),
    });
    asked.collect()
}

struct Derived {
    present: StoredResource,
    /// The new document, where it differs.
    document: Option<Document>,
    /// `None`: the resource is already as wanted.
    write: Option<Write>,
    standing: Standing,
}

/// Reads the resource and derives the write from it.
#[expect(clippy::too_many_arguments, reason = "an inner step of `patch`, with the same parts")]
async fn derive(
    app: &App,
    caller: &ScimCaller,
    schema: &Arc<ResourceSchema>,
    id: ResourceId,
    include: Include,
    compiled: &CompiledPatch,
    steps: &[ElementStep],
    precondition: &Precondition,
    sealed: &mut Sealed,
    repairs: &mut Repairs,
) -> Result<Derived, AppError> {
    let leniency = &caller.profile().leniency;
    let looks_at_members = membership::needs_present_members(steps);
    let include = Include { members: looks_at_members, ..settled::beforehand(include) };
    let present = find(app, caller, schema, id, include).await?;
    precondition.check(caller.profile(), present.version)?;

    let before = present.document.read()?;
    let mut document = compiled.apply(schema, before, leniency, repairs)?;
    if let Some(changed) = &mut document {
        app.passwords.seal(changed, Some(before), sealed).await?;
    }
    let speaks_of_active = guard::speaks_of_active(compiled);
    let wanted = document.as_ref().unwrap_or(before);
    let standing = Standing::of_change(before, wanted, speaks_of_active);
    let changed = document.clone().map(|document| content_instead(schema, before, document, leniency)).transpose()?;
    let members = if steps.is_empty() {
        None
    } else {
        let named = membership::ids_named_before_filters(steps);
        let named = if named.is_empty() { Vec::new() } else { caller.directory(app).list_labels(&named).await? };
        let change = membership::folded(steps, present.members.as_ref().unwrap_or(&Members::default()), &named)?;
        names_anyone(&change).then(|| membership::delta(change, leniency))
    };
    if changed.is_none() && members.is_none() {
        return Ok(Derived { present, document: None, write: None, standing });
    }
    // A change of members alone needs no version, so that many writers can add members to one group at once. What was
    // derived from the present members or demanded by If-Match does.
    let depends_on_version = changed.is_some() || looks_at_members || !precondition.is_none();
    let write = update(schema, id, depends_on_version.then_some(present.version), changed, members);
    Ok(Derived { present, document, write: Some(write), standing })
}

fn update(
    schema: &ResourceSchema,
    id: ResourceId,
    expected: Option<muster_model::Version>,
    content: Option<muster_store::NewDocument>,
    members: Option<MembershipDelta>,
) -> Write {
    Write::Update { id, resource_type: type_name(schema), expected, content, members }
}

fn names_anyone(change: &MembershipChange) -> bool {
    match change {
        MembershipChange::Adjust { leave, join } => !leave.is_empty() || !join.is_empty(),
        MembershipChange::Replace(_) => true,
    }
}
