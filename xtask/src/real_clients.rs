//! SCIM clients that others wrote, against the built binary over a real socket.

use std::path::Path;

use crate::checkout;
use crate::command;
use crate::failure::{Failure, Outcome};
use crate::python;
use crate::server::Installation;

/// A profile of the connection that a script is given, and the knobs that are set otherwise.
type Given = (&'static str, &'static [&'static str]);

/// Scripts in `tests/real-clients/`. Each gets a server with an empty directory for each profile.
const SCRIPTS: [(&str, &[Given]); 2] = [("conformance.py", &EVERY_PROFILE), ("directory.py", &[("generic", &WILD)])];

/// What takes so many out of groups in a minute is what the guard holds.
const WILD: [&str; 1] = ["guard_percent=0"];

/// Every profile that speaks SCIM 2.0.
const EVERY_PROFILE: [Given; 13] = [
    ("generic", &[]),
    // scim2-tester fills certificates with chance; `strict` wants one certificate in DER (RFC 7643 section 4.1.2).
    ("strict", &["any_format=true"]),
    ("okta", &[]),
    ("entra", &[]),
    ("entra-flag", &[]),
    ("onelogin", &[]),
    ("jumpcloud", &[]),
    ("ping", &[]),
    ("cyberark", &[]),
    ("sailpoint", &[]),
    ("google", &[]),
    ("rippling", &[]),
    ("oracle", &[]),
];

pub(crate) fn run(muster: &Path) -> Outcome<()> {
    let scripts = checkout::root().join("tests").join("real-clients");
    let python = python::environment(&scripts.join("requirements.txt"))?;
    let mut failed = Vec::new();
    // One client's failure says nothing about the next.
    for (script, profiles) in SCRIPTS {
        let path = scripts.join(script);
        for given in profiles {
            let profile = [&[given.0][..], given.1].concat().join(" ");
            println!("{script}, profile {profile}");
            let run = |folder: &Path| run_script(muster, folder, &python, &path, given);
            if let Err(failure) = checkout::in_run_folder("real-clients", run) {
                println!("{script}, profile {profile}: {failure}");
                failed.push(format!("{script} ({profile})"));
            }
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(Failure::new(format!("failed: {}", failed.join(", ")))) }
}

fn run_script(muster: &Path, folder: &Path, python: &Path, script: &Path, given: &Given) -> Outcome<()> {
    let installation = Installation::in_folder(folder, muster);
    let server = installation.serve(0)?;
    let connection = installation.create_connection_with(given.0, given.1, "real clients", &server)?;
    command::run(
        command::program(python)
            .arg(script)
            .env("MUSTER_SCIM_URL", &connection.scim_base_url)
            .env("MUSTER_SCIM_TOKEN", &connection.token)
            .env("PYTHONUNBUFFERED", "1")
            .env("PYTHONDONTWRITEBYTECODE", "1"),
    )?;
    server.stop()
}
