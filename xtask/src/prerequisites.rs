//! What a machine must have besides Rust. Debian packages are installed where that is allowed, and named elsewhere.

use crate::command;
use crate::failure::{Failure, Outcome};
use crate::python;

/// One thing that may be missing, and what brings it on Debian.
struct Missing {
    what: &'static str,
    packages: &'static [&'static str],
}

/// SQLite and the cryptography library are C.
pub(crate) fn ensure_c_compiler() -> Outcome<()> {
    provide(&|| missing_c_compiler().into_iter().collect())
}

/// What `cargo xtask test` needs.
pub(crate) fn ensure_all() -> Outcome<()> {
    provide(&|| missing_c_compiler().into_iter().chain(missing_python()).chain(missing_postgresql()).collect())
}

fn missing_c_compiler() -> Option<Missing> {
    let named = std::env::var("CC").ok().filter(|name| !name.is_empty());
    let is_there = match named {
        Some(name) => command::succeeds(command::program(name).arg("--version")),
        None => ["cc", "gcc", "clang"].iter().any(|name| command::find_program(name).is_some()),
    };
    (!is_there).then_some(Missing { what: "a C compiler", packages: &["gcc", "libc6-dev"] })
}

fn missing_python() -> Option<Missing> {
    python::find().is_err().then_some(Missing {
        what: "Python 3.11 or newer with its `venv` module",
        packages: &["python3", "python3-venv"],
    })
}

/// The tests start servers of their own.
fn missing_postgresql() -> Option<Missing> {
    let is_in_path = command::find_program("initdb").is_some() && command::find_program("postgres").is_some();
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let is_packaged = versions.into_iter().any(|version| version.path().join("bin/initdb").exists());
    (!is_in_path && !is_packaged).then_some(Missing { what: "PostgreSQL 15 or newer", packages: &["postgresql"] })
}

fn provide(find_missing: &dyn Fn() -> Vec<Missing>) -> Outcome<()> {
    let missing = find_missing();
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().flat_map(|one| one.packages.iter().copied()).collect();
    if may_install() {
        eprintln!("missing: {}; installing {}", names(&missing), packages.join(" "));
        command::run(command::program("apt-get").args(["update", "--quiet"]))?;
        command::run(
            command::program("apt-get")
                .env("DEBIAN_FRONTEND", "noninteractive")
                .args(["install", "--yes", "--quiet", "--no-install-recommends"])
                .args(&packages),
        )?;
    }
    let still_missing = find_missing();
    if still_missing.is_empty() { Ok(()) } else { Err(Failure::new(advice(&still_missing))) }
}

fn may_install() -> bool {
    rustix::process::geteuid().is_root() && command::find_program("apt-get").is_some()
}

fn names(missing: &[Missing]) -> String {
    missing.iter().map(|one| one.what).collect::<Vec<_>>().join(" and ")
}

fn advice(missing: &[Missing]) -> String {
    let packages: Vec<&str> = missing.iter().flat_map(|one| one.packages.iter().copied()).collect();
    format!("this machine lacks {}; on Debian: apt-get install {}", names(missing), packages.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_installed_when_nothing_is_missing() {
        assert!(provide(&Vec::new).is_ok());
    }

    #[test]
    fn the_advice_names_the_packages() {
        let text = advice(&[Missing { what: "a C compiler", packages: &["gcc", "libc6-dev"] }]);
        assert_eq!(text, "this machine lacks a C compiler; on Debian: apt-get install gcc libc6-dev");
    }
}
