//! Tenants.

use muster_model::{Tenant, TenantId};
use muster_store::RegistryError;

use crate::{App, AppError};

/// The tenant that every installation has; makes it at the first start. Two processes may do so at once: one makes it,
/// both find it.
pub async fn ensure_default(app: &App) -> Result<Tenant, AppError> {
    if let Some(tenant) = app.store.find_tenant_by_name(Tenant::DEFAULT_NAME).await? {
        return Ok(tenant);
    }
    let tenant = Tenant {
        id: TenantId::new(app.clock.as_ref(), app.rng.as_ref()),
        name: Tenant::DEFAULT_NAME.to_owned(),
        created: app.now(),
    };
    match app.store.create_tenant(&tenant).await {
        Ok(()) => Ok(tenant),
        Err(RegistryError::NameTaken) => find_by_name(app, Tenant::DEFAULT_NAME).await,
        Err(error) => Err(AppError::from_registry(error, "", &tenant.name)),
    }
}

pub(crate) async fn find_by_name(app: &App, name: &str) -> Result<Tenant, AppError> {
    app.store.find_tenant_by_name(name).await?.ok_or_else(|| AppError::TenantNotFound(name.to_owned()))
}
