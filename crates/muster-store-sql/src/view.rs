//! What a statement may see: one tenant, and within it what the scope of the handle reaches.

use muster_model::TenantId;
use muster_store::{Scope, StoreError};

use crate::columns::{IdBytes, IdColumn};
use crate::defect;

/// Everything that reads or writes resources takes one, so that no statement forgets the tenant or the scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    pub tenant: TenantId,
    pub scope: Scope,
}

impl View {
    pub fn tenant(self) -> IdBytes {
        self.tenant.bytes()
    }

    /// The tenant, for what tells of resources that a connection may not see.
    pub fn whole_tenant(self) -> Result<TenantId, StoreError> {
        match self.scope {
            Scope::Tenant => Ok(self.tenant),
            Scope::Connection(_) => Err(defect("owners and conflicts were asked for in the scope of a connection")),
        }
    }

    /// The value of `brought_by` that is seen; `None`: every one is. Conditions are written
    /// `(?n IS NULL OR brought_by = ?n)` where the row is found by its key, and into the statement's text where the owner
    /// leads an index ([`crate::pushdown::Plan`]).
    pub fn owner(self) -> Option<IdBytes> {
        self.scope.only().map(IdColumn::bytes)
    }
}
