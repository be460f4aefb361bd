//! SCIM clients that others wrote, against the built binary over a real socket.

use std::path::Path;

use crate::checkout;
use crate::command;
use crate::failure::{Failure, Outcome};
use crate::python;
use crate::server::Installation;

/// Scripts in `tests/real-clients/` with the profiles of the connections that they are given. Each pair gets a server with
/// an empty directory.
const SCRIPTS: [(&str, &[&str]); 2] = [("conformance.py", &PROFILES), ("directory.py", &["generic"])];

/// Every profile that speaks SCIM 2.0. What `strict` refuses by design is in `conformance.py`, with the reasons.
const PROFILES: [&str; 13] = [
    "generic",
    "strict",
    "okta",
    "entra",
    "entra-flag",
    "onelogin",
    "jumpcloud",
    "ping",
    "cyberark",
    "sailpoint",
    "google",
    "rippling",
    "oracle",
];

pub(crate) fn run(muster: &Path) -> Outcome<()> {
    let scripts = checkout::root().join("tests").join("real-clients");
    let python = python::environment(&scripts.join("requirements.txt"))?;
    let mut failed = Vec::new();
    // One client's failure says nothing about the next.
    for (script, profiles) in SCRIPTS {
        let path = scripts.join(script);
        for profile in profiles {
            println!("{script}, profile {profile}");
            let run = |folder: &Path| run_script(muster, folder, &python, &path, profile);
            if let Err(failure) = checkout::in_run_folder("real-clients", run) {
                println!("{script}, profile {profile}: {failure}");
                failed.push(format!("{script} ({profile})"));
            }
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(Failure::new(format!("failed: {}", failed.join(", ")))) }
}

fn run_script(muster: &Path, folder: &Path, python: &Path, script: &Path, profile: &str) -> Outcome<()> {
    let installation = Installation::in_folder(folder, muster);
    let server = installation.serve(0)?;
    let connection = installation.create_connection_of(profile, "real clients", &server)?;
    command::run(
        command::program(python)
            .arg(script)
            .env("MUSTER_SCIM_URL", &connection.scim_base_url)
            .env("MUSTER_SCIM_TOKEN", &connection.token)
            .env("MUSTER_SCIM_PROFILE", profile)
            .env("PYTHONUNBUFFERED", "1")
            .env("PYTHONDONTWRITEBYTECODE", "1"),
    )?;
    server.stop()
}
