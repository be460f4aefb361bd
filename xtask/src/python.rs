//! The Python that runs real clients: the machine's own, and a virtual environment with pinned packages.

use std::path::{Path, PathBuf};

use crate::checkout;
use crate::command;
use crate::failure::{Failure, Outcome};

/// Newest names last: a plain `python3` is what a person expects to be used, if it will do.
const CANDIDATES: [&str; 5] = ["python3", "python3.11", "python3.12", "python3.13", "python3.14"];

/// Fails unless the interpreter is new enough and can make virtual environments (Debian ships that apart).
const FITNESS_TEST: &str = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))";

pub(crate) fn find() -> Outcome<PathBuf> {
    CANDIDATES
        .iter()
        .filter_map(|name| command::find_program(name))
        .find(|python| command::succeeds(command::program(python).args(["-c", FITNESS_TEST])))
        .ok_or_else(|| Failure::new("no Python 3.11 or newer with its `venv` module was found"))
}

/// The virtual environment's Python, with the packages of the requirements file installed.
///
/// The environment is made again when the requirements change, because pip does not remove what is no longer named, and
/// when the machine has another Python, whose packages are others.
pub(crate) fn environment(requirements: &Path) -> Outcome<PathBuf> {
    let folder = checkout::work_folder().join("venv");
    let python = folder.join("bin").join("python");
    let installed = folder.join("installed-requirements.txt");
    let base = find()?;
    let version = command::capture(command::program(&base).args(["-c", "import sys; print(sys.version)"]))?;
    let wanted = marker(&version, &checkout::read_file(requirements)?);
    if std::fs::read_to_string(&installed).is_ok_and(|present| present == wanted) && python.exists() {
        return Ok(python);
    }
    eprintln!("installing the Python packages of {}", requirements.display());
    command::run(command::program(base).args(["-m", "venv", "--clear"]).arg(&folder))?;
    command::run(
        command::program(&python)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
            .arg(requirements),
    )?;
    checkout::write_file(&installed, &wanted)?;
    Ok(python)
}

/// What the environment was made from.
fn marker(version: &str, requirements: &str) -> String {
    // A version may have several lines; each becomes a comment, as a requirements file knows them.
    format!("# {}\n{requirements}", version.trim().replace('\n', "\n# "))
}

#[cfg(test)]
mod tests {
    use super::marker;

    #[test]
    fn another_python_is_another_environment() {
        let first = marker("3.11.2 (main)\n[GCC 12]\n", "a==1\n");
        assert_eq!(first, "# 3.11.2 (main)\n# [GCC 12]\na==1\n");
        assert_ne!(first, marker("3.12.1 (main)\n[GCC 12]\n", "a==1\n"));
    }
}
