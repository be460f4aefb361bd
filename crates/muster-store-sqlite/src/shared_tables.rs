//! What the shared statements do where no law reaches, tried on SQLite.

use muster_model::{CredentialId, TenantId};
use muster_store::StoreError;
use muster_store_sql::{Session, credential_use, finished, tenant, values};
use rusqlite::Connection;

use crate::session::SqliteSession;
use muster_store_sql::columns::IdColumn;

fn database() -> Connection {
    let mut database = Connection::open_in_memory().unwrap();
    crate::migrate::migrate(&mut database).unwrap();
    database.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    database
}

#[test]
fn a_use_that_is_written_late_does_not_turn_the_clock_back() {
    let database = database();
    database
        .execute_batch(
            "INSERT INTO credential (id, tenant, connection, digest, last_four, created)
             VALUES (zeroblob(16), zeroblob(16), zeroblob(16), zeroblob(32), '', 0)",
        )
        .unwrap();
    let session = SqliteSession::of(&database);
    let tenant = TenantId::from_bytes([0; 16]);
    let credential = CredentialId::from_bytes([0; 16]);
    finished(credential_use::note(&session, tenant, credential, 120)).unwrap();
    finished(credential_use::note(&session, tenant, credential, 60)).unwrap();
    assert!(finished(credential_use::is_noted(&session, tenant, credential, 120)).unwrap());
    assert!(!finished(credential_use::is_noted(&session, tenant, credential, 180)).unwrap());
}

#[test]
fn what_this_program_never_wrote_is_reported_as_damage() {
    let database = database();
    database
        .execute_batch("INSERT INTO tenant (id, name, created) VALUES (zeroblob(16), 'a', 9223372036854775807)")
        .unwrap();
    let session = SqliteSession::of(&database);
    assert!(matches!(finished(tenant::list(&session)), Err(StoreError::Failed(_))));
    assert!(matches!(finished(session.rows("SELECT 0.5", values![])), Err(StoreError::Failed(_))));
}
