//! What is learnt of a request while it is worked on. It costs a lock that nobody else wants, and no look at any value.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use jiff::Timestamp;
use muster_model::{ConnectionId, CredentialId, ResourceId, TenantId};
use muster_store::{Committed, Write};
use scim::Repair;
use scim::schema::SchemaSet;

/// A longer body is not looked through for secrets, and so nothing of it is kept.
pub const LARGEST_BODY: usize = 64 * 1024;
/// So many moments of changes are kept; a bulk request may make more.
const MOST_MOMENTS: usize = 64;

/// Shared by the edge, which begins and ends it, and by the use cases, which add to it.
#[derive(Debug, Default)]
pub struct RequestTrace(Mutex<Traced>);

/// What came together.
#[derive(Debug, Default)]
pub(super) struct Traced {
    pub(super) caller: Option<TracedCaller>,
    pub(super) repairs: Vec<(&'static str, u64)>,
    pub(super) changes: u64,
    pub(super) changed_at: Vec<Timestamp>,
    pub(super) changed: Option<ResourceId>,
    pub(super) body: Option<ReadBody>,
}

/// Who proved who he is, and what says which of his words are secret.
#[derive(Debug)]
pub(super) struct TracedCaller {
    pub(super) tenant: TenantId,
    pub(super) connection: ConnectionId,
    pub(super) credential: CredentialId,
    pub(super) schemas: Arc<SchemaSet>,
}

/// A body that was read to its end. What stands in it is nobody's business before secrets are taken out.
#[derive(Clone)]
pub struct ReadBody {
    pub(super) length: u64,
    /// `None`: it is too long.
    pub(super) bytes: Option<Bytes>,
}

impl fmt::Debug for ReadBody {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ReadBody").field("length", &self.length).finish_non_exhaustive()
    }
}

impl ReadBody {
    pub(super) fn of(bytes: &Bytes) -> Self {
        Self { length: bytes.len() as u64, bytes: (bytes.len() <= LARGEST_BODY).then(|| bytes.clone()) }
    }
}

impl RequestTrace {
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Notes the body as it came. It is copied: what the network read it into is much larger and wanted for the next request.
    pub fn note_body(&self, body: &[u8]) {
        let bytes = (body.len() <= LARGEST_BODY).then(|| Bytes::copy_from_slice(body));
        self.lock().body = Some(ReadBody { length: body.len() as u64, bytes });
    }

    pub(crate) fn note_caller(
        &self,
        tenant: TenantId,
        connection: ConnectionId,
        credential: CredentialId,
        schemas: &Arc<SchemaSet>,
    ) {
        let schemas = Arc::clone(schemas);
        self.lock().caller = Some(TracedCaller { tenant, connection, credential, schemas });
    }

    pub(crate) fn note_repairs(&self, repairs: &[Repair]) {
        let mut traced = self.lock();
        for repair in repairs {
            let code = repair.code();
            match traced.repairs.iter_mut().find(|(kind, _)| *kind == code) {
                Some((_, count)) => *count += 1,
                None => traced.repairs.push((code, 1)),
            }
        }
    }

    /// Notes a commit. `first`: what its first write was about.
    pub(crate) fn note_commit(&self, first: Option<ResourceId>, at: Timestamp, committed: &Committed) {
        let changed = committed.written.iter().filter(|written| written.changed).count();
        if changed == 0 {
            return;
        }
        let mut traced = self.lock();
        traced.changes += changed as u64;
        traced.changed = traced.changed.or(first);
        if traced.changed_at.len() < MOST_MOMENTS && traced.changed_at.last() != Some(&at) {
            traced.changed_at.push(at);
        }
    }

    /// What came together; from then on there is nothing.
    pub(super) fn take(&self) -> Traced {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Traced> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the first of some writes is about.
pub(crate) fn subject(writes: &[Write]) -> Option<ResourceId> {
    writes.first().map(|write| match write {
        Write::Create { id, .. }
        | Write::Update { id, .. }
        | Write::Delete { id, .. }
        | Write::ChangeOwner { id, .. } => *id,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repairs_are_counted_by_kind_and_a_long_body_leaves_its_length() {
        let trace = RequestTrace::new();
        trace.note_repairs(&[Repair::SchemasAssumed, Repair::EnvelopeAssumed, Repair::SchemasAssumed]);
        trace.note_body(&vec![b'x'; LARGEST_BODY + 1]);
        let traced = trace.take();
        assert_eq!(traced.repairs, [(Repair::SchemasAssumed.code(), 2), (Repair::EnvelopeAssumed.code(), 1)]);
        let body = traced.body.unwrap();
        assert_eq!((body.length, body.bytes), (LARGEST_BODY as u64 + 1, None));
        assert!(trace.take().body.is_none());
    }
}
