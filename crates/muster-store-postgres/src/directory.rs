//! One tenant's handle: hands each question and each batch to a session.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use muster_model::{
    Change, ConnectionId, CredentialId, GuardUse, HeldId, HeldOperation, Member, RepairCount, ResourceId,
    SchemaRevision, Sequence, StoredResource, TenantSchemas, TypeName,
};
use muster_store::{
    Batch, CommitError, Committed, Directory, FoundByKey, Include, KeyLookUp, PlacePage, ResourcePage, ResourceQuery,
    SchemaChange, SchemaChangeError, Scope, StoreError,
};
use muster_store_sql::list::{self, Listing};
use muster_store_sql::{
    Plan, Session, View, commit, credential_use, defect, guard_window, held, is_look_up, last_sequence, look_up,
    member_label, repair_count, schemas,
};

use crate::pool::Pool;
use crate::sequencer;
use crate::session::Mode;

pub(crate) struct PostgresDirectory {
    pub(crate) pool: Arc<Pool>,
    pub(crate) view: View,
}

impl PostgresDirectory {
    fn plan(&self, query: &ResourceQuery) -> Plan {
        query.filter.as_ref().map_or_else(|| Plan::everything(self.view), |filter| Plan::of(filter, self.view))
    }
}

/// Look-ups do not wait behind what may look at many rows.
fn mode_of(query: &ResourceQuery, plan: &Plan) -> Mode {
    if is_look_up(query, plan) { Mode::Snapshot } else { Mode::Scan }
}

#[async_trait]
impl Directory for PostgresDirectory {
    async fn find_resource(
        &self,
        resource_type: &TypeName,
        id: ResourceId,
        include: Include,
    ) -> Result<Option<StoredResource>, StoreError> {
        Ok(self.find_resources(resource_type, &[id], include).await?.into_iter().next())
    }

    async fn find_resources(
        &self,
        resource_type: &TypeName,
        ids: &[ResourceId],
        include: Include,
    ) -> Result<Vec<StoredResource>, StoreError> {
        let view = self.view;
        let find =
            move |session: crate::Shared| async move { session.resources(view, resource_type, ids, include).await };
        self.pool.run(Mode::Single, find).await
    }

    async fn list_resources(&self, query: &ResourceQuery) -> Result<ResourcePage, StoreError> {
        let (view, plan) = (self.view, &self.plan(query));
        let read = move |session: crate::Shared| async move {
            list::resources(Listing { session: &*session, view, query, plan }).await
        };
        self.pool.run(mode_of(query, plan), read).await
    }

    async fn list_places(&self, query: &ResourceQuery) -> Result<PlacePage, StoreError> {
        let (view, plan) = (self.view, &self.plan(query));
        let read = move |session: crate::Shared| async move {
            list::places(Listing { session: &*session, view, query, plan }).await
        };
        self.pool.run(mode_of(query, plan), read).await
    }

    async fn list_labels(&self, ids: &[ResourceId]) -> Result<Vec<Member>, StoreError> {
        let view = self.view;
        let list = move |session: crate::Shared| async move { member_label::list(&*session, view, ids).await };
        self.pool.run(Mode::Snapshot, list).await
    }

    async fn commit(&self, batch: Batch) -> Result<Committed, CommitError> {
        let (view, batch) = (self.view, &batch);
        self.pool.run(Mode::Write, move |session| async move { commit::apply(&*session, view, batch).await }).await
    }

    /// Gives numbers only when those that are given do not suffice for the answer.
    async fn list_changes(&self, after: Sequence, limit: usize) -> Result<Vec<Change>, StoreError> {
        if self.view.scope != Scope::Tenant {
            return Err(defect("the change log was asked for in the scope of a connection"));
        }
        let tenant = self.view.tenant;
        let read = move |session: crate::Shared| async move { sequencer::list(&session, tenant, after, limit).await };
        let numbered = self.pool.run(Mode::Single, read).await?;
        if numbered.len() >= limit {
            return Ok(numbered);
        }
        let is_pending = move |session: crate::Shared| async move { sequencer::has_pending(&session, tenant).await };
        if !self.pool.run(Mode::Single, is_pending).await? {
            return self.pool.run(Mode::Single, read).await;
        }
        let number = move |session: crate::Shared| async move {
            sequencer::move_visible(&session, tenant, limit).await?;
            sequencer::list(&session, tenant, after, limit).await
        };
        self.pool.run(Mode::Write, number).await
    }

