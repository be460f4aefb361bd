//! Puts the present database aside, step by step, so that whoever is stopped between two steps leaves a database under its
//! name that has every write: first the log of writes is folded into the file, then the file gets a second name, and the
//! first name is given to the backup at one moment, by the caller.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use muster_model::Clock;
use muster_store_sqlite::{OpenError, SqliteStore};

use super::with_suffix;
use crate::commands::backup::partial::folder_of;
use crate::failure::Failure;
use crate::installation::synchronize;
use crate::storage;
use crate::system::SystemClock;

/// So many databases are put aside within one second at most.
const MOST_NAMES: u32 = 1000;

/// Gives the present database a name with the time in it, which nothing had before, and says which. `None`: there is none.
/// Its own name leads to it still.
pub(super) fn put_aside(database: &Path) -> Result<Option<PathBuf>, Failure> {
    let is_one_file = storage::is_file_started(database)? && fold(database)?;
    let stamp = SystemClock.now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let aside = name_aside(database, &stamp, is_one_file).map_err(|error| {
        Failure::new(format!("{} cannot be put aside; nothing was restored", database.display())).because(error)
    })?;
    // Whoever opened it in the meantime has made a log of writes, and would go on writing into it.
    if is_one_file && with_suffix(database, "-wal").exists() {
        return Err(Failure::new(format!(
            "another command has just opened {}; wait until it is done, and try again",
            database.display()
        )));
    }
    Ok(aside)
}

/// Makes one file of the database. `false`: it is too damaged for that, or none of ours, and must go as it is.
fn fold(database: &Path) -> Result<bool, Failure> {
    match SqliteStore::fold_into_one_file(database) {
        Ok(()) => Ok(true),
        Err(error @ (OpenError::Locked { .. } | OpenError::NoAccess { .. })) => Err(error.into()),
        Err(error) => {
            let cause = &error as &dyn std::error::Error;
            tracing::warn!(error = cause, "the present database is put aside as it is, with its log of writes");
            Ok(false)
        }
    }
}

/// The first name with that time which is free. What cannot be folded gets it with its log of writes, which must leave its
/// old name: SQLite would apply it to whatever has the database's name.
fn name_aside(database: &Path, stamp: &str, is_one_file: bool) -> io::Result<Option<PathBuf>> {
    let memory = with_suffix(database, "-shm");
    for number in 1..=MOST_NAMES {
        let counter = if number == 1 { String::new() } else { format!("-{number}") };
        let aside = with_suffix(database, &format!(".replaced-{stamp}{counter}"));
        let is_there = match link_or_move(database, &aside) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
            linked => linked?,
        };
        if !is_one_file {
            // Linked and on the disk before the old names go.
            for suffix in ["-wal", "-journal"] {
                link_or_move(&with_suffix(database, suffix), &with_suffix(&aside, suffix))?;
            }
            synchronize(folder_of(database))?;
            for suffix in ["-wal", "-journal"] {
                remove_if_there(&with_suffix(database, suffix))?;
            }
            // Made anew from the log whenever it is missing.
            remove_if_there(&memory)?;
        }
        synchronize(folder_of(database))?;
        return Ok(is_there.then_some(aside));
    }
    Err(io::Error::new(ErrorKind::AlreadyExists, "every name for it is taken"))
}

/// A second name, so that at no moment the first one leads nowhere; a server that starts then would begin a new database.
/// A name that is taken is an error. `false`: there is nothing to be named.
fn link_or_move(from: &Path, to: &Path) -> io::Result<bool> {
    match fs::hard_link(from, to) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(error),
        // Not every file system has second names. The new one is taken first, so that nothing is overwritten.
        Err(_) => File::create_new(to).and_then(|_| fs::rename(from, to)).map(|()| true),
    }
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_database_gets_a_name_of_its_own_and_keeps_its_first_one() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("a.db");
        let mut names = Vec::new();
        for text in ["one", "two", "three"] {
            fs::write(folder.path().join("new"), text).unwrap();
            fs::rename(folder.path().join("new"), &database).unwrap();
            names.push((name_aside(&database, "now", true).unwrap().unwrap(), text));
            assert_eq!(fs::read_to_string(&database).unwrap(), text);
        }
        for (name, text) in names {
            assert_eq!(fs::read_to_string(name).unwrap(), text);
        }
        assert_eq!(name_aside(&folder.path().join("none.db"), "now", true).unwrap(), None);
    }

    #[test]
    fn what_is_damaged_goes_with_its_log_of_writes_and_leaves_none_behind() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("a.db");
        for (suffix, text) in [("", "no database"), ("-wal", "no log"), ("-shm", "")] {
            fs::write(with_suffix(&database, suffix), text).unwrap();
        }
        let aside = put_aside(&database).unwrap().unwrap();
        assert_eq!(fs::read_to_string(&aside).unwrap(), "no database");
        assert_eq!(fs::read_to_string(with_suffix(&aside, "-wal")).unwrap(), "no log");
        assert_eq!(fs::read_to_string(&database).unwrap(), "no database");
        assert!(!with_suffix(&database, "-wal").exists() && !with_suffix(&database, "-shm").exists());
    }
}
