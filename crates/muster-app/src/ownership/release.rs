//! Making resources ownerless, so that another connection can take them over.

use muster_model::{ConnectionId, ResourceId, TypeName};
use muster_store::{Batch, CommitError, Guard, Scope, Write};
use serde_json::json;

use crate::operator::{Grants, may};
use crate::system_log::{Deed, note};
use crate::{App, AppError, connections};

/// As many are released in one batch. A batch holds up the other writers while it is applied.
const AT_ONCE: u64 = 500;

/// Releases one resource of a connection.
pub async fn release(
    app: &App,
    access: &impl Grants<may::DecideConflicts>,
    connection: ConnectionId,
    resource: ResourceId,
) -> Result<(), AppError> {
    let (connection, tenant) = connections::find_within(app, access.reach(), connection).await?;
    // Only what this connection owns is found, so nobody else's is released by mistake.
    let own = app.store.directory(tenant.id, Scope::Connection(connection.id));
    let found = own.list_labels(&[resource]).await?.into_iter().next().ok_or(AppError::NotOwned)?;
    let batch = batch(app, vec![(found.id, found.resource_type)]);
    match app.store.directory(tenant.id, Scope::Tenant).commit(batch).await {
        Ok(_) => note(app, access, Deed::new("resource.released", Some(tenant.id), resource)).await,
        Err(CommitError::NotFound { .. }) => Err(AppError::NotOwned),
        Err(error) => Err(AppError::from_commit(error, "")),
    }
}

/// Releases everything that a connection owns, and says how many that were.
pub async fn release_all(
    app: &App,
    access: &impl Grants<may::DecideConflicts>,
    connection: ConnectionId,
) -> Result<u64, AppError> {
    let (connection, tenant) = connections::find_within(app, access.reach(), connection).await?;
    let whole = app.store.directory(tenant.id, Scope::Tenant);
    let mut released = 0_u64;
    loop {
        let owned = whole.list_owned(connection.id, AT_ONCE).await?;
        if owned.is_empty() {
            let deed = Deed::new("connection.released_all", Some(tenant.id), connection.id);
            note(app, access, deed.after(json!({ "released": released }))).await?;
            return Ok(released);
        }
        let count = owned.len() as u64;
        match whole.commit(batch(app, owned)).await {
            Ok(_) => released = released.saturating_add(count),
            // One of them was deleted meanwhile; the next look does not find it.
            Err(CommitError::NotFound { .. }) => {}
            Err(error) => return Err(AppError::from_commit(error, "")),
        }
    }
}

fn batch(app: &App, resources: Vec<(ResourceId, TypeName)>) -> Batch {
    let writes = resources
        .into_iter()
        .map(|(id, resource_type)| Write::ChangeOwner { id, resource_type, owner: None, expected: None })
        .collect();
    Batch { writes, connection: None, request: None, at: app.now(), guard: Guard::default() }
}
