//! When a credential was last used, to the minute. Kept with the tenant, because requests write it.

use jiff::Timestamp;
use muster_model::{CredentialId, TenantId};
use muster_store::StoreError;
use rusqlite::{Connection, params};

use crate::failure::store_error;
use crate::read::prepare;
use muster_store_sql::columns::{IdColumn, microseconds};

const MICROSECONDS_OF_A_MINUTE: i64 = 60_000_000;

/// The beginning of the minute, in microseconds.
pub(crate) fn minute_of(at: Timestamp) -> i64 {
    let at = microseconds(at);
    at - at.rem_euclid(MICROSECONDS_OF_A_MINUTE)
}

/// Whether that minute or a later one is noted already.
pub(crate) fn is_noted(
    connection: &Connection,
    tenant: TenantId,
    credential: CredentialId,
    minute: i64,
) -> Result<bool, StoreError> {
    let mut statement = prepare(
        connection,
        "SELECT EXISTS (SELECT 1 FROM credential_use WHERE tenant = ?1 AND credential = ?2 AND last_used >= ?3)",
    )?;
    let is_noted = statement.query_row(params![tenant.bytes(), credential.bytes(), minute], |row| row.get(0));
    is_noted.map_err(store_error)
}

/// Notes nothing for a credential that is not the tenant's, or no longer.
pub(crate) fn note(
    connection: &Connection,
    tenant: TenantId,
    credential: CredentialId,
    minute: i64,
) -> Result<(), StoreError> {
    let mut statement = prepare(
        connection,
        "INSERT INTO credential_use (tenant, credential, last_used)
         SELECT tenant, id, ?3 FROM credential WHERE tenant = ?1 AND id = ?2
         ON CONFLICT (tenant, credential) DO UPDATE SET last_used = excluded.last_used
         WHERE excluded.last_used > credential_use.last_used",
    )?;
    statement.execute(params![tenant.bytes(), credential.bytes(), minute]).map(drop).map_err(store_error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_that_is_written_late_does_not_turn_the_clock_back() {
        let mut connection = Connection::open_in_memory().unwrap();
        crate::migrate::migrate(&mut connection).unwrap();
        let tenant = TenantId::from_bytes([0; 16]);
        let credential = CredentialId::from_bytes([0; 16]);
        connection
            .execute_batch(
                "PRAGMA foreign_keys = OFF;
                 INSERT INTO credential VALUES (zeroblob(16), zeroblob(16), zeroblob(16), zeroblob(32), '', 0, NULL)",
            )
            .unwrap();
        note(&connection, tenant, credential, 120).unwrap();
        note(&connection, tenant, credential, 60).unwrap();
        assert!(is_noted(&connection, tenant, credential, 120).unwrap());
        assert!(!is_noted(&connection, tenant, credential, 180).unwrap());
    }

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
