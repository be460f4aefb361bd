//! The table of tenants.

use muster_model::{Tenant, TenantId};
use muster_store::{RegistryError, StoreError};

use crate::columns::{clamped, timestamp};
use crate::{Row, Session, values};

pub async fn create<S: Session>(session: &S, tenant: &Tenant) -> Result<(), RegistryError> {
    let created = session
        .execute(
            "INSERT INTO tenant (id, name, created) VALUES (?1, ?2, ?3) ON CONFLICT (name) DO NOTHING",
            values![tenant.id, &tenant.name, tenant.created],
        )
        .await?;
    if created == 0 { Err(RegistryError::NameTaken) } else { Ok(()) }
}

pub async fn find_by_name<S: Session>(session: &S, name: &str) -> Result<Option<Tenant>, StoreError> {
    let row = session.row("SELECT id, name, created FROM tenant WHERE name = ?1", values![name]).await?;
    row.map(tenant_from).transpose()
}

pub async fn find<S: Session>(session: &S, id: TenantId) -> Result<Option<Tenant>, StoreError> {
    let row = session.row("SELECT id, name, created FROM tenant WHERE id = ?1", values![id]).await?;
    row.map(tenant_from).transpose()
}

/// In order of creation, which is that of the ids.
pub async fn page<S: Session>(session: &S, after: Option<TenantId>, limit: usize) -> Result<Vec<Tenant>, StoreError> {
    let sql = "SELECT id, name, created FROM tenant WHERE ?1/*pg ::uuid */ IS NULL OR id > ?1 ORDER BY id LIMIT ?2";
    let rows = session.rows(sql, values![after, clamped(limit as u64)]).await?;
    rows.into_iter().map(tenant_from).collect()
}

/// The row is locked first, so that of two who take one name the second sees the first's.
pub async fn rename<S: Session>(session: &S, id: TenantId, name: &str) -> Result<Tenant, RegistryError> {
    let locked = session.row("SELECT id FROM tenant WHERE id = ?1 /*pg FOR NO KEY UPDATE */", values![id]).await?;
    if locked.is_none() {
        return Err(RegistryError::TenantNotFound);
    }
    let sql = "UPDATE tenant SET name = ?2 WHERE id = ?1
               AND NOT EXISTS (SELECT 1 FROM tenant AS o WHERE o.name = ?2 AND o.id <> ?1)";
    if session.execute(sql, values![id, name]).await? == 0 {
        return Err(RegistryError::NameTaken);
    }
    find(session, id).await?.ok_or(RegistryError::TenantNotFound)
}

/// In order of creation.
pub async fn list<S: Session>(session: &S) -> Result<Vec<Tenant>, StoreError> {
    let rows = session.rows("SELECT id, name, created FROM tenant ORDER BY created, id", values![]).await?;
    rows.into_iter().map(tenant_from).collect()
}

fn tenant_from(mut row: Row) -> Result<Tenant, StoreError> {
    Ok(Tenant { id: row.take(0)?, name: row.take(1)?, created: timestamp(row.take(2)?)? })
}
