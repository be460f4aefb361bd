//! Many look-ups in the index on one snapshot.

use muster_model::TypeName;
use muster_store::{FoundByKey, StoreError};

use crate::columns::version;
use crate::{Session, Value, View, values};

/// For each value the oldest resource that has it, as far as it is seen.
pub async fn find_by_keys<S: Session>(
    session: &S,
    view: View,
    resource_type: &TypeName,
    attribute: &str,
    values: &[String],
) -> Result<Vec<Option<FoundByKey>>, StoreError> {
    let columns = values
        .iter()
        .map(|value| values![view.tenant, resource_type.as_str(), attribute, value, view.owner()].to_vec());
    // The first table has to be the index, whatever the planner thinks of a tenant's rows; its primary key ends with the
    // id, so that the oldest comes first without sorting.
    let rows = session
        .row_each(
            "SELECT r.id, r.version FROM resource_key AS k CROSS JOIN resource AS r ON r.tenant = ?1 AND r.id = k.id
             WHERE k.tenant = ?1 AND k.type = ?2 AND k.attribute = ?3 AND k.value = ?4
             AND (?5/*pg ::uuid */ IS NULL OR r.brought_by IS NOT DISTINCT FROM ?5) ORDER BY k.id LIMIT 1",
            &columns.collect::<Vec<Vec<Value>>>(),
        )
        .await?;
    rows.into_iter()
        .map(|row| row.map(|mut row| Ok(FoundByKey { id: row.take(0)?, version: version(row.take(1)?)? })).transpose())
        .collect()
}
