//! How many resources there are, from counters.

use muster_model::TypeName;
use muster_store::StoreError;

use crate::{Session, View, damaged, values};

/// How many resources of a type are seen.
pub async fn count(session: &impl Session, view: View, resource_type: &TypeName) -> Result<u64, StoreError> {
    let sql = "SELECT coalesce(sum(count), 0)/*pg ::bigint */ FROM resource_count_of_owner
               WHERE tenant = ?1 AND type = ?2 AND (?3 IS NULL OR brought_by = ?3)";
    let row = session.row(sql, values![view.tenant, resource_type.as_str(), view.owner()]).await?;
    let count = row.map_or(Ok(0), |mut row| row.take::<i64>(0))?;
    u64::try_from(count).map_err(|_| damaged("count of resources"))
}
