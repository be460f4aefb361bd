//! The key file: read, or made once and for all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use muster_model::Rng;
use zeroize::Zeroizing;

use crate::key::LONGEST_LINE;
use crate::{KeyError, VaultKey};

/// The name of the key file in the data folder.
pub const KEY_FILE_NAME: &str = "vault.key";

/// Whether the key was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyOrigin {
    Created,
    Found,
}

/// Reads the key file.
pub fn load(path: &Path) -> Result<VaultKey, KeyError> {
    let unreadable = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => KeyError::Missing { path: path.to_owned() },
        _ => KeyError::Unreadable { path: path.to_owned(), source },
    };
    let malformed = |problem| KeyError::Malformed { path: path.to_owned(), problem };
    let mut file = File::open(path).map_err(unreadable)?;
    let mut buffer = Zeroizing::new([0_u8; LONGEST_LINE]);
    let mut length = 0;
    while let Some(room) = buffer.get_mut(length..).filter(|room| !room.is_empty()) {
        match file.read(room) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(error)),
        }
    }
    if length == LONGEST_LINE {
        return Err(malformed("it is too long"));
    }
    let text =
        std::str::from_utf8(buffer.get(..length).unwrap_or_default()).map_err(|_| malformed("it is not text"))?;
    VaultKey::from_line(text).map_err(malformed)
}

/// Reads the key file, or makes it when there is none and nothing can be encrypted yet.
///
/// `database_exists` must be found out *before* this call: whoever starts first makes the key before the database, so a
/// database that is seen without a key later has lost it. Two processes may call this at once; both get the same key.
pub fn load_or_create(path: &Path, rng: &dyn Rng, database_exists: bool) -> Result<(VaultKey, KeyOrigin), KeyError> {
    match load(path) {
        Ok(key) => return Ok((key, KeyOrigin::Found)),
        Err(KeyError::Missing { path }) if database_exists => return Err(KeyError::MissingBesideDatabase { path }),
        Err(KeyError::Missing { .. }) => {}
        Err(error) => return Err(error),
    }
    let key = VaultKey::new(rng);
    match create(path, &key, rng) {
        Ok(()) => Ok((key, KeyOrigin::Created)),
        // Another process was a moment faster.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok((load(path)?, KeyOrigin::Found)),
        Err(source) => Err(KeyError::Unwritable { path: path.to_owned(), source }),
    }
}

/// Whether others than the owner may read or write the file.
#[cfg(unix)]
pub fn is_readable_by_others(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::metadata(path)?.permissions().mode() & 0o077 != 0)
}

/// Whether others than the owner may read or write the file. This system has no such permission bits to ask.
#[cfg(not(unix))]
pub fn is_readable_by_others(_path: &Path) -> io::Result<bool> {
    Ok(false)
}

/// Writes the key so that the file is there whole or not at all, whatever is interrupted, and never replaces one.
fn create(path: &Path, key: &VaultKey, rng: &dyn Rng) -> io::Result<()> {
    let draft = draft_path(path, rng);
    let result = write_draft(&draft, key).and_then(|()| publish(&draft, path));
    // After a hard link the draft is a second name of the same file; after a failure it is rubbish with a key in it.
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => result.and(Err(error)),
        _ => result,
    }?;
    synchronize_folder(path)
}

fn draft_path(path: &Path, rng: &dyn Rng) -> PathBuf {
    let mut random = [0_u8; 8];
    rng.fill(&mut random);
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{:016x}.new", u64::from_le_bytes(random)));
    PathBuf::from(name)
}

fn write_draft(draft: &Path, key: &VaultKey) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(draft)?;
    file.write_all(key.to_line().as_bytes())?;
    file.sync_all()
}

/// Gives the draft its name. A hard link fails where a rename would overwrite the key of a process that was faster; where
/// the file system has no hard links, a rename after a look is the next best.
fn publish(draft: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(draft, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        Err(_) if fs::exists(path)? => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => fs::rename(draft, path),
        Ok(()) => Ok(()),
    }
}

/// The name is durable only when the folder is.
#[cfg(unix)]
fn synchronize_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn synchronize_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use muster_model::fake::SeededRng;

    use super::*;

    #[test]
    fn the_first_start_makes_a_key_and_later_ones_find_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(KEY_FILE_NAME);
        assert!(matches!(load(&path), Err(KeyError::Missing { .. })));
        let (made, origin) = load_or_create(&path, &SeededRng::new(1), false).unwrap();
        assert_eq!(origin, KeyOrigin::Created);
        // With another random source, and with a database now: the key stays.
        let (found, origin) = load_or_create(&path, &SeededRng::new(2), true).unwrap();
        assert_eq!((origin, found.id()), (KeyOrigin::Found, made.id()));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "a draft was left behind");
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_the_key() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(KEY_FILE_NAME);
        load_or_create(&path, &SeededRng::new(1), false).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(!is_readable_by_others(&path).unwrap());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(is_readable_by_others(&path).unwrap());
    }

    #[test]
    fn no_new_key_is_made_beside_a_database() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(KEY_FILE_NAME);
        let error = load_or_create(&path, &SeededRng::new(1), true).err().unwrap();
        assert!(matches!(error, KeyError::MissingBesideDatabase { .. }));
        assert!(error.to_string().contains("backup"));
        assert!(!path.exists());
    }

    #[test]
    fn a_damaged_key_is_refused_and_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(KEY_FILE_NAME);
        for content in [b"".as_slice(), b"muster-vault-key-1 00000000 AAAA", &[0xff; 20], &[b'a'; 1000]] {
            fs::write(&path, content).unwrap();
            let error = load_or_create(&path, &SeededRng::new(1), false).err().unwrap();
            assert!(matches!(error, KeyError::Malformed { .. }), "{error}");
            assert_eq!(fs::read(&path).unwrap(), content);
        }
    }

    #[test]
    fn processes_that_start_at_once_end_up_with_one_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(KEY_FILE_NAME);
        let ids: Vec<String> = std::thread::scope(|scope| {
            let start = |seed| {
                let path = &path;
                scope.spawn(move || load_or_create(path, &SeededRng::new(seed), false).unwrap().0.id().to_string())
            };
            let threads: Vec<_> = (0..8).map(start).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    }
}
