//! Every crate inherits the workspace's lints and says in a README what it is.

use super::Problem;
use super::workspace::Crate;
use crate::checkout;
use crate::failure::{Explain, Outcome};

pub(super) fn check(crates: &[Crate]) -> Outcome<Vec<Problem>> {
    let mut problems = Vec::new();
    for one in crates {
        if !inherits_lints(&checkout::read_file(&one.manifest_path)?)? {
            let message = "its Cargo.toml lacks `[lints] workspace = true`";
            problems.push(Problem::new(one.name.clone(), message));
        }
        if !one.folder().join("README.md").is_file() {
            let message = "it has no README.md that says what it is, what it is not, and how to add to it";
            problems.push(Problem::new(one.name.clone(), message));
        }
    }
    Ok(problems)
}

fn inherits_lints(manifest: &str) -> Outcome<bool> {
    let manifest: toml::Table = toml::from_str(manifest).explain(|| "a Cargo.toml cannot be read".to_owned())?;
    let inherits = manifest.get("lints").and_then(|lints| lints.get("workspace")).and_then(toml::Value::as_bool);
    Ok(inherits == Some(true))
}
