//! One cryptography library in the binary (aws-lc-rs): `ring` would come back with a careless feature of rustls.

use std::path::Path;

use serde::Deserialize;

use super::Problem;
use crate::checkout;
use crate::command;
use crate::failure::{Explain, Outcome};

/// Cargo.lock also names what only an unused feature would bring, so cargo is asked before anything is said.
pub(super) fn check(root: &Path) -> Outcome<Option<Problem>> {
    if !lock_names_ring(&checkout::read_file(&root.join("Cargo.lock"))?)? {
        return Ok(None);
    }
    let tree = command::capture(command::cargo().current_dir(root).args([
        "tree",
        "--workspace",
        "--edges",
        "normal,build",
        "--invert",
        "ring",
    ]))?;
    Ok((!tree.trim().is_empty()).then(|| {
        let message = format!("`ring` is in the tree; choose the aws-lc-rs feature of whoever brings it:\n{tree}");
        Problem::new("Cargo.lock", message)
    }))
}

fn lock_names_ring(lock: &str) -> Outcome<bool> {
    #[derive(Deserialize)]
    struct Lock {
        #[serde(default)]
        package: Vec<Package>,
    }
    #[derive(Deserialize)]
    struct Package {
        name: String,
    }
    let lock: Lock = toml::from_str(lock).explain(|| "Cargo.lock cannot be read".to_owned())?;
    Ok(lock.package.iter().any(|package| package.name == "ring"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ring_is_told_from_crates_that_sound_alike() {
        let lock = |name: &str| format!("version = 4\n[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\n");
        assert!(lock_names_ring(&lock("ring")).unwrap());
        assert!(!lock_names_ring(&lock("ringbuf")).unwrap());
    }
}
