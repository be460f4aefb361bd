//! SCIM clients that others wrote, against the built binary over a real socket.

use std::path::Path;

use crate::checkout;
use crate::command;
use crate::failure::{Failure, Outcome};
use crate::python;
use crate::server::Installation;

/// Scripts in `tests/real-clients/`. Each gets a server with an empty directory.
const SCRIPTS: [&str; 2] = ["conformance.py", "directory.py"];

pub(crate) fn run(muster: &Path) -> Outcome<()> {
    let scripts = checkout::root().join("tests").join("real-clients");
    let python = python::environment(&scripts.join("requirements.txt"))?;
    let mut failed = Vec::new();
    // One client's failure says nothing about the next.
    for script in SCRIPTS {
        let path = scripts.join(script);
        let outcome = checkout::in_run_folder("real-clients", |folder| run_script(muster, folder, &python, &path));
        if let Err(failure) = outcome {
            println!("{script}: {failure}");
            failed.push(script);
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(Failure::new(format!("failed: {}", failed.join(", ")))) }
}

fn run_script(muster: &Path, folder: &Path, python: &Path, script: &Path) -> Outcome<()> {
    let installation = Installation::in_folder(folder, muster);
    let server = installation.serve(0)?;
    let connection = installation.create_connection("real clients", &server)?;
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
