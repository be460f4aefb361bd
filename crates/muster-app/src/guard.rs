//! The guard against mass deprovisioning (docs/adr/0016): what a connection takes away beyond its limit is held until a
//! person decides.

use muster_model::{HeldId, ResourceId, StoredResource, TypeName};
use muster_store::guard::{DirectoryPart, Measured};
use muster_store::{Batch, CommitError, Committed, Guard, GuardLimit, GuardMode, Holding, NewDocument, Rest, Write};
use scim::Document;
use scim::patch::{CompiledOperation, CompiledPatch, ElementTarget};
use scim::schema::ResolvedPath;
use serde_json::Value;

use crate::{App, AppError, ScimCaller};

/// Says whether somebody has access (RFC 7643 section 4.1.1).
const ACTIVE: &str = "active";

/// What a change does to `active`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// It takes access away that was there.
    pub(crate) deactivates: bool,
    /// The request wants the resource there and active.
    pub(crate) reaffirms: bool,
}

impl Standing {
    /// Who has no `active` has access: most systems that read it take its absence so, and the guard must not miss one.
    pub(crate) fn of_change(before: &Document, after: &Document, speaks_of_it: bool) -> Self {
        let deactivates = is_active(before) && !is_active(after);
        Self { deactivates, reaffirms: speaks_of_it && is_active(after) }
    }

    /// The guard of a batch whose first write is the change.
    fn guard(self, mode: GuardMode) -> Guard {
        let first = |is_so: bool| if is_so { vec![0] } else { Vec::new() };
        Guard { mode, deactivates: first(self.deactivates), reaffirms: first(self.reaffirms) }
    }
}

pub(crate) fn is_active(document: &Document) -> bool {
    document.get(ACTIVE) != Some(&Value::Bool(false))
}

/// The document as it is to be, without the deactivation.
pub(crate) fn without_deactivation(before: &Document, after: &Document) -> Document {
    let mut document = after.clone();
    match before.get(ACTIVE) {
        Some(active) => document.insert(ACTIVE.to_owned(), active.clone()),
        None => document.shift_remove(ACTIVE),
    };
    document
}

/// Whether a PATCH says anything of `active`.
pub(crate) fn speaks_of_active(patch: &CompiledPatch) -> bool {
    patch.operations.iter().any(|operation| {
        let named = target(operation);
        named.extension.is_none() && named.attribute.name == ACTIVE
    })
}

fn target(operation: &CompiledOperation) -> &ResolvedPath {
    match operation {
        CompiledOperation::Add { target, .. } | CompiledOperation::Set { target, .. } => match target {
            ElementTarget::Attribute(path) | ElementTarget::Elements { path, .. } => path,
        },
        CompiledOperation::RemoveValues { path, .. }
        | CompiledOperation::MergeElements { path, .. }
        | CompiledOperation::DeleteElements { path, .. } => path,
    }
}

/// The write that does what is left of a change when the deactivation in it is held.
pub(crate) type Harmless<'a> = dyn Fn() -> Result<Option<NewDocument>, AppError> + Send + Sync + 'a;

/// Commits writes, the first of which is what the caller asked for. Beyond the limit what they take away is held: then
/// either the rest is done and the answer is as if everything were, or [`AppError::Held`]. Other refusals are the store's.
pub(crate) async fn commit(
    app: &App,
    caller: &ScimCaller,
    writes: Vec<Write>,
    standing: Standing,
    harmless: &Harmless<'_>,
) -> Result<Result<Committed, CommitError>, AppError> {
    let at = app.now();
    let connection = Some(caller.connection().id);
    let held_write = writes.first().cloned();
    let batch = Batch {
        writes,
        connection,
        request: caller.request().map(str::to_owned),
        at,
        guard: standing.guard(charge(caller)),
    };
    let measured = match caller.commit(app, batch).await {
        Err(CommitError::Guarded { measured }) => measured,
        other => return Ok(other),
    };
    let Some(mut write) = held_write else { return Err(AppError::Held) };
    if standing.deactivates
        && let Write::Update { content, .. } = &mut write
    {
        *content = harmless()?;
    }
    let (mode, rest) = holding(app, caller, measured);
    let batch = Batch {
        writes: vec![write],
        connection,
        request: caller.request().map(str::to_owned),
        at,
        guard: standing.guard(mode),
    };
    let committed = match caller.commit(app, batch).await {
        Ok(committed) => committed,
        Err(error) => return Ok(Err(error)),
    };
    tell(caller, &committed);
    match rest {
        Rest::Apply => Ok(Ok(committed)),
        Rest::LeaveOut => Err(AppError::Held),
    }
}

fn charge(caller: &ScimCaller) -> GuardMode {
    let profile = caller.profile();
    if profile.guard_percent == 0 {
        return GuardMode::Off;
    }
    let (percent, least) = (profile.guard_percent, profile.guard_least);
    // Measured against what the connection may take away.
    let part = if profile.sees_whole_tenant { DirectoryPart::Whole } else { DirectoryPart::Brought };
    GuardMode::Charge(GuardLimit { percent, least, part })
}

fn holding(app: &App, caller: &ScimCaller, measured: Vec<Measured>) -> (GuardMode, Rest) {
    // A request that is answered with an error must not have done half of its work (RFC 7644 section 3.5.2).
    let rest = if caller.profile().held_answered_as_done { Rest::Apply } else { Rest::LeaveOut };
    let id = HeldId::new(app.clock.as_ref(), app.rng.as_ref());
    let request = caller.request().map(str::to_owned);
    (GuardMode::Hold(Holding { id, request, rest, measured }), rest)
}

/// Nothing personal: who it is about stands in the database.
fn tell(caller: &ScimCaller, committed: &Committed) {
    if committed.newly_held > 0 {
        metrics::counter!("muster_guard_held_total").increment(committed.newly_held);
        tracing::warn!(
            connection.id = %caller.connection().id,
            held.changes = committed.newly_held,
            "the connection takes away more than its guard allows; what it asked for is held (`muster held list`)"
        );
    }
}

/// Forgets what the connection had held against a resource that it wants there and active, when the resource is as
/// wanted already, so that nothing else is to be written.
pub(crate) async fn reaffirm(
    app: &App,
    caller: &ScimCaller,
    resource_type: TypeName,
    id: ResourceId,
) -> Result<(), AppError> {
    let directory = caller.directory(app);
    let connection = caller.connection().id;
    if !directory.is_held(connection, id).await? {
        return Ok(());
    }
    let name = resource_type.as_str().to_owned();
    let write = Write::Update { id, resource_type, expected: None, content: None, members: None };
    let guard = Standing { deactivates: false, reaffirms: true }.guard(GuardMode::Off);
    let batch = Batch {
        writes: vec![write],
        connection: Some(connection),
        request: caller.request().map(str::to_owned),
        at: app.now(),
        guard,
    };
    directory.commit(batch).await.map(drop).map_err(|error| AppError::from_commit(error, &name))
}

/// The group as the caller expects to see it: those whose removal is held have left.
pub(crate) fn without_held(mut resource: StoredResource, committed: &[ResourceId]) -> StoredResource {
    if !committed.is_empty()
        && let Some(members) = &mut resource.members
    {
        let held: std::collections::HashSet<&ResourceId> = committed.iter().collect();
        members.retain(|member| !held.contains(&member));
    }
    resource
}
