//! A file that appears under its name only when it is whole.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::installation::synchronize;

/// The file while it is written, under its name with `.partial` behind it. It is removed when it is not finished; what a
/// killed process has left is taken over by the next one.
pub(in crate::commands) struct PartialFile {
    /// Locked, so that two processes never write one file. Held open to the end: to close it would drop the locks that
    /// SQLite has on it.
    file: File,
    path: PathBuf,
    is_finished: bool,
}

impl PartialFile {
    /// An empty file for that name, readable by its owner only: it will hold personal data.
    pub(in crate::commands) fn begin(target: &Path) -> Result<Self, Failure> {
        let Some(name) = target.file_name() else {
            return Err(Failure::usage(format!("{} is not the name of a file", target.display())));
        };
        let mut name = name.to_owned();
        name.push(".partial");
        let path = target.with_file_name(name);
        let shown = path.display();
        let failed = |error| {
            Failure::new(format!("{shown} cannot be made; check its folder and the rights of this user")).because(error)
        };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Failure::new(format!("another process writes {shown}; wait until it is done")));
            }
            // Some network file systems have no locks; two writers are a mistake that is prevented where it can be.
            Err(TryLockError::Error(error)) => tracing::warn!(%error, "the file cannot be locked"),
        }
        if !is_still(&file, &path) {
            return Err(Failure::new(format!("another process has just finished {shown}; try again")));
        }
        file.set_len(0).map_err(failed)?;
        #[cfg(unix)]
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600)).map_err(failed)?;
        Ok(Self { file, path, is_finished: false })
    }

    pub(in crate::commands) fn path(&self) -> &Path {
        &self.path
    }

    pub(in crate::commands) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Makes what is written outlive a loss of power, still under the name of what is not finished.
    pub(in crate::commands) fn make_last(&self, target: &Path) -> Result<(), Failure> {
        self.file
            .sync_all()
            .and_then(|()| synchronize(folder_of(target)))
            .map_err(|error| Failure::new(format!("{} cannot be written", self.path.display())).because(error))
    }

    /// Gives the file its name, so that it outlives a loss of power, and says how long it is.
    pub(in crate::commands) fn finish(mut self, target: &Path) -> Result<u64, Failure> {
        let folder = folder_of(target);
        let done = self
            .file
            .sync_all()
            .and_then(|()| self.file.metadata())
            .and_then(|metadata| fs::rename(&self.path, target).map(|()| metadata.len()))
            .inspect(|_| self.is_finished = true)
            .and_then(|bytes| synchronize(folder).map(|()| bytes));
        done.map_err(|error| Failure::new(format!("{} cannot be written", target.display())).because(error))
    }
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        if !self.is_finished
            && let Err(error) = fs::remove_file(&self.path)
        {
            tracing::warn!(%error, file = %self.path.display(), "an unfinished file was not removed");
        }
    }
}

pub(in crate::commands) fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Whether the name still leads to the opened file, and was not given to another one before it was locked.
#[cfg(unix)]
fn is_still(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), fs::metadata(path)) {
        (Ok(opened), Ok(named)) => (opened.dev(), opened.ino()) == (named.dev(), named.ino()),
        _ => false,
    }
}

/// This system does not let an open file be renamed.
#[cfg(not(unix))]
fn is_still(_file: &File, _path: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_file_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let (target, partial) = (folder.path().join("a"), folder.path().join("a.partial"));
        drop(PartialFile::begin(&target).unwrap());
        assert!(!target.exists() && !partial.exists());
        fs::write(&partial, "left by a process that was killed").unwrap();
        let mut file = PartialFile::begin(&target).unwrap();
        assert!(PartialFile::begin(&target).is_err_and(|error| error.text().contains("another process")));
        file.file().write_all(b"whole").unwrap();
        assert_eq!(file.finish(&target).unwrap(), 5);
        assert_eq!(fs::read(&target).unwrap(), b"whole");
        assert!(!partial.exists());
    }
}
