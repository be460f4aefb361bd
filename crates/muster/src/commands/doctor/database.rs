//! The database: opens, has the right schema, is sound.

use muster_config::{Database, Settings};
use muster_store::Store;
use muster_vault::KEY_FILE_NAME;

use super::check::Check;
use crate::failure::Failure;
use crate::{installation, progress};

const NAME: &str = "database";

pub(super) async fn check(settings: &Settings) -> Check {
    let Database::Sqlite(path) = &settings.database.value;
    let shown = path.display();
    let is_started = match std::fs::metadata(path) {
        Ok(found) => found.len() > 0,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
        Err(error) => return Check::wrong(NAME, format!("{shown} cannot be looked at: {error}")),
    };
    if !is_started {
        // The key is made a moment before the database, so a key without a database is a lost database.
        let key = settings.data_dir.value.join(KEY_FILE_NAME);
        if key.exists() {
            return Check::wrong(
                NAME,
                format!("{shown} is missing although the vault key is there; restore it from its backup"),
            );
        }
        return Check::ok(NAME, format!("{shown} is not there yet; the first start makes it"));
    }
    let database = path.clone();
    let opening = tokio::task::spawn_blocking(move || installation::open_database_only(&database));
    let store = match progress::announced("opening the database", opening).await {
        Ok(Ok(store)) => store,
        Ok(Err(error)) => return Check::wrong(NAME, Failure::from(error).words()),
        Err(error) => {
            return Check::wrong(NAME, format!("{shown} could not be opened, because the program failed: {error}"));
        }
    };
    let inspected = progress::announced("inspecting the database", store.inspect()).await;
    store.close().await;
    match inspected {
        Ok(findings) if findings.is_empty() => {
            Check::ok(NAME, format!("{shown} opens, its schema is up to date, and its integrity check finds nothing"))
        }
        Ok(findings) => Check::wrong(NAME, format!("{shown}: {}", findings.join("; "))),
        Err(error) => Check::wrong(NAME, Failure::from(error).words()),
    }
}
