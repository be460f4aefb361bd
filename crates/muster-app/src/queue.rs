//! Writers of one document take turns once they have met.

use std::hash::{DefaultHasher, Hash, Hasher};

use muster_model::{ResourceId, TenantId};
use tokio::sync::{Mutex, MutexGuard};

/// A fixed number of queues; a document always waits in the same one. Two documents may share one, which costs a
/// little waiting and nothing else. Memory stays the same however many documents there are.
pub(crate) struct KeyedQueue {
    queues: Vec<Mutex<()>>,
    everyone: Mutex<()>,
}

const QUEUES: usize = 256;

impl KeyedQueue {
    pub(crate) fn new() -> Self {
        Self { queues: (0..QUEUES).map(|_| Mutex::new(())).collect(), everyone: Mutex::new(()) }
    }

    /// Waits for the turn of this document; the turn ends when the guard is dropped.
    pub(crate) async fn turn(&self, tenant: TenantId, resource: ResourceId) -> MutexGuard<'_, ()> {
        let mut hasher = DefaultHasher::new();
        (tenant, resource).hash(&mut hasher);
        let index = usize::try_from(hasher.finish() % QUEUES as u64).unwrap_or(0);
        self.queues.get(index).unwrap_or(&self.everyone).lock().await
    }
}
