//! What every use case works with.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use muster_model::{Clock, CredentialId, Rng};
use muster_store::Store;
use scim::schema::{group_resource_schema, user_resource_schema};
use scim::{ResourceSchema, Schema};

use crate::password::PasswordHasher;
use crate::queue::KeyedQueue;

/// The assembled application: the store and the sources of time and randomness. Shared by all requests.
pub struct App {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) passwords: PasswordHasher,
    /// Writers that lost a race for one document wait here for their turn.
    pub(crate) contended: KeyedQueue,
    /// The minute for which a credential's use was last recorded, so that it is recorded once a minute.
    pub(crate) recorded_uses: Mutex<HashMap<CredentialId, i64>>,
    resource_schemas: Vec<Arc<ResourceSchema>>,
}

impl App {
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Arc<Self> {
        let passwords = PasswordHasher::new(Arc::clone(&rng));
        Arc::new(Self {
            store,
            clock,
            rng,
            passwords,
            contended: KeyedQueue::new(),
            recorded_uses: Mutex::new(HashMap::new()),
            resource_schemas: vec![user_resource_schema(), group_resource_schema()],
        })
    }

    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The resource types that a tenant has, with their schemas, in the order of `/ResourceTypes`.
    pub fn resource_schemas(&self) -> &[Arc<ResourceSchema>] {
        &self.resource_schemas
    }

    /// The schemas that `/Schemas` lists.
    pub fn schemas(&self) -> &'static [Arc<Schema>] {
        scim::schema::builtin_schemas()
    }
}
