//! Many look-ups in the index on one snapshot.

use async_trait::async_trait;
use muster_model::TypeName;
use muster_store::{FoundByKey, KeyLookUp, StoreError};
use muster_store_sql::{finished, look_up};

use crate::directory::SqliteDirectory;
use crate::session::SqliteSession;

#[async_trait]
impl KeyLookUp for SqliteDirectory {
    async fn find_by_keys(
        &self,
        resource_type: &TypeName,
        attribute: &str,
        values: Vec<String>,
    ) -> Result<Vec<Option<FoundByKey>>, StoreError> {
        let (view, resource_type, attribute) = (self.view, resource_type.clone(), attribute.to_owned());
        self.engine
            .readers
            .read_without_limit(move |database, watch| {
                let session = SqliteSession::watched(database, watch);
                finished(look_up::find_by_keys(&session, view, &resource_type, &attribute, &values))
            })
            .await
    }
}
