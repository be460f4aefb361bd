//! Many look-ups in the index on one snapshot.

use async_trait::async_trait;
use muster_model::{ResourceId, TypeName};
use muster_store::{FoundByKey, KeyLookUp, StoreError};
use rusqlite::{Connection, OptionalExtension, params};

use crate::columns::{IdBytes, IdColumn, version};
use crate::directory::SqliteDirectory;
use crate::failure::store_error;
use crate::view::View;

#[async_trait]
impl KeyLookUp for SqliteDirectory {
    async fn find_by_keys(
        &self,
        resource_type: &TypeName,
        attribute: &str,
        values: Vec<String>,
    ) -> Result<Vec<Option<FoundByKey>>, StoreError> {
        if values.is_empty() {
            return Ok(Vec::new());
        }
        let (view, resource_type, attribute) = (self.view, resource_type.clone(), attribute.to_owned());
        self.engine
            .readers
            .read_without_limit(move |database, _| find(database, view, &resource_type, &attribute, &values))
            .await
    }
}

fn find(
    database: &Connection,
    view: View,
    resource_type: &TypeName,
    attribute: &str,
    values: &[String],
) -> Result<Vec<Option<FoundByKey>>, StoreError> {
    // The first table has to be the index, whatever the planner thinks of a tenant's rows; its primary key ends with the
    // id, so that the oldest comes first without sorting.
    let mut statement = database
        .prepare_cached(
            "SELECT r.id, r.version FROM resource_key AS k CROSS JOIN resource AS r ON r.tenant = ?1 AND r.id = k.id
             WHERE k.tenant = ?1 AND k.type = ?2 AND k.attribute = ?3 AND k.value = ?4
             AND (?5 IS NULL OR r.brought_by = ?5) ORDER BY k.id LIMIT 1",
        )
        .map_err(store_error)?;
    let (tenant, owner) = (view.tenant(), view.owner());
    values
        .iter()
        .map(|value| {
            let found = statement.query_row(params![tenant, resource_type.as_str(), attribute, value, owner], |row| {
                Ok((row.get::<_, IdBytes>(0)?, row.get::<_, i64>(1)?))
            });
            match found.optional().map_err(store_error)? {
                None => Ok(None),
                Some((id, counter)) => {
                    Ok(Some(FoundByKey { id: ResourceId::from_bytes(id), version: version(counter)? }))
                }
            }
        })
        .collect()
}
