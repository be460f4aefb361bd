//! The system log: who did what. Entries are written with what they tell of, in one transaction ([`crate::Store::noting`]), and
//! never changed.

use async_trait::async_trait;
use jiff::Timestamp;
use muster_model::{Reach, SystemEntry, SystemEntryId};

use crate::StoreError;

/// A question for entries, the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemLogQuery {
    /// Only what is of this tenant; of the environment everything.
    pub reach: Reach,
    /// Only those before that one, to go on behind a page.
    pub before: Option<SystemEntryId>,
    pub since: Option<Timestamp>,
    /// Only those before that moment.
    pub until: Option<Timestamp>,
    /// As [`muster_model::Actor`] is written.
    pub actor: Option<String>,
    pub action: Option<String>,
    /// The id of what it was done to.
    pub target: Option<String>,
    pub limit: u64,
}

impl SystemLogQuery {
    pub const fn newest(reach: Reach, limit: u64) -> Self {
        Self { reach, before: None, since: None, until: None, actor: None, action: None, target: None, limit }
    }
}

#[async_trait]
pub trait SystemLog: Send + Sync + 'static {
    /// An entry by itself, of what was done elsewhere.
    async fn record_system_entry(&self, entry: &SystemEntry) -> Result<(), StoreError>;

    async fn list_system_entries(&self, query: &SystemLogQuery) -> Result<Vec<SystemEntry>, StoreError>;
}
