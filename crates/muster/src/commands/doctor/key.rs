//! The vault key: there, readable, private.

use muster_config::{Database, Settings};
use muster_vault::{KEY_FILE_NAME, KeyError, is_readable_by_others, load};

use super::check::Check;
use crate::failure::Failure;

const NAME: &str = "vault key";

pub(super) fn check(settings: &Settings) -> Check {
    let path = settings.data_dir.value.join(KEY_FILE_NAME);
    let shown = path.display();
    // Whether another machine has made the database is looked at by the check of the database.
    let is_database_there = match &settings.database.value {
        Database::Sqlite(database) => database.exists(),
        Database::Postgresql(_) => false,
    };
    match load(&path) {
        Err(KeyError::Missing { .. }) if !is_database_there => {
            Check::ok(NAME, format!("{shown} is not there yet; the first start makes it"))
        }
        Err(error) => Check::wrong(NAME, Failure::from(error).words()),
        Ok(key) => match is_readable_by_others(&path) {
            Ok(false) => Check::ok(NAME, format!("{shown} is readable and private (key id {})", key.id())),
            Ok(true) => Check::wrong(NAME, format!("others than its owner may read {shown}; run: chmod 600 {shown}")),
            Err(error) => Check::wrong(NAME, format!("the permissions of {shown} cannot be read: {error}")),
        },
    }
}
