//! The database: has a schema that this program knows, is sound. Only read: no migration, no checkpoint.

use std::path::Path;

use muster_config::{Database, PostgresqlUrl, Settings};
use muster_store::Store as _;
use muster_store_postgres::{PostgresOptions, PostgresStore};
use muster_store_sqlite::{FileReport, SqliteStore};
use muster_vault::KEY_FILE_NAME;

use super::check::Check;
use crate::failure::Failure;
use crate::progress::{self, Ticker};

const NAME: &str = "database";

pub(super) async fn check(settings: &Settings) -> Check {
    match &settings.database.value {
        Database::Sqlite(path) => check_file(settings, path).await,
        Database::Postgresql(url) => check_postgresql(settings, url).await,
    }
}

/// The schema is neither made nor changed.
async fn check_postgresql(settings: &Settings, url: &PostgresqlUrl) -> Check {
    let shown = settings.database.value.display();
    match muster_store_postgres::has_schema(url.expose()).await {
        Ok(true) => {}
        Ok(false) => return Check::ok(NAME, format!("{shown} is reached and empty; the first start makes its tables")),
        Err(error) => return Check::wrong(NAME, Failure::from(error).words()),
    }
    let options = PostgresOptions { migrate: false, ..PostgresOptions::for_command() };
    let store = match PostgresStore::open(url.expose(), options).await {
        Ok(store) => store,
        Err(error) => return Check::wrong(NAME, Failure::from(error).words()),
    };
    let mut ticker = Ticker::on_standard_error();
    let tell = |look, of| ticker.tell_now(&format!("inspecting the database: look {look} of {of}"));
    let inspected = progress::announced("inspecting the database", store.inspect_telling(tell)).await;
    ticker.clear();
    store.close().await;
    match inspected {
        Ok(findings) if findings.is_empty() => Check::ok(NAME, format!("{shown} is sound, with no migrations missing")),
        Ok(findings) => Check::wrong(NAME, format!("{shown}: {}", findings.join("; "))),
        Err(error) => Check::wrong(NAME, Failure::from(error).words()),
    }
}

async fn check_file(settings: &Settings, path: &Path) -> Check {
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
    let database = path.to_owned();
    let looking = tokio::task::spawn_blocking(move || SqliteStore::inspect_file(&database));
    let report = match progress::announced("inspecting the database", looking).await {
        Ok(Ok(report)) => report,
        Ok(Err(error)) => return Check::wrong(NAME, Failure::from(error).words()),
        Err(error) => {
            return Check::wrong(NAME, format!("{shown} could not be inspected, because the program failed: {error}"));
        }
    };
    finding(&shown.to_string(), &report)
}

fn finding(shown: &str, report: &FileReport) -> Check {
    let version = report.schema_version.map_or_else(|| "unknown".to_owned(), |version| version.to_string());
    // The driver counts missing migrations as one finding. After an update and before the next start they are what
    // must be expected, so they alone are nothing wrong.
    let is_outdated = report.missing_migrations > 0;
    let findings = report.findings.join("; ");
    match report.findings.len() - usize::from(is_outdated && !report.findings.is_empty()) {
        0 if is_outdated => Check::ok(
            NAME,
            format!(
                "{shown} is sound; its schema is version {version}, and the next start of the server updates it \
                ({findings})"
            ),
        ),
        0 => Check::ok(NAME, format!("{shown} is sound; its schema is version {version}, with no migrations missing")),
        _ => Check::wrong(NAME, format!("{shown} (schema version {version}): {findings}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(findings: &[&str], missing_migrations: usize) -> FileReport {
        let findings = findings.iter().map(|finding| (*finding).to_owned()).collect();
        FileReport { findings, schema_version: Some(3), missing_migrations }
    }

    #[test]
    fn missing_migrations_are_told_and_only_more_than_that_is_wrong() {
        for (report, is_ok, said) in [
            (report(&[], 0), true, "version 3"),
            (report(&["two migrations"], 2), true, "two migrations"),
            (report(&["damage"], 0), false, "damage"),
            (report(&["two migrations", "damage"], 2), false, "damage"),
        ] {
            let check = finding("muster.db", &report);
            assert!(check.is_ok == is_ok && check.message.contains(said), "{}", check.message);
        }
    }
}
