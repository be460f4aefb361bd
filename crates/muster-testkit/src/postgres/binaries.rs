//! Debian's PostgreSQL: where its programs are, and as whom they run.

use std::path::{Path, PathBuf};
use std::process::Command;

const OLDEST: u32 = 15;
const ADVICE: &str =
    "these tests need PostgreSQL 15 or later: apt-get install postgresql (or put initdb, postgres and psql in PATH)";

/// The folder of `initdb`, `postgres` and `psql`: the newest version that Debian has installed, else the one in `PATH`.
///
/// # Panics
/// When there is none: a test that were skipped would look like one that passed.
pub(super) fn find() -> PathBuf {
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let versions = debian.filter_map(|entry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path())));
    let newest = versions.filter(|(version, _)| *version >= OLDEST).max().map(|(_, path)| path.join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = newest.into_iter().chain(std::env::split_paths(&path)).find(|folder| folder.join("initdb").exists());
    let Some(folder) = found else { panic!("{ADVICE}") };
    assert!(major_version(&folder) >= OLDEST, "{ADVICE}");
    folder
}

fn major_version(folder: &Path) -> u32 {
    let output = Command::new(folder.join("postgres")).arg("--version").output();
    let output = output.unwrap_or_else(|error| panic!("{ADVICE}: {error}"));
    let text = String::from_utf8_lossy(&output.stdout);
    let digits = text.split(|letter: char| !letter.is_ascii_digit()).find(|digits| !digits.is_empty());
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// PostgreSQL refuses to run as root, so there it runs as somebody who has no rights.
pub(super) struct Runner {
    user: Option<&'static str>,
}

impl Runner {
    pub(super) fn find() -> Self {
        let user = rustix::process::geteuid().is_root().then(|| {
            let is_there =
                |user: &&str| Command::new("id").arg(user).output().is_ok_and(|output| output.status.success());
            ["postgres", "nobody"].into_iter().find(is_there).expect("a user without rights: postgres or nobody")
        });
        Self { user }
    }

    /// The command line that runs a program as that user.
    pub(super) fn words(&self, program: &Path) -> Vec<String> {
        let program = program.display().to_string();
        match self.user {
            None => vec![program],
            Some(user) => ["setpriv", "--reuid", user, "--regid", group_of(user), "--clear-groups", "--", &program]
                .map(str::to_owned)
                .to_vec(),
        }
    }

    /// Gives the folder to that user.
    pub(super) fn give(&self, folder: &Path) {
        if let Some(user) = self.user {
            let owner = format!("{user}:{}", group_of(user));
            let status = Command::new("chown").arg(owner).arg(folder).status();
            assert!(status.is_ok_and(|status| status.success()), "the folder of the test server cannot be given away");
        }
    }
}

fn group_of(user: &'static str) -> &'static str {
    if user == "nobody" { "nogroup" } else { user }
}