    async fn find_last_sequence(&self) -> Result<Sequence, StoreError> {
        let tenant = self.view.whole_tenant()?;
        self.pool.run(Mode::Single, move |session| async move { last_sequence::find(&*session, tenant).await }).await
    }

    async fn list_pending_members(&self, group: ResourceId) -> Result<Vec<String>, StoreError> {
        let view = self.view;
        let list =
            move |session: crate::Shared| async move { member_label::list_pending(&*session, view, group).await };
        self.pool.run(Mode::Single, list).await
    }

    async fn record_repairs(
        &self,
        connection: ConnectionId,
        counts: &[(&'static str, u64)],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let tenant = self.view.tenant;
        let add = move |session: crate::Shared| async move {
            repair_count::add(&*session, tenant, connection, counts, at).await
        };
        self.pool.run(Mode::Write, add).await
    }

    async fn list_repairs(&self, connection: ConnectionId) -> Result<Vec<RepairCount>, StoreError> {
        let tenant = self.view.tenant;
        let list = move |session: crate::Shared| async move { repair_count::list(&*session, tenant, connection).await };
        self.pool.run(Mode::Single, list).await
    }

    async fn list_schema_entries(&self) -> Result<TenantSchemas, StoreError> {
        let tenant = self.view.tenant;
        self.pool.run(Mode::Snapshot, move |session| async move { schemas::list(&*session, tenant).await }).await
    }

    async fn change_schemas(&self, change: SchemaChange) -> Result<SchemaRevision, SchemaChangeError> {
        let (tenant, change) = (self.view.tenant, &change);
        self.pool.run(Mode::Write, move |session| async move { schemas::change(&*session, tenant, change).await }).await
    }

    async fn list_held(&self, connection: Option<ConnectionId>) -> Result<Vec<HeldOperation>, StoreError> {
        let tenant = self.view.tenant;
        let list = move |session: crate::Shared| async move { held::list(&*session, tenant, connection).await };
        self.pool.run(Mode::Snapshot, list).await
    }

    async fn is_held(&self, connection: ConnectionId, resource: ResourceId) -> Result<bool, StoreError> {
        let tenant = self.view.tenant;
        let ask =
            move |session: crate::Shared| async move { held::is_held(&*session, tenant, connection, resource).await };
        self.pool.run(Mode::Single, ask).await
    }

    async fn drop_held(&self, ids: &[HeldId]) -> Result<u64, StoreError> {
        let tenant = self.view.tenant;
        self.pool.run(Mode::Write, move |session| async move { held::forget(&*session, tenant, ids).await }).await
    }

    async fn list_guard_use(&self, connection: ConnectionId, at: Timestamp) -> Result<Vec<GuardUse>, StoreError> {
        let tenant = self.view.tenant;
        let list =
            move |session: crate::Shared| async move { guard_window::list(&*session, tenant, connection, at).await };
        self.pool.run(Mode::Single, list).await
    }

    async fn reset_guard(&self, connection: ConnectionId) -> Result<(), StoreError> {
        let tenant = self.view.tenant;
        let reset =
            move |session: crate::Shared| async move { guard_window::reset(&*session, tenant, connection).await };
        self.pool.run(Mode::Write, reset).await
    }

    async fn record_credential_use(&self, credential: CredentialId, at: Timestamp) -> Result<(), StoreError> {
        let (tenant, minute) = (self.view.tenant, credential_use::minute_of(at));
        // A busy connection makes one write a minute, not one a request.
        let is_noted = move |session: crate::Shared| async move {
            credential_use::is_noted(&*session, tenant, credential, minute).await
        };
        if self.pool.run(Mode::Single, is_noted).await? {
            return Ok(());
        }
        let note = move |session: crate::Shared| async move {
            credential_use::note(&*session, tenant, credential, minute).await
        };
        self.pool.run(Mode::Write, note).await
    }
}

#[async_trait]
impl KeyLookUp for PostgresDirectory {
    async fn find_by_keys(
        &self,
        resource_type: &TypeName,
        attribute: &str,
        values: Vec<String>,
    ) -> Result<Vec<Option<FoundByKey>>, StoreError> {
        let (view, values) = (self.view, &values);
        let find = move |session: crate::Shared| async move {
            look_up::find_by_keys(&*session, view, resource_type, attribute, values).await
        };
        self.pool.run(Mode::Snapshot, find).await
    }
}

#[cfg(test)]
mod tests;
