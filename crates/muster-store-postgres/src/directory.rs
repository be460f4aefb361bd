//! One tenant's handle: what it answers without the reference tables.

use std::sync::Arc;

use muster_model::{Change, ResourceId, Sequence, StoredResource, TypeName};
use muster_store::{Batch, CommitError, Committed, Include, PlacePage, ResourcePage, ResourceQuery, Scope, StoreError};
use muster_store_sql::list::{self, Listing};
use muster_store_sql::{Plan, Session, View, commit, defect, is_look_up};

use crate::engine::Engine;
use crate::sequencer;
use crate::session::{Mode, PostgresSession};

/// Reads and writes one tenant's resources, as far as the scope reaches.
pub struct PostgresDirectory {
    pub(crate) engine: Arc<Engine>,
    pub(crate) view: View,
}

/// A list's question with the plan for it.
type Question = Arc<(ResourceQuery, Plan)>;

impl PostgresDirectory {
    pub async fn find_resource(
        &self,
        resource_type: &TypeName,
        id: ResourceId,
        include: Include,
    ) -> Result<Option<StoredResource>, StoreError> {
        let (view, resource_type) = (self.view, resource_type.clone());
        let find = move |session: Arc<PostgresSession>| {
            let resource_type = resource_type.clone();
            async move { Ok(session.resources(view, &resource_type, &[id], include).await?.into_iter().next()) }
        };
        self.engine.run(Mode::Single, find).await
    }

    pub async fn commit(&self, batch: Batch) -> Result<Committed, CommitError> {
        let (view, batch) = (self.view, Arc::new(batch));
        let apply = move |session: Arc<PostgresSession>| {
            let batch = Arc::clone(&batch);
            async move { commit::apply(&*session, view, &batch).await }
        };
        self.engine.run(Mode::Write, apply).await
    }

    pub async fn list_resources(&self, query: &ResourceQuery) -> Result<ResourcePage, StoreError> {
        let (view, question) = (self.view, self.question(query));
        let mode = mode_of(&question);
        let read = move |session: Arc<PostgresSession>| {
            let question = Arc::clone(&question);
            async move {
                let (query, plan) = &*question;
                list::resources(Listing { session: &*session, view, query, plan }).await
            }
        };
        self.engine.run(mode, read).await
    }

    pub async fn list_places(&self, query: &ResourceQuery) -> Result<PlacePage, StoreError> {
        let (view, question) = (self.view, self.question(query));
        let mode = mode_of(&question);
        let read = move |session: Arc<PostgresSession>| {
            let question = Arc::clone(&question);
            async move {
                let (query, plan) = &*question;
                list::places(Listing { session: &*session, view, query, plan }).await
            }
        };
        self.engine.run(mode, read).await
    }

    /// Gives numbers only when those that are given do not suffice for the answer.
    pub async fn list_changes(&self, after: Sequence, limit: usize) -> Result<Vec<Change>, StoreError> {
        if self.view.scope != Scope::Tenant {
            return Err(defect("the change log was asked for in the scope of a connection"));
        }
        let tenant = self.view.tenant;
        let read =
            move |session: Arc<PostgresSession>| async move { sequencer::list(&session, tenant, after, limit).await };
        let numbered = self.engine.run(Mode::Single, read).await?;
        if numbered.len() >= limit {
            return Ok(numbered);
        }
        let is_pending =
            move |session: Arc<PostgresSession>| async move { sequencer::has_pending(&session, tenant).await };
        if !self.engine.run(Mode::Single, is_pending).await? {
            return self.engine.run(Mode::Single, read).await;
        }
        let number = move |session: Arc<PostgresSession>| async move {
            sequencer::move_visible(&session, tenant).await?;
            sequencer::list(&session, tenant, after, limit).await
        };
        self.engine.run(Mode::Write, number).await
    }

    fn question(&self, query: &ResourceQuery) -> Question {
        let view = self.view;
        let plan = query.filter.as_ref().map_or_else(|| Plan::everything(view), |filter| Plan::of(filter, view));
        Arc::new((query.clone(), plan))
    }
}

fn mode_of(question: &Question) -> Mode {
    if is_look_up(&question.0, &question.1) { Mode::Snapshot } else { Mode::Scan }
}
