//! When a credential was last used, to the minute. Kept with the tenant, because requests write it.

use jiff::Timestamp;
use muster_model::{CredentialId, TenantId};
use muster_store::StoreError;

use crate::columns::{microseconds, timestamp};
use crate::{Session, values};

const MICROSECONDS_OF_A_MINUTE: i64 = 60_000_000;

/// The beginning of the minute, in microseconds.
pub fn minute_of(at: Timestamp) -> i64 {
    let at = microseconds(at);
    at - at.rem_euclid(MICROSECONDS_OF_A_MINUTE)
}

pub async fn find<S: Session>(
    session: &S,
    tenant: TenantId,
    credential: CredentialId,
) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT last_used FROM credential_use WHERE tenant = ?1 AND credential = ?2";
    let row = session.row(sql, values![tenant, credential]).await?;
    row.map(|mut row| timestamp(row.take(0)?)).transpose()
}

/// Whether that minute or a later one is noted already.
pub async fn is_noted<S: Session>(
    session: &S,
    tenant: TenantId,
    credential: CredentialId,
    minute: i64,
) -> Result<bool, StoreError> {
    session
        .is_true(
            "SELECT EXISTS (SELECT 1 FROM credential_use WHERE tenant = ?1 AND credential = ?2 AND last_used >= ?3)",
            values![tenant, credential, minute],
        )
        .await
}

/// Notes nothing for a credential that is not the tenant's, or no longer.
pub async fn note<S: Session>(
    session: &S,
    tenant: TenantId,
    credential: CredentialId,
    minute: i64,
) -> Result<(), StoreError> {
    session
        .send(
            "INSERT INTO credential_use (tenant, credential, last_used)
             SELECT tenant, id, ?3/*pg ::bigint */ FROM credential WHERE tenant = ?1 AND id = ?2 /*pg FOR KEY SHARE */
             ON CONFLICT (tenant, credential) DO UPDATE SET last_used = excluded.last_used
             WHERE excluded.last_used > credential_use.last_used",
            values![tenant, credential, minute],
        )
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_noted_to_the_minute() {
        for (at, minute) in [
            ("2026-01-01T10:11:59.999999Z", "2026-01-01T10:11:00Z"),
            ("2026-01-01T10:11:00Z", "2026-01-01T10:11:00Z"),
            ("1969-12-31T23:59:30Z", "1969-12-31T23:59:00Z"),
        ] {
            let minute: Timestamp = minute.parse().unwrap();
            assert_eq!(minute_of(at.parse().unwrap()), microseconds(minute), "{at}");
        }
    }
}
