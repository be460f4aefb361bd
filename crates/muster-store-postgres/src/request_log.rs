//! The request log.

use std::sync::Arc;

use async_trait::async_trait;
use muster_model::{RequestEntry, RequestEntryId};
use muster_store::{RequestLog, RequestQuery, StoreError};
use muster_store_sql::request_log;

use crate::directory::PostgresDirectory;
use crate::session::Mode;

#[async_trait]
impl RequestLog for PostgresDirectory {
    async fn record_requests(&self, entries: Arc<[RequestEntry]>) -> Result<(), StoreError> {
        let (tenant, entries) = (self.view.whole_tenant()?, &entries);
        let record = move |session: crate::Shared| async move { request_log::record(&*session, tenant, entries).await };
        self.pool.run(Mode::Write, record).await
    }

    async fn list_requests(&self, query: &RequestQuery) -> Result<Vec<RequestEntry>, StoreError> {
        let tenant = self.view.whole_tenant()?;
        let list = move |session: crate::Shared| async move { request_log::list(&*session, tenant, query).await };
        self.pool.run(Mode::Scan, list).await
    }

    async fn find_request(&self, id: RequestEntryId) -> Result<Option<RequestEntry>, StoreError> {
        let tenant = self.view.whole_tenant()?;
        let find = move |session: crate::Shared| async move { request_log::find(&*session, tenant, id).await };
        self.pool.run(Mode::Single, find).await
    }
}
