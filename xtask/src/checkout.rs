//! Where things are in this checkout. Everything generated goes to `target/` or `.work/`, which git ignores.

use std::path::{Path, PathBuf};

use crate::failure::{Explain, Outcome};

/// The root of the repository: the folder above this crate.
pub(crate) fn root() -> PathBuf {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    crate_folder.parent().unwrap_or(crate_folder).to_path_buf()
}

/// Virtual environments, data folders of test servers and results of measurements.
pub(crate) fn work_folder() -> PathBuf {
    root().join(".work")
}

/// Works in an empty folder under [`work_folder`] that no other run has, so that two runs at the same time do not take
/// each other's data away. After a success it is removed; after a failure it stays, as evidence.
pub(crate) fn in_run_folder<T>(name: &str, work: impl FnOnce(&Path) -> Outcome<T>) -> Outcome<T> {
    let folder = new_run_folder(&work_folder().join(name))?;
    let done = work(&folder).explain(|| format!("(the data is kept in {})", folder.display()))?;
    std::fs::remove_dir_all(&folder).explain(|| format!("could not remove {}", folder.display()))?;
    Ok(done)
}

/// Named after this process; an older run may have had the same number.
fn new_run_folder(parent: &Path) -> Outcome<PathBuf> {
    create_folder(parent)?;
    let mut attempt = 0_u32;
    loop {
        let folder = parent.join(format!("{}-{attempt}", std::process::id()));
        match std::fs::create_dir(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => attempt += 1,
            Err(error) => return Err(error).explain(|| format!("could not create {}", folder.display())),
        }
    }
}

pub(crate) fn create_folder(folder: &Path) -> Outcome<()> {
    std::fs::create_dir_all(folder).explain(|| format!("could not create {}", folder.display()))
}

pub(crate) fn read_file(path: &Path) -> Outcome<String> {
    std::fs::read_to_string(path).explain(|| format!("could not read {}", path.display()))
}

pub(crate) fn write_file(path: &Path, content: &str) -> Outcome<()> {
    if let Some(folder) = path.parent() {
        create_folder(folder)?;
    }
    std::fs::write(path, content).explain(|| format!("could not write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Failure;

    #[test]
    fn every_run_has_its_own_folder_which_only_a_failure_leaves_behind() {
        let outer = in_run_folder("checkout-test", |outer| {
            let inner = in_run_folder("checkout-test", |inner| {
                assert_ne!(inner, outer);
                write_file(&inner.join("data/file"), "x")?;
                Ok(inner.to_path_buf())
            })?;
            assert!(!inner.exists() && outer.exists());
            Ok(outer.to_path_buf())
        })
        .unwrap();
        assert!(!outer.exists());
        let failure =
            in_run_folder("checkout-test", |_| Err::<(), _>(Failure::new("as planned"))).unwrap_err().to_string();
        let kept = failure.split_once("kept in ").unwrap().1.split_once(')').unwrap().0;
        assert!(failure.ends_with("as planned") && Path::new(kept).is_dir(), "{failure}");
        std::fs::remove_dir(kept).unwrap();
    }
}
