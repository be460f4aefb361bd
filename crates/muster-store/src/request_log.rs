//! The request log: what identity providers asked, kept apart from what they changed. It is written beside the requests and
//! never by them, and nothing else depends on it (docs/adr/0027).

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use muster_model::{ConnectionId, RequestEntry, RequestEntryId, ResourceId};

use crate::StoreError;

/// How much of the log there may be. The days are kept whole: what is younger than `days` stays unless `bytes` are too few.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestLogBounds {
    /// Older entries are forgotten.
    pub days: u32,
    /// Of all tenants together; beyond it the oldest are forgotten.
    pub bytes: u64,
}

/// Which entries are wanted, by how their calls ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusFilter {
    /// This status and no other.
    Exactly(u16),
    /// `4`: 400 to 499.
    Class(u8),
    /// 400 and more, and those that were never answered.
    Failed,
}

/// A question for entries, the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestQuery {
    /// Only those before that one, to go on behind a page.
    pub before: Option<RequestEntryId>,
    /// Only those that were answered at that moment or later.
    pub since: Option<Timestamp>,
    /// Only those that were answered before that moment.
    pub until: Option<Timestamp>,
    pub connection: Option<ConnectionId>,
    /// In capitals, as it was sent.
    pub method: Option<String>,
    pub status: Option<StatusFilter>,
    pub resource: Option<ResourceId>,
    /// Of what went wrong.
    pub code: Option<String>,
    /// The id under which the log lines have it.
    pub request: Option<String>,
    pub limit: u64,
}

impl RequestQuery {
    /// The newest of a tenant.
    pub const fn newest(limit: u64) -> Self {
        Self {
            before: None,
            since: None,
            until: None,
            connection: None,
            method: None,
            status: None,
            resource: None,
            code: None,
            request: None,
            limit,
        }
    }
}

/// The part of [`crate::Directory`] that is about the request log. It tells what all connections of the tenant asked, so it is
/// refused in the scope of a connection.
#[async_trait]
pub trait RequestLog: Send + Sync {
    /// Adds entries, all or none. An entry whose id is there already is left as it is, so that trying again is harmless.
    async fn record_requests(&self, entries: Arc<[RequestEntry]>) -> Result<(), StoreError>;

    /// Fails with [`StoreError::TooBroad`] when looking for them would take too long.
    async fn list_requests(&self, query: &RequestQuery) -> Result<Vec<RequestEntry>, StoreError>;

    async fn find_request(&self, id: RequestEntryId) -> Result<Option<RequestEntry>, StoreError>;
}
