//! The files that belong to the repository, with their text.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::command;
use crate::failure::{Explain, Outcome};

#[derive(Debug)]
pub(super) struct TextFile {
    /// From the root, with forward slashes.
    pub(super) path: String,
    pub(super) text: String,
}

impl TextFile {
    pub(super) fn is_rust(&self) -> bool {
        Path::new(&self.path).extension().is_some_and(|extension| extension == "rs")
    }
}

/// Tracked files and those that would be tracked by the next `git add`; outside a repository every file that is no
/// build product. Files that are no text are left out.
pub(super) fn list(root: &Path) -> Outcome<Vec<TextFile>> {
    let mut paths = match tracked(root) {
        Some(paths) => paths,
        None => walked(root)?,
    };
    paths.sort();
    paths.dedup();
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(root.join(&path)).ok()?;
        Some(TextFile { path: path.to_string_lossy().replace('\\', "/"), text })
    };
    Ok(paths.into_iter().filter_map(read).collect())
}

fn tracked(root: &Path) -> Option<Vec<PathBuf>> {
    let output = command::program("git")
        .current_dir(root)
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let listed = String::from_utf8_lossy(&output.stdout);
    output.status.success().then(|| listed.split('\0').filter(|path| !path.is_empty()).map(PathBuf::from).collect())
}

fn walked(root: &Path) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).explain(|| format!("could not list {}", folder.display()))?;
        for entry in entries {
            let path = entry.explain(|| format!("could not list {}", folder.display()))?.path();
            let is_product = ["target", ".work", ".git", "node_modules"].iter().any(|name| path.ends_with(name));
            if path.is_dir() && !is_product {
                folders.push(path);
            } else if path.is_file() {
                found.push(path.strip_prefix(root).unwrap_or(&path).to_path_buf());
            }
        }
    }
    Ok(found)
}
