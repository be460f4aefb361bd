use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;

use super::*;
use crate::open::open_for_writing;

fn made(folder: &Path) -> (PathBuf, Connection) {
    let path = folder.join("muster.db");
    let connection = open_for_writing(&path, Duration::from_secs(1)).unwrap();
    (path, connection)
}

/// Everything in a folder, byte by byte, without the shared memory.
fn contents(folder: &Path) -> BTreeMap<OsString, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let files = entries.filter(|entry| !entry.file_name().to_string_lossy().ends_with("-shm"));
    files.map(|entry| (entry.file_name(), fs::read(entry.path()).unwrap())).collect()
}

fn sound() -> FileReport {
    let schema_version = Some(migrate::version_after(MIGRATIONS.len()));
    FileReport { findings: Vec::new(), schema_version, missing_migrations: 0 }
}

#[test]
fn a_closed_file_is_looked_at_and_nothing_is_written() {
    // The name needs every kind of escape.
    let folder = tempfile::Builder::new().prefix("a folder?with=100%#odd&ünusual").tempdir().unwrap();
    let (path, connection) = made(folder.path());
    drop(connection);
    let before = contents(folder.path());
    assert_eq!(before.len(), 1);
    assert_eq!(inspect_file(&path).unwrap(), sound());
    assert_eq!(contents(folder.path()), before);
}

#[cfg(unix)]
#[test]
fn a_file_in_a_folder_that_nobody_may_write_is_looked_at() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let (path, connection) = made(folder.path());
    drop(connection);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o500)).unwrap();
    assert_eq!(inspect_file(&path).unwrap(), sound());
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn a_file_that_a_server_has_open_is_looked_at_as_the_server_sees_it() {
    let folder = tempfile::tempdir().unwrap();
    let (path, connection) = made(folder.path());
    // Only in the WAL so far.
    connection.execute_batch("INSERT INTO resource_count VALUES (zeroblob(16), 'User', 3)").unwrap_err();
    connection.execute_batch("INSERT INTO pending_member VALUES (zeroblob(16), zeroblob(16), 1, 'x')").unwrap();
    let wal = fs::metadata(folder.path().join("muster.db-wal")).unwrap().len();
    assert!(wal > 0);
    let report = inspect_file(&path).unwrap();
    assert_eq!(report.findings, ["1 pending members wait for a group that is not there"]);
    // The server's WAL is as it was, and the server goes on.
    assert_eq!(fs::metadata(folder.path().join("muster.db-wal")).unwrap().len(), wal);
    connection.execute_batch("DELETE FROM pending_member").unwrap();
    assert_eq!(inspect_file(&path).unwrap(), sound());
}

#[test]
fn what_a_kill_has_left_is_looked_at_and_not_moved() {
    let (running, killed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (path, connection) = made(running.path());
    connection.execute_batch("INSERT INTO pending_member VALUES (zeroblob(16), zeroblob(16), 1, 'x')").unwrap();
    let copy = killed.path().join("muster.db");
    fs::copy(&path, &copy).unwrap();
    fs::copy(running.path().join("muster.db-wal"), killed.path().join("muster.db-wal")).unwrap();
    let before = contents(killed.path());
    assert_eq!(inspect_file(&copy).unwrap().findings, ["1 pending members wait for a group that is not there"]);
    assert_eq!(contents(killed.path()), before);
}

#[test]
fn missing_migrations_are_found_and_not_applied() {
    let folder = tempfile::tempdir().unwrap();
    let (path, connection) = made(folder.path());
    connection.execute("DELETE FROM schema_migration WHERE number > 1", []).unwrap();
    drop(connection);
    let missing = MIGRATIONS.len() - 1;
    let report = inspect_file(&path).unwrap();
    assert_eq!((report.schema_version, report.missing_migrations), (Some(1), missing));
    assert_eq!(report.findings.len(), usize::from(missing > 0), "{:?}", report.findings);

    let empty = folder.path().join("empty.db");
    fs::write(&empty, b"").unwrap();
    let report = inspect_file(&empty).unwrap();
    assert_eq!((report.schema_version, report.missing_migrations), (Some(0), MIGRATIONS.len()));
    assert_eq!(report.findings.len(), 1, "{:?}", report.findings);
    assert!(report.findings.iter().all(|finding| finding.starts_with("the next start of the server applies")));
    assert_eq!(fs::metadata(&empty).unwrap().len(), 0);
}

#[test]
fn another_programs_file_garbage_and_a_newer_schema_are_findings() {
    let folder = tempfile::tempdir().unwrap();
    let garbage = folder.path().join("garbage.db");
    fs::write(&garbage, vec![b'x'; 8192]).unwrap();
    let foreign = folder.path().join("foreign.db");
    Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE theirs (a)").unwrap();
    for path in [garbage, foreign] {
        let report = inspect_file(&path).unwrap();
        assert_eq!((report.schema_version, report.missing_migrations), (None, 0));
        assert!(matches!(report.findings.as_slice(), [one] if one.contains("is not a Muster database")), "{report:?}");
    }

    let (path, connection) = made(folder.path());
    connection.execute("INSERT INTO schema_migration VALUES (999, 'later', x'00')", []).unwrap();
    drop(connection);
    let report = inspect_file(&path).unwrap();
    assert_eq!(report.schema_version, Some(999));
    assert!(matches!(report.findings.as_slice(), [one] if one.contains("newer Muster")), "{report:?}");
}

#[test]
fn damage_is_a_finding_and_an_absent_file_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let (path, connection) = made(folder.path());
    drop(connection);
    let mut bytes = fs::read(&path).unwrap();
    let page = bytes.len() / 2 / 4096 * 4096;
    bytes.get_mut(page..page + 4096).unwrap().fill(0xa5);
    fs::write(&path, bytes).unwrap();
    let report = inspect_file(&path).unwrap();
    assert!(report.findings.iter().any(|finding| finding.contains("damage")), "{report:?}");

    let absent = folder.path().join("absent.db");
    assert!(matches!(inspect_file(&absent), Err(OpenError::NoAccess { .. })));
    assert!(!absent.exists());
}
