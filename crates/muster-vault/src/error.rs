//! What can go wrong with the key file, in plain words.

use std::io;
use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Nobody has said where a key would be.
    #[error("this process was started without a vault key")]
    NotGiven,
    #[error("there is no vault key at {}; put the file back from its backup", .path.display())]
    Missing { path: PathBuf },
    /// A new key would make what is encrypted under the lost one unreadable for ever, without a word.
    #[error(
        "the vault key {} is missing although the database exists; put the file back from its backup. A new key is not \
         made, because whatever is encrypted under the old one could never be read again",
        .path.display()
    )]
    MissingBesideDatabase { path: PathBuf },
    #[error("cannot read the vault key {}; check that the file belongs to the user that runs Muster", .path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("cannot write the vault key {}; check that the folder is writable and the disk is not full", .path.display())]
    Unwritable { path: PathBuf, source: io::Error },
    #[error("{} is not a vault key: {problem}; put the file back from its backup", .path.display())]
    Malformed { path: PathBuf, problem: &'static str },
}
