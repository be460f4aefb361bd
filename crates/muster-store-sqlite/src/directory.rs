//! One tenant's handle: hands each question to a reading thread and each batch to the writer.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use muster_model::{
    Change, ConnectionId, CredentialId, GuardUse, HeldId, HeldOperation, Member, RepairCount, ResourceId,
    SchemaRevision, Sequence, StoredResource, TenantSchemas, TypeName,
};
use muster_store::{
    Batch, CommitError, Committed, Directory, Include, PlacePage, ResourcePage, ResourceQuery, SchemaChange,
    SchemaChangeError, Scope, StoreError,
};
use muster_store_sql::list::{self, Listing};
use muster_store_sql::{
    Plan, Session, View, commit, credential_use, finished, guard_window, held, is_look_up, last_sequence, member_label,
    repair_count, schemas,
};
use rusqlite::Connection;

use crate::engine::Engine;
use crate::failure::defect;
use crate::read;
use crate::session::SqliteSession;
use crate::watch::Watch;

/// How long a look-up may hold a thread that everybody's look-ups wait for. It takes a millisecond; what takes longer,
/// because many resources have the value that was asked for, is done again by the threads for such questions.
const LONGEST_LOOK_UP: Duration = Duration::from_millis(250);

pub(crate) struct SqliteDirectory {
    pub(crate) engine: Arc<Engine>,
    pub(crate) view: View,
}

impl SqliteDirectory {
    async fn list<Page: Send + 'static>(
        &self,
        query: &ResourceQuery,
        read: fn(Listing<'_, SqliteSession<'_>>) -> Result<Page, StoreError>,
    ) -> Result<Page, StoreError> {
        let view = self.view;
        let plan = query.filter.as_ref().map_or_else(|| Plan::everything(view), |filter| Plan::of(filter, view));
        let question = Arc::new((query.clone(), plan));
        let answer = move |question: &(ResourceQuery, Plan), connection: &Connection, watch: &Watch| {
            let (query, plan) = question;
            read(Listing { session: &SqliteSession::watched(connection, watch), view, query, plan })
        };
        if is_look_up(&question.0, &question.1) {
            // Not a page of everybody, which is a millisecond's work.
            let few = question.0.filter.is_some();
            let at_once = || self.engine.at_once.read(|connection, watch| answer(&question, connection, watch));
            if let Some(found) = few.then(at_once).flatten() {
                return found;
            }
            let question = Arc::clone(&question);
            let look_up = move |connection: &Connection, watch: &Watch| answer(&question, connection, watch);
            let found = self.engine.readers.read_within(LONGEST_LOOK_UP, look_up).await;
            // Many may have the same value; then it was no look-up.
            if !matches!(found, Err(StoreError::TooBroad)) {
                return found;
            }
        }
        self.engine.scanners.read(move |connection, watch| answer(&question, connection, watch)).await
    }
}

#[async_trait]
impl Directory for SqliteDirectory {
    async fn find_resource(
        &self,
        resource_type: &TypeName,
        id: ResourceId,
        include: Include,
    ) -> Result<Option<StoredResource>, StoreError> {
        let view = self.view;
        // A group's members may be very many.
        if !include.members {
            let find = |connection: &_, _: &_| read::find_resource(connection, view, resource_type, id, include);
            if let Some(found) = self.engine.at_once.read(find) {
                return found;
            }
        }
        let resource_type = resource_type.clone();
        let find = move |connection: &_| read::find_resource(connection, view, &resource_type, id, include);
        self.engine.readers.read(move |connection, _| find(connection)).await
    }

    async fn find_resources(
        &self,
        resource_type: &TypeName,
        ids: &[ResourceId],
        include: Include,
    ) -> Result<Vec<StoredResource>, StoreError> {
        let (view, resource_type, ids) = (self.view, resource_type.clone(), ids.to_vec());
        let find = move |connection: &Connection, watch: &Watch| {
            finished(SqliteSession::watched(connection, watch).resources(view, &resource_type, &ids, include))
        };
        self.engine.scanners.read(find).await
    }

    async fn list_resources(&self, query: &ResourceQuery) -> Result<ResourcePage, StoreError> {
        self.list(query, |listing| finished(list::resources(listing))).await
    }

    async fn list_places(&self, query: &ResourceQuery) -> Result<PlacePage, StoreError> {
        self.list(query, |listing| finished(list::places(listing))).await
    }

    async fn list_labels(&self, ids: &[ResourceId]) -> Result<Vec<Member>, StoreError> {
        let view = self.view;
        let ids = ids.to_vec();
        self.engine
            .readers
            .read(move |database, watch| {
                finished(member_label::list(&SqliteSession::watched(database, watch), view, &ids))
            })
            .await
    }

