//! The management API, asked by programs that others wrote: Schemathesis, which makes requests from our `OpenAPI` document and
//! compares the answers with it, and receivers of webhooks.

use std::path::Path;

use serde::Deserialize;

use crate::checkout;
use crate::command;
use crate::failure::{Explain, Failure, Outcome};
use crate::python;
use crate::server::Installation;

/// Requests for each operation and phase.
const EXAMPLES: &str = "25";
/// Nobody is answered the same to everything.
const EXAMPLES_OF_NOBODY: &str = "5";

/// What `muster api-token create --json` prints, as far as it is needed here.
#[derive(Deserialize)]
struct ApiToken {
    token: String,
}

pub(crate) fn run(muster: &Path) -> Outcome<()> {
    let requirements = checkout::root().join("tests").join("real-clients").join("requirements.txt");
    let python = python::environment(&requirements)?;
    schemathesis(muster, &python)?;
    webhooks(muster, &python)
}

/// A receiver on this machine, which webhooks reach only if the settings say so.
fn webhooks(muster: &Path, python: &Path) -> Outcome<()> {
    let script = checkout::root().join("tests").join("management").join("webhooks.py");
    checkout::in_run_folder("webhooks", |folder| {
        checkout::write_file(&folder.join("muster.toml"), "webhook_addresses = \"private\"\n")?;
        let installation = Installation::in_folder(folder, muster);
        let server = installation.serve(0)?;
        let token = token(&installation, &["environment"])?;
        command::run(
            command::program(python)
                .arg(&script)
                .env("MUSTER_API_URL", server.url())
                .env("MUSTER_API_TOKEN", token)
                .env("PYTHONUNBUFFERED", "1")
                .env("PYTHONDONTWRITEBYTECODE", "1"),
        )?;
        server.stop()
    })
}

fn schemathesis(muster: &Path, python: &Path) -> Outcome<()> {
    let schemathesis = python.with_file_name("schemathesis");
    let settings = checkout::root().join("tests").join("management").join("schemathesis.toml");
    checkout::in_run_folder("management", |folder| {
        let installation = Installation::in_folder(folder, muster);
        let server = installation.serve(0)?;
        command::capture(&mut installation.muster(&["tenant", "create", "acme"]))?;
        installation.create_connection_with("okta", &[], "idp", &server)?;
        let of = |arguments: &[&str]| token(&installation, arguments);
        let callers = [
            ("a token of the environment", Some(of(&["environment"])?)),
            ("a token of a tenant", Some(of(&["tenant", "--tenant", "acme"])?)),
            ("no token", None),
        ];
        let mut failed = Vec::new();
        for (caller, token) in &callers {
            println!("Schemathesis with {caller}");
            let examples = if token.is_some() { EXAMPLES } else { EXAMPLES_OF_NOBODY };
            let mut asking = command::program(&schemathesis);
            asking.current_dir(folder).arg("--config-file").arg(&settings);
            asking.args(["run", "--max-examples", examples, "--seed", "7", "--no-color"]);
            // Nobody's calls are refused whatever they say, so that neither good nor bad input can be told by the answer.
            let checks = if token.is_some() { "all" } else { "not_a_server_error,response_schema_conformance" };
            asking.args(["--checks", checks]);
            if let Some(token) = token {
                asking.args(["--header", &format!("Authorization: Bearer {token}")]);
            }
            asking.arg(format!("{}/api/v1/openapi.json", server.url()));
            if let Err(failure) = command::run(&mut asking) {
                println!("Schemathesis with {caller}: {failure}");
                failed.push(*caller);
            }
        }
        server.stop()?;
        if failed.is_empty() { Ok(()) } else { Err(Failure::new(format!("failed: with {}", failed.join(", with ")))) }
    })
}

fn token(installation: &Installation, arguments: &[&str]) -> Outcome<String> {
    let words = [&["api-token", "create", "--all-permissions", "--json"], arguments].concat();
    let printed = command::capture(&mut installation.muster(&words))?;
    let token: ApiToken =
        serde_json::from_str(&printed).explain(|| "`muster api-token create` printed no JSON".to_owned())?;
    Ok(token.token)
}
