//! Conflicts and counts of owners: what the handle of a whole tenant tells.

use async_trait::async_trait;
use muster_model::{Conflict, ConflictId, ConflictState, ConnectionId, ResourceId, TypeName};
use muster_store::{ConflictQuery, NewConflict, Ownership, Scope, StoreError};

use crate::conflict;
use crate::directory::SqliteDirectory;
use crate::failure::defect;
use crate::read;

impl SqliteDirectory {
    /// What tells of resources that a connection may not see.
    fn expect_whole_tenant(&self) -> Result<(), StoreError> {
        match self.view.scope {
            Scope::Tenant => Ok(()),
            Scope::Connection(_) => Err(defect("owners and conflicts were asked for in the scope of a connection")),
        }
    }
}

#[async_trait]
impl Ownership for SqliteDirectory {
    async fn record_conflict(&self, new: &NewConflict) -> Result<(), StoreError> {
        let (tenant, new) = (self.view.tenant, new.clone());
        self.engine.writer.write(move |database| conflict::record(database, tenant, &new)).await
    }

    async fn find_conflict(&self, id: ConflictId) -> Result<Option<Conflict>, StoreError> {
        self.expect_whole_tenant()?;
        let tenant = self.view.tenant;
        self.engine.readers.read(move |database, _| conflict::find(database, tenant, id)).await
    }

    async fn list_conflicts(&self, query: &ConflictQuery) -> Result<Vec<Conflict>, StoreError> {
        self.expect_whole_tenant()?;
        let (tenant, query) = (self.view.tenant, query.clone());
        self.engine.readers.read(move |database, _| conflict::list(database, tenant, &query)).await
    }

    async fn count_conflicts(&self, connection: ConnectionId, state: ConflictState) -> Result<u64, StoreError> {
        self.expect_whole_tenant()?;
        let tenant = self.view.tenant;
        self.engine.readers.read(move |database, _| conflict::count(database, tenant, connection, state)).await
    }

    async fn change_conflict_state(&self, id: ConflictId, state: ConflictState) -> Result<bool, StoreError> {
        self.expect_whole_tenant()?;
        let tenant = self.view.tenant;
        self.engine.writer.write(move |database| conflict::change_state(database, tenant, id, state)).await
    }

    async fn count_owned(&self, connection: ConnectionId) -> Result<Vec<(TypeName, u64)>, StoreError> {
        self.expect_whole_tenant()?;
        let tenant = self.view.tenant;
        self.engine.readers.read(move |database, _| read::count_owned(database, tenant, connection)).await
    }

    async fn list_owned(
        &self,
        connection: ConnectionId,
        limit: u64,
    ) -> Result<Vec<(ResourceId, TypeName)>, StoreError> {
        self.expect_whole_tenant()?;
        let tenant = self.view.tenant;
        self.engine.readers.read(move |database, _| read::list_owned(database, tenant, connection, limit)).await
    }
}
