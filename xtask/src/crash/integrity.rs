//! A second opinion on the database: Python's own SQLite, which shares no code with ours.

use std::path::Path;

use crate::command;
use crate::failure::{Failure, Outcome};
use crate::python;

const SCRIPT: &str = include_str!("integrity_check.py");

pub(super) fn check(data_folder: &Path) -> Outcome<()> {
    let mut check = command::program(python::find()?);
    check.args(["-c", SCRIPT]).arg(data_folder);
    let printed = command::capture(&mut check)?;
    if printed.trim_end().ends_with("ok") { Ok(()) } else { Err(Failure::new(printed)) }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const MAKE_DATABASE: &str = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript(\
        'create table t(a text); create index i on t(a);' + 'insert into t values (hex(randomblob(2000)));' * 50)";

    #[test]
    fn a_sound_database_passes_and_a_damaged_one_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("some.db");
        command::capture(command::program(python::find().unwrap()).args(["-c", MAKE_DATABASE]).arg(&database)).unwrap();
        check(folder.path()).unwrap();

        let mut bytes = fs::read(&database).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle..middle + 4096].fill(0x55);
        fs::write(&database, bytes).unwrap();
        assert!(check(folder.path()).is_err());
    }

    #[test]
    fn a_folder_without_a_database_is_not_sound() {
        assert!(check(tempfile::tempdir().unwrap().path()).is_err());
    }
}