    async fn commit(&self, batch: Batch) -> Result<Committed, CommitError> {
        let view = self.view;
        self.engine
            .writer
            .write(move |connection| finished(commit::apply(&SqliteSession::of(connection), view, &batch)))
            .await
    }

    async fn list_changes(&self, after: Sequence, limit: usize) -> Result<Vec<Change>, StoreError> {
        if self.view.scope != Scope::Tenant {
            return Err(defect("the change log was asked for in the scope of a connection"));
        }
        let tenant = self.view.tenant;
        self.engine.readers.read(move |connection, _| read::list_changes(connection, tenant, after, limit)).await
    }

    async fn find_last_sequence(&self) -> Result<Sequence, StoreError> {
        let tenant = self.view.whole_tenant()?;
        self.engine
            .readers
            .read(move |database, watch| {
                finished(last_sequence::find(&SqliteSession::watched(database, watch), tenant))
            })
            .await
    }

    async fn list_pending_members(&self, group: ResourceId) -> Result<Vec<String>, StoreError> {
        let view = self.view;
        self.engine
            .readers
            .read(move |database, watch| {
                finished(member_label::list_pending(&SqliteSession::watched(database, watch), view, group))
            })
            .await
    }

    async fn record_repairs(
        &self,
        connection: ConnectionId,
        counts: &[(&'static str, u64)],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let tenant = self.view.tenant;
        let counts = counts.to_vec();
        self.engine
            .writer
            .write(move |database| {
                finished(repair_count::add(&SqliteSession::of(database), tenant, connection, &counts, at))
            })
            .await
    }

    async fn list_repairs(&self, connection: ConnectionId) -> Result<Vec<RepairCount>, StoreError> {
        let tenant = self.view.tenant;
        self.engine
            .readers
            .read(move |database, watch| {
                finished(repair_count::list(&SqliteSession::watched(database, watch), tenant, connection))
            })
            .await
    }

    async fn list_schema_entries(&self) -> Result<TenantSchemas, StoreError> {
        let tenant = self.view.tenant;
        self.engine
            .readers
            .read(move |database, watch| finished(schemas::list(&SqliteSession::watched(database, watch), tenant)))
            .await
    }

    async fn change_schemas(&self, change: SchemaChange) -> Result<SchemaRevision, SchemaChangeError> {
        let tenant = self.view.tenant;
        self.engine
            .writer
            .write(move |database| finished(schemas::change(&SqliteSession::of(database), tenant, &change)))
            .await
    }

    async fn list_held(&self, connection: Option<ConnectionId>) -> Result<Vec<HeldOperation>, StoreError> {
        let tenant = self.view.tenant;
        self.engine
            .scanners
            .read_without_limit(move |database, watch| {
                finished(held::list(&SqliteSession::watched(database, watch), tenant, connection))
            })
            .await
    }

    async fn is_held(&self, connection: ConnectionId, resource: ResourceId) -> Result<bool, StoreError> {
        let tenant = self.view.tenant;
        self.engine
            .readers
            .read(move |database, watch| {
                finished(held::is_held(&SqliteSession::watched(database, watch), tenant, connection, resource))
            })
            .await
    }

    async fn drop_held(&self, ids: &[HeldId]) -> Result<u64, StoreError> {
        let tenant = self.view.tenant;
        let ids = ids.to_vec();
        self.engine
            .writer
            .write(move |database| finished(held::forget(&SqliteSession::of(database), tenant, &ids)))
            .await
    }

    async fn list_guard_use(&self, connection: ConnectionId, at: Timestamp) -> Result<Vec<GuardUse>, StoreError> {
        let tenant = self.view.tenant;
        self.engine
            .readers
            .read(move |database, _| finished(guard_window::list(&SqliteSession::of(database), tenant, connection, at)))
            .await
    }

    async fn reset_guard(&self, connection: ConnectionId) -> Result<(), StoreError> {
        let tenant = self.view.tenant;
        self.engine
            .writer
            .write(move |database| finished(guard_window::reset(&SqliteSession::of(database), tenant, connection)))
            .await
    }

    async fn record_credential_use(&self, credential: CredentialId, at: Timestamp) -> Result<(), StoreError> {
        let tenant = self.view.tenant;
        let minute = credential_use::minute_of(at);
        // A busy connection makes one write a minute, not one a request.
        let is_noted = self
            .engine
            .gate
            .read(move |database, watch| {
                finished(credential_use::is_noted(&SqliteSession::watched(database, watch), tenant, credential, minute))
            })
            .await?;
        if is_noted {
            return Ok(());
        }
        self.engine
            .writer
            .write(move |database| {
                finished(credential_use::note(&SqliteSession::of(database), tenant, credential, minute))
            })
            .await
    }
}
