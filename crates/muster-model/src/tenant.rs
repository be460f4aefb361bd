//! The isolation border.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::TenantId;

/// One customer's directory, connections, roles and log. A new installation has one, named [`Tenant::DEFAULT_NAME`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenant {
    pub id: TenantId,
    /// Unique in the environment.
    pub name: String,
    pub created: Timestamp,
}

impl Tenant {
    pub const DEFAULT_NAME: &'static str = "default";
}
