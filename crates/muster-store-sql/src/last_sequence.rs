//! How far a tenant's change log goes.

use muster_model::{Sequence, TenantId};
use muster_store::StoreError;

use crate::{Session, damaged, values};

/// Of what has a number.
pub async fn find<S: Session>(session: &S, tenant: TenantId) -> Result<Sequence, StoreError> {
    let row = session.row("SELECT last FROM change_sequence WHERE tenant = ?1", values![tenant]).await?;
    let last = row.map_or(Ok(0), |mut row| row.take::<i64>(0))?;
    u64::try_from(last).map(Sequence).map_err(|_| damaged("number in the change log"))
}
