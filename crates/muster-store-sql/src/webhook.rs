//! The tables of webhooks (docs/adr/0029).
//!
//! Whoever writes deliveries of a tenant has its lock first, so that nobody ends a delivery while another adds one behind it:
//! the second would wait for ever for the end of the first.

mod attempt;
mod delivery;
mod endpoint;
mod key;
mod sending;

use muster_model::TenantId;
use muster_store::{Scope, StoreError};

use crate::{Session, View};

pub use attempt::{list_attempts, record_attempt};
pub use delivery::{add, find_delivery, list_deliveries, list_due, schedule};
pub use endpoint::{change_settings, create, delete, disable, enable, find, list, work};
pub use key::replace as replace_keys;
pub use sending::{forget_old, recover, resend, tenants_with_old};

/// Until the transaction ends.
async fn lock<S: Session>(session: &S, tenant: TenantId) -> Result<(), StoreError> {
    session.lock(View { tenant, scope: Scope::Tenant }, "webhooks").await
}
