//! Tenants.

use muster_model::{Reach, Tenant, TenantId};
use muster_store::RegistryError;
use serde_json::json;

use crate::operator::{Grants, may};
use crate::system_log::Deed;
use crate::wording::check_name;
use crate::{App, AppError};

/// How a tenant is named by who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TenantName {
    Name(String),
    Id(TenantId),
}

impl From<String> for TenantName {
    fn from(name: String) -> Self {
        Self::Name(name)
    }
}

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

pub async fn create(app: &App, access: &impl Grants<may::ChangeTenants>, name: &str) -> Result<Tenant, AppError> {
    // Who is bound to one tenant makes no other.
    if access.reach() != Reach::Environment {
        return Err(AppError::BeyondOwnRights);
    }
    let name = check_name("a tenant", name)?;
    let id = TenantId::new(app.clock.as_ref(), app.rng.as_ref());
    let tenant = Tenant { id, name, created: app.now() };
    let deed = Deed::new("tenant.created", Some(id), id).after(json!({ "name": tenant.name }));
    match app.noting(access, deed).create_tenant(&tenant).await {
        Ok(()) => Ok(tenant),
        Err(RegistryError::NameTaken) => Err(AppError::TenantNameTaken(tenant.name)),
        Err(error) => Err(AppError::from_registry(error, "", &tenant.name)),
    }
}

pub async fn show(app: &App, access: &impl Grants<may::ReadTenants>, id: TenantId) -> Result<Tenant, AppError> {
    find_within(app, access.reach(), id).await
}

/// By its name or its id.
pub async fn find(app: &App, access: &impl Grants<may::ReadTenants>, name: TenantName) -> Result<Tenant, AppError> {
    named(app, access.reach(), Some(name)).await
}

pub async fn rename(
    app: &App,
    access: &impl Grants<may::ChangeTenants>,
    id: TenantId,
    name: &str,
) -> Result<Tenant, AppError> {
    let name = check_name("a tenant", name)?;
    let tenant = find_within(app, access.reach(), id).await?;
    // Which names are taken is nothing for who is bound to one tenant: it would be a list of the others.
    if access.reach() != Reach::Environment {
        return Err(AppError::BeyondOwnRights);
    }
    // Commands that name no tenant mean this one by its name.
    if tenant.name == Tenant::DEFAULT_NAME && name != tenant.name {
        return Err(AppError::DefaultTenantKeepsName);
    }
    let deed = Deed::new("tenant.renamed", Some(id), id);
    let deed = deed.before(json!({ "name": tenant.name })).after(json!({ "name": name }));
    match app.noting(access, deed).rename_tenant(id, &name).await {
        Err(RegistryError::NameTaken) => Err(AppError::TenantNameTaken(name)),
        renamed => renamed.map_err(|error| AppError::from_registry(error, "", &name)),
    }
}

/// At most `limit` tenants after that one, in order of creation, and whether there are more.
pub async fn page(
    app: &App,
    access: &impl Grants<may::ReadTenants>,
    after: Option<TenantId>,
    limit: usize,
) -> Result<(Vec<Tenant>, bool), AppError> {
    if let Some(own) = access.reach().tenant() {
        let own = if after.is_some_and(|after| after >= own) { None } else { app.store.find_tenant(own).await? };
        return Ok((own.into_iter().collect(), false));
    }
    let mut found = app.store.page_tenants(after, limit + 1).await?;
    let has_more = found.len() > limit;
    found.truncate(limit);
    Ok((found, has_more))
}

/// The tenant that is meant; without a name the one that the caller is bound to, or the default one.
pub(crate) async fn named(app: &App, reach: Reach, name: Option<TenantName>) -> Result<Tenant, AppError> {
    match (name, reach) {
        (Some(TenantName::Id(id)), _) => find_within(app, reach, id).await,
        (None, Reach::Tenant(own)) => find_within(app, reach, own).await,
        (Some(TenantName::Name(name)), _) => {
            let found = find_by_name(app, &name).await?;
            if reach.includes(found.id) { Ok(found) } else { Err(AppError::TenantNotFound(name)) }
        }
        (None, Reach::Environment) => find_by_name(app, Tenant::DEFAULT_NAME).await,
    }
}

/// Every tenant that the reach includes.
pub(crate) async fn within(app: &App, reach: Reach) -> Result<Vec<Tenant>, AppError> {
    match reach.tenant() {
        Some(own) => Ok(app.store.find_tenant(own).await?.into_iter().collect()),
        None => Ok(app.store.list_tenants().await?),
    }
}

/// What is beyond the reach is answered like what was never there.
async fn find_within(app: &App, reach: Reach, id: TenantId) -> Result<Tenant, AppError> {
    let found = if reach.includes(id) { app.store.find_tenant(id).await? } else { None };
    found.ok_or_else(|| AppError::TenantNotFound(id.to_string()))
}

pub(crate) async fn find_by_name(app: &App, name: &str) -> Result<Tenant, AppError> {
    app.store.find_tenant_by_name(name).await?.ok_or_else(|| AppError::TenantNotFound(name.to_owned()))
}
