//! One server for each data folder: a lock file says that one is running, and where it is reached.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::failure::Failure;

const LOCK_FILE_NAME: &str = "serve.lock";
/// A command that looks whether a server runs holds the lock for a moment; that must not keep a server from starting.
const ATTEMPTS: u32 = 10;
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(50);

/// What a running server says about itself in the lock file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RunningServer {
    pub(crate) process: u32,
    /// The address it is reached at from this machine.
    pub(crate) local_url: String,
    /// The address it tells identity providers.
    pub(crate) public_url: String,
}

/// Held while a server runs; the system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct ServeLock {
    file: File,
    path: PathBuf,
}

impl ServeLock {
    /// Takes the lock, or says who has it.
    pub(crate) fn take(data_folder: &Path) -> Result<Self, Failure> {
        let path = data_folder.join(LOCK_FILE_NAME);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(|error| {
            let shown = path.display();
            Failure::new(format!("cannot open {shown}; check that the data folder is writable")).because(error)
        })?;
        for attempt in 1.. {
            match file.try_lock() {
                Err(TryLockError::WouldBlock) if attempt < ATTEMPTS => std::thread::sleep(BETWEEN_ATTEMPTS),
                Err(TryLockError::WouldBlock) => break,
                Err(TryLockError::Error(error)) => {
                    // Some network file systems have no locks. The database has its own protection; this lock only
                    // prevents a mistake.
                    tracing::warn!(%error, "cannot lock the data folder; make sure that only one server uses it");
                    return Self::emptied(file, path);
                }
                Ok(()) => return Self::emptied(file, path),
            }
        }
        let who = match find_running(data_folder) {
            Some(Found::Ready(server)) => format!("process {} at {}", server.process, server.local_url),
            Some(Found::Starting) => "it is starting".to_owned(),
            None => "another process".to_owned(),
        };
        Err(Failure::new(format!(
            "a Muster server already uses the data folder {} ({who}); stop it first, or give this one its own --data-dir",
            data_folder.display()
        )))
    }

    /// What the file says is of a server that is gone; nobody shall take it for this one.
    fn emptied(file: File, path: PathBuf) -> Result<Self, Failure> {
        let lock = Self { file, path };
        lock.file.set_len(0).map_err(|error| lock.unwritable(error))?;
        Ok(lock)
    }

    /// Writes down where the server is reached, for commands that want to know.
    pub(crate) fn announce(&mut self, server: &RunningServer) -> Result<(), Failure> {
        let text = serde_json::to_vec(server).unwrap_or_default();
        // One write, so that a reader sees nothing or all of it.
        let written = self.file.set_len(0).and_then(|()| self.file.rewind()).and_then(|()| self.file.write_all(&text));
        written.map_err(|error| self.unwritable(error))
    }

    fn unwritable(&self, error: std::io::Error) -> Failure {
        Failure::new(format!("cannot write {}", self.path.display())).because(error)
    }
}

/// A server that uses a data folder.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// It has not said yet where it is reached.
    Starting,
    Ready(RunningServer),
}

/// The server that uses the data folder at this moment. Creates nothing.
pub(crate) fn find_running(data_folder: &Path) -> Option<Found> {
    let mut file = File::open(data_folder.join(LOCK_FILE_NAME)).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            file.read_to_string(&mut text).ok()?;
            Some(serde_json::from_str(&text).map_or(Found::Starting, Found::Ready))
        }
        // The lock is free, so whatever the file says is of a server that is gone.
        Ok(()) | Err(TryLockError::Error(_)) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_server_is_told_about_the_first_and_a_stopped_one_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(find_running(folder.path()), None);
        let mut lock = ServeLock::take(folder.path()).unwrap();
        let server = RunningServer { process: 7, local_url: "http://a".into(), public_url: "http://b".into() };
        lock.announce(&server).unwrap();
        lock.announce(&server).unwrap();
        assert_eq!(find_running(folder.path()), Some(Found::Ready(server)));
        let refusal = ServeLock::take(folder.path()).unwrap_err().text();
        assert!(refusal.contains("process 7 at http://a"), "{refusal}");
        drop(lock);
        assert_eq!(find_running(folder.path()), None);
        assert!(ServeLock::take(folder.path()).is_ok());
    }

    #[test]
    fn a_server_that_is_starting_is_not_taken_for_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        let server = RunningServer { process: 7, local_url: "http://a".into(), public_url: "http://b".into() };
        ServeLock::take(folder.path()).unwrap().announce(&server).unwrap();
        let _starting = ServeLock::take(folder.path()).unwrap();
        assert_eq!(find_running(folder.path()), Some(Found::Starting));
        let refusal = ServeLock::take(folder.path()).unwrap_err().text();
        assert!(refusal.contains("starting") && !refusal.contains("process 7"), "{refusal}");
    }
}
