//! The request log: entries go to the writer in portions, and come back from threads that others do not wait for.

use std::sync::Arc;

use async_trait::async_trait;
use muster_model::{RequestEntry, RequestEntryId};
use muster_store::{RequestLog, RequestQuery, StoreError};
use muster_store_sql::{finished, request_log};

use crate::directory::SqliteDirectory;
use crate::session::SqliteSession;

#[async_trait]
impl RequestLog for SqliteDirectory {
    async fn record_requests(&self, entries: Arc<[RequestEntry]>) -> Result<(), StoreError> {
        let tenant = self.view.whole_tenant()?;
        self.engine
            .writer
            .write(move |database| finished(request_log::record(&SqliteSession::of(database), tenant, &entries)))
            .await
    }

    async fn list_requests(&self, query: &RequestQuery) -> Result<Vec<RequestEntry>, StoreError> {
        let (tenant, query) = (self.view.whole_tenant()?, query.clone());
        self.engine
            .scanners
            .read(move |database, watch| {
                finished(request_log::list(&SqliteSession::watched(database, watch), tenant, &query))
            })
            .await
    }

    async fn find_request(&self, id: RequestEntryId) -> Result<Option<RequestEntry>, StoreError> {
        let tenant = self.view.whole_tenant()?;
        self.engine
            .readers
            .read(move |database, watch| {
                finished(request_log::find(&SqliteSession::watched(database, watch), tenant, id))
            })
            .await
    }
}
