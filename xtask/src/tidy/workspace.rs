//! The crates of the workspace as cargo sees them, without a look at the network or at anything outside.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::command;
use crate::failure::{Explain, Outcome};

#[derive(Debug, Deserialize)]
pub(super) struct Crate {
    pub(super) name: String,
    pub(super) manifest_path: PathBuf,
    pub(super) dependencies: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Dependency {
    pub(super) name: String,
    /// Absent for an ordinary dependency.
    kind: Option<String>,
    /// Present for a crate of this workspace.
    path: Option<PathBuf>,
}

impl Crate {
    pub(super) fn folder(&self) -> &Path {
        self.manifest_path.parent().unwrap_or(&self.manifest_path)
    }

    /// What goes into the product: ordinary and build dependencies, optional ones included.
    pub(super) fn product_dependencies(&self) -> impl Iterator<Item = &Dependency> {
        self.dependencies.iter().filter(|dependency| !dependency.is_for_tests())
    }
}

impl Dependency {
    pub(super) fn is_for_tests(&self) -> bool {
        self.kind.as_deref() == Some("dev")
    }

    pub(super) fn is_ours(&self) -> bool {
        self.path.is_some()
    }
}

pub(super) fn read(root: &Path) -> Outcome<Vec<Crate>> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Crate>,
    }
    let printed = command::capture(command::cargo().current_dir(root).args([
        "metadata",
        "--no-deps",
        "--offline",
        "--format-version",
        "1",
    ]))?;
    let metadata: Metadata =
        serde_json::from_str(&printed).explain(|| "`cargo metadata` changed its form".to_owned())?;
    let mut crates = metadata.packages;
    crates.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(crates)
}
