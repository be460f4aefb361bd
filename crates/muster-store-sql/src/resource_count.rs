//! How many resources there are and whose, from the counters: one table that is added up for the whole tenant, too. A driver
//! may keep several rows of the same owner and type, so that its writers need not wait for one another.

use muster_model::{ConnectionId, ResourceId, TenantId, TypeName};
use muster_store::StoreError;

use crate::columns::clamped;
use crate::{Session, View, damaged, values};

/// How many resources of a type are seen.
pub async fn count<S: Session>(session: &S, view: View, resource_type: &TypeName) -> Result<u64, StoreError> {
    let row = match view.scope.only() {
        None => {
            let sql = "SELECT coalesce(sum(count), 0)/*pg ::bigint */ FROM resource_count_of_owner
                 WHERE tenant = ?1 AND type = ?2";
            session.row(sql, values![view.tenant, resource_type.as_str()]).await?
        }
        Some(owner) => {
            let sql = "SELECT coalesce(sum(count), 0)/*pg ::bigint */ FROM resource_count_of_owner
                 WHERE tenant = ?1 AND type = ?2 AND brought_by = ?3";
            session.row(sql, values![view.tenant, resource_type.as_str(), owner]).await?
        }
    };
    count_from(row.map_or(Ok(0), |mut row| row.take(0))?)
}

/// How many resources of each type a connection owns, in the order of the types' names.
pub async fn count_owned<S: Session>(
    session: &S,
    tenant: TenantId,
    owner: ConnectionId,
) -> Result<Vec<(TypeName, u64)>, StoreError> {
    let rows = session
        .rows(
            "SELECT type, sum(count)/*pg ::bigint */ FROM resource_count_of_owner
             WHERE tenant = ?1 AND brought_by = ?2 GROUP BY type HAVING sum(count) <> 0 ORDER BY type",
            values![tenant, owner],
        )
        .await?;
    rows.into_iter().map(|mut row| Ok((TypeName::new(row.take::<String>(0)?), count_from(row.take(1)?)?))).collect()
}

/// Some of the resources that a connection owns.
pub async fn list_owned<S: Session>(
    session: &S,
    tenant: TenantId,
    owner: ConnectionId,
    limit: u64,
) -> Result<Vec<(ResourceId, TypeName)>, StoreError> {
    let sql = "SELECT id, type FROM resource WHERE tenant = ?1 AND brought_by = ?2 LIMIT ?3";
    let rows = session.rows(sql, values![tenant, owner, clamped(limit)]).await?;
    rows.into_iter().map(|mut row| Ok((row.take(0)?, TypeName::new(row.take::<String>(1)?)))).collect()
}

fn count_from(column: i64) -> Result<u64, StoreError> {
    u64::try_from(column).map_err(|_| damaged("count of resources"))
}
