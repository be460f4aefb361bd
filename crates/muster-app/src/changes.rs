//! A tenant's change log, as an operator or a program of his reads it.

use muster_model::{Change, Sequence};
use muster_store::Scope;

use crate::{App, AppError, OperatorAccess, tenants};

/// At most `limit` entries after `after`, in order. Who goes on after the last one he got misses none and meets none twice
/// (docs/adr/0002).
pub async fn list(
    app: &App,
    _access: &OperatorAccess,
    tenant: &str,
    after: Sequence,
    limit: usize,
) -> Result<Vec<Change>, AppError> {
    let tenant = tenants::find_by_name(app, tenant).await?;
    Ok(app.store.directory(tenant.id, Scope::Tenant).list_changes(after, limit).await?)
}
