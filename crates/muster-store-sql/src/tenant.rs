//! The table of tenants.

use muster_model::Tenant;
use muster_store::{RegistryError, StoreError};

use crate::columns::timestamp;
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

/// In order of creation.
pub async fn list<S: Session>(session: &S) -> Result<Vec<Tenant>, StoreError> {
    let rows = session.rows("SELECT id, name, created FROM tenant ORDER BY created, id", values![]).await?;
    rows.into_iter().map(tenant_from).collect()
}

fn tenant_from(mut row: Row) -> Result<Tenant, StoreError> {
    Ok(Tenant { id: row.take(0)?, name: row.take(1)?, created: timestamp(row.take(2)?)? })
}
