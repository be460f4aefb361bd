//! The Node that runs servers from npm: the machine's own, and packages of a lock file in a folder of ours.

use std::path::{Path, PathBuf};

use crate::checkout;
use crate::command;
use crate::failure::{Explain, Failure, Outcome};

/// Fails unless Node is new enough; exits with 1 then.
const FITNESS_TEST: &str = "const [major, minor] = process.versions.node.split('.').map(Number); process.exit(major * 100 + minor < 2019 ? 1 : 0)";

pub(crate) fn find() -> Outcome<PathBuf> {
    command::find_program("node")
        .filter(|node| command::succeeds(command::program(node).args(["-e", FITNESS_TEST])))
        .explain(|| "no Node 20.19 or newer was found; README.md says what this repository needs".to_owned())
}

/// A folder with the packages of `package-lock.json` in `sources`, and with its scripts.
///
/// Packages are found from where a script stands, so the scripts are copied beside them at every call.
pub(crate) fn environment(sources: &Path, scripts: &[&str]) -> Outcome<PathBuf> {
    let folder = checkout::work_folder().join("node");
    checkout::create_folder(&folder)?;
    let wanted = checkout::read_file(&sources.join("package-lock.json"))?;
    let installed = folder.join("installed-package-lock.json");
    if std::fs::read_to_string(&installed).ok().as_ref() != Some(&wanted) {
        for file in ["package.json", "package-lock.json"] {
            checkout::write_file(&folder.join(file), &checkout::read_file(&sources.join(file))?)?;
        }
        let npm = command::find_program("npm").ok_or_else(|| Failure::new("npm was not found; it comes with Node"))?;
        command::run(command::program(npm).current_dir(&folder).args([
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--loglevel",
            "error",
        ]))?;
        checkout::write_file(&installed, &wanted)?;
    }
    for script in scripts {
        checkout::write_file(&folder.join(script), &checkout::read_file(&sources.join(script))?)?;
    }
    Ok(folder)
}
