//! Conflicts and counts of owners: what the handle of a whole tenant tells.

use async_trait::async_trait;
use muster_model::{Conflict, ConflictId, ConflictState, ConnectionId, ResourceId, TypeName};
use muster_store::{ConflictQuery, NewConflict, Ownership, StoreError};
use muster_store_sql::{conflict, resource_count};

use crate::directory::PostgresDirectory;
use crate::session::Mode;

#[async_trait]
impl Ownership for PostgresDirectory {
    async fn record_conflict(&self, new: &NewConflict) -> Result<(), StoreError> {
        let tenant = self.view.tenant;
        self.pool.run(Mode::Write, move |session| async move { conflict::record(&*session, tenant, new).await }).await
    }

    async fn find_conflict(&self, id: ConflictId) -> Result<Option<Conflict>, StoreError> {
        let tenant = self.view.whole_tenant()?;
        self.pool.run(Mode::Single, move |session| async move { conflict::find(&*session, tenant, id).await }).await
    }

    async fn list_conflicts(&self, query: &ConflictQuery) -> Result<Vec<Conflict>, StoreError> {
        let tenant = self.view.whole_tenant()?;
        self.pool.run(Mode::Single, move |session| async move { conflict::list(&*session, tenant, query).await }).await
    }

    async fn count_conflicts(&self, connection: ConnectionId, state: ConflictState) -> Result<u64, StoreError> {
        let tenant = self.view.whole_tenant()?;
        let count =
            move |session: crate::Shared| async move { conflict::count(&*session, tenant, connection, state).await };
        self.pool.run(Mode::Single, count).await
    }

    async fn change_conflict_state(&self, id: ConflictId, state: ConflictState) -> Result<bool, StoreError> {
        let tenant = self.view.whole_tenant()?;
        let change =
            move |session: crate::Shared| async move { conflict::change_state(&*session, tenant, id, state).await };
        self.pool.run(Mode::Write, change).await
    }

    async fn count_owned(&self, connection: ConnectionId) -> Result<Vec<(TypeName, u64)>, StoreError> {
        let tenant = self.view.whole_tenant()?;
        let count = move |session: crate::Shared| async move {
            resource_count::count_owned(&*session, tenant, connection).await
        };
        self.pool.run(Mode::Single, count).await
    }

    async fn list_owned(
        &self,
        connection: ConnectionId,
        limit: u64,
    ) -> Result<Vec<(ResourceId, TypeName)>, StoreError> {
        let tenant = self.view.whole_tenant()?;
        let list = move |session: crate::Shared| async move {
            resource_count::list_owned(&*session, tenant, connection, limit).await
        };
        self.pool.run(Mode::Single, list).await
    }
}
