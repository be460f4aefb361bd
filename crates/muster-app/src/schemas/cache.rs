//! The schemas of each tenant, kept as long as their revision is the present one. The revision is read with the caller at
//! every request, so a change counts from the next request on, on every node.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use muster_model::{SchemaRevision, TenantId};
use muster_store::Directory;
use scim::schema::SchemaSet;

use super::entries;
use crate::{AppError, Profile};

/// Name of the attribute that a profile may leave out (RFC 7643 section 4.1.1).
const PASSWORD: &str = "password";
/// Of so many tenants the schemas are kept; a set of the largest size is some hundred KiB.
const MOST_TENANTS: usize = 256;

/// The same schemas for connections of either kind of profile.
#[derive(Clone)]
struct Sets {
    with_passwords: Arc<SchemaSet>,
    without_passwords: Arc<SchemaSet>,
}

impl Sets {
    fn of(set: SchemaSet) -> Self {
        let without_passwords = Arc::new(set.without_base_attribute(PASSWORD));
        Self { with_passwords: Arc::new(set), without_passwords }
    }

    fn for_profile(&self, profile: &Profile) -> Arc<SchemaSet> {
        Arc::clone(if profile.accept_passwords { &self.with_passwords } else { &self.without_passwords })
    }
}

pub(crate) struct SchemaCache {
    builtin: Sets,
    of_tenants: Mutex<HashMap<TenantId, (SchemaRevision, Sets)>>,
}

impl SchemaCache {
    pub(crate) fn new() -> Self {
        Self { builtin: Sets::of(SchemaSet::builtin()), of_tenants: Mutex::default() }
    }

    /// The schemas at that revision. Fails when they cannot be understood: a tenant is rather not served than with fewer
    /// attributes, because each write would lose what the schema no longer names.
    pub(crate) async fn of(
        &self,
        directory: &dyn Directory,
        tenant: TenantId,
        revision: SchemaRevision,
        profile: &Profile,
    ) -> Result<Arc<SchemaSet>, AppError> {
        // Most tenants never add anything.
        if revision == SchemaRevision::default() {
            return Ok(self.builtin.for_profile(profile));
        }
        if let Some(sets) = self.known(tenant, revision) {
            return Ok(sets.for_profile(profile));
        }
        self.read(directory, tenant, profile).await
    }

    /// As [`Self::of`], for somebody who came without the revision: at the one that is there now.
    pub(crate) async fn read(
        &self,
        directory: &dyn Directory,
        tenant: TenantId,
        profile: &Profile,
    ) -> Result<Arc<SchemaSet>, AppError> {
        let found = directory.list_schema_entries().await?;
        let set = entries::assembled(&found.entries).map_err(|problem| AppError::Internal(Box::new(problem)))?;
        let sets = Sets::of(set);
        let mut of_tenants = self.of_tenants.lock().unwrap_or_else(PoisonError::into_inner);
        if of_tenants.len() >= MOST_TENANTS {
            of_tenants.clear();
        }
        of_tenants.insert(tenant, (found.revision, sets.clone()));
        Ok(sets.for_profile(profile))
    }

    /// Every attribute that the tenant has, whatever a connection's profile leaves out; at the revision that is there now.
    pub(crate) async fn whole(&self, directory: &dyn Directory) -> Result<Arc<SchemaSet>, AppError> {
        let found = directory.list_schema_entries().await?;
        if found.revision == SchemaRevision::default() {
            return Ok(Arc::clone(&self.builtin.with_passwords));
        }
        let set = entries::assembled(&found.entries).map_err(|problem| AppError::Internal(Box::new(problem)))?;
        Ok(Arc::new(set))
    }

    fn known(&self, tenant: TenantId, revision: SchemaRevision) -> Option<Sets> {
        let of_tenants = self.of_tenants.lock().unwrap_or_else(PoisonError::into_inner);
        of_tenants.get(&tenant).filter(|(known, _)| *known == revision).map(|(_, sets)| sets.clone())
    }
}
