//! The vault key: there, readable, private.

use muster_config::{Database, Settings};
use muster_vault::{KEY_FILE_NAME, KeyError, is_readable_by_others, load};

use super::check::Check;
use crate::failure::Failure;

const NAME: &str = "vault key";

pub(super) fn check(settings: &Settings) -> Check {
    let path = settings.data_dir.value.join(KEY_FILE_NAME);
    let shown = path.display();
    let Database::Sqlite(database) = &settings.database.value;
    match load(&path) {
        Err(KeyError::Missing { .. }) if !database.exists() => {
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
