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

/// A folder under [`work_folder`] that is empty after the call.
pub(crate) fn fresh_folder(name: &str) -> Outcome<PathBuf> {
    let folder = work_folder().join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).explain(|| format!("could not empty {}", folder.display()))?;
    }
    create_folder(&folder)?;
    Ok(folder)
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
