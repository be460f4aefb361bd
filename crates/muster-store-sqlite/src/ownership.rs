//! Conflicts and counts of owners: what the handle of a whole tenant tells.

use async_trait::async_trait;
use muster_model::{Conflict, ConflictId, ConflictState, ConnectionId, ResourceId, TypeName};
use muster_store::{ConflictQuery, NewConflict, Ownership, StoreError};
use muster_store_sql::{conflict, finished, resource_count};

use crate::directory::SqliteDirectory;
use crate::session::SqliteSession;

#[async_trait]
impl Ownership for SqliteDirectory {
    async fn record_conflict(&self, new: &NewConflict) -> Result<(), StoreError> {
        let (tenant, new) = (self.view.tenant, new.clone());
        self.engine
            .writer
            .write(move |database| finished(conflict::record(&SqliteSession::of(database), tenant, &new)))
            .await
    }

    async fn find_conflict(&self, id: ConflictId) -> Result<Option<Conflict>, StoreError> {
        let tenant = self.view.whole_tenant()?;
        self.engine
            .readers
            .read(move |database, watch| finished(conflict::find(&SqliteSession::watched(database, watch), tenant, id)))
            .await
    }

    async fn list_conflicts(&self, query: &ConflictQuery) -> Result<Vec<Conflict>, StoreError> {
        let (tenant, query) = (self.view.whole_tenant()?, query.clone());
        self.engine
            .readers
            .read(move |database, watch| {
                finished(conflict::list(&SqliteSession::watched(database, watch), tenant, &query))
            })
            .await
    }

    async fn count_conflicts(&self, connection: ConnectionId, state: ConflictState) -> Result<u64, StoreError> {
        let tenant = self.view.whole_tenant()?;
        self.engine
            .readers
            .read(move |database, watch| {
                finished(conflict::count(&SqliteSession::watched(database, watch), tenant, connection, state))
            })
            .await
    }

    async fn change_conflict_state(&self, id: ConflictId, state: ConflictState) -> Result<bool, StoreError> {
        let tenant = self.view.whole_tenant()?;
        self.engine
            .writer
            .write(move |database| finished(conflict::change_state(&SqliteSession::of(database), tenant, id, state)))
            .await
    }

    async fn count_owned(&self, connection: ConnectionId) -> Result<Vec<(TypeName, u64)>, StoreError> {
        let tenant = self.view.whole_tenant()?;
        self.engine
            .readers
            .read(move |database, watch| {
                finished(resource_count::count_owned(&SqliteSession::watched(database, watch), tenant, connection))
            })
            .await
    }

    async fn list_owned(
        &self,
        connection: ConnectionId,
        limit: u64,
    ) -> Result<Vec<(ResourceId, TypeName)>, StoreError> {
        let tenant = self.view.whole_tenant()?;
        self.engine
            .readers
            .read(move |database, watch| {
                finished(resource_count::list_owned(
                    &SqliteSession::watched(database, watch),
                    tenant,
                    connection,
                    limit,
                ))
            })
            .await
    }
}
