//! The SQLite driver from outside: the law suite, and what only this driver promises.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, also in what tests share")]

mod laws;
mod many_processes;
mod survival;
mod world;

use std::path::Path;
use std::sync::Arc;

use muster_store_sqlite::{SqliteOptions, SqliteStore};

/// Opens the database of that name in a folder.
fn open(folder: &Path) -> Arc<SqliteStore> {
    SqliteStore::open(&folder.join("muster.db"), &SqliteOptions::for_server()).unwrap()
}
