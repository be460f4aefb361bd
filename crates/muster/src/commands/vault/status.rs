//! `muster vault status`.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use muster_app::secrets::{self, VaultError, VaultStatus};
use serde_json::{Value, json};

use super::super::connection::{SharedFlags, date};
use crate::failure::{Failure, causes};
use crate::output;

/// Say which vault key there is, how many data keys and secrets the database keeps, and whether all of them open.
///
/// Everything is opened once and nothing is shown of it. Works with and without a running server, and changes nothing. Exit
/// code 1 if anything cannot be opened.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster vault status --data-dir /srv/muster --json")]
pub(super) struct Arguments {
    #[command(flatten)]
    shared: SharedFlags,
}

pub(super) async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    arguments
        .shared
        .with_installation(async |opened| {
            let status = secrets::status(&opened.app, &opened.access).await?;
            if opened.json {
                output::print_json(&as_json(&status, &opened.key_file))?;
            } else {
                output::print(&as_text(&status, &opened.key_file))?;
            }
            Ok(if status.is_well() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        })
        .await
}

fn as_json(status: &VaultStatus, key_file: &Path) -> Value {
    let data_keys = status.data_keys.iter().map(|key| {
        json!({
            "id": key.id.to_string(),
            "number": key.number,
            "vault_key": key.vault_key,
            "created": key.created.to_string(),
            "problem": key.problem.as_ref().map(words),
        })
    });
    let problems = status.secrets.problems.iter().map(|one| {
        json!({
            "id": one.id.to_string(),
            "tenant": one.tenant.to_string(),
            "kind": one.kind.as_str(),
            "field": one.field,
            "problem": words(&one.problem),
        })
    });
    json!({
        "ok": status.is_well(),
        "vault_key": {
            "id": status.key.as_ref().ok().map(ToString::to_string),
            "origin": "file",
            "file": key_file.display().to_string(),
            "problem": status.key.as_ref().err().map(words),
        },
        "data_keys": data_keys.collect::<Vec<_>>(),
        "secrets": {
            "kept": status.secrets.kept,
            "opened": status.secrets.opened,
            "problems": problems.collect::<Vec<_>>(),
        },
    })
}

fn as_text(status: &VaultStatus, key_file: &Path) -> String {
    let mut text = match &status.key {
        Ok(id) => format!("vault key      {id}, from the file {}\n", key_file.display()),
        Err(problem) => format!("vault key      cannot be used: {}\n", words(problem)),
    };
    let seals = match status.data_keys.last() {
        Some(key) => format!("; {} of {} seals", key.id, date(Some(key.created))),
        None => "; the first one is made when something is sealed".to_owned(),
    };
    let kept = status.secrets.kept;
    let opened = match kept - status.secrets.opened {
        0 if kept == 0 => String::new(),
        0 => ", all of them open".to_owned(),
        closed => format!(", {closed} of them do not open"),
    };
    // Writing to a String cannot fail.
    let _ = writeln!(text, "data keys      {}{seals}\nsecrets        {kept}{opened}", status.data_keys.len());
    for key in &status.data_keys {
        if let Some(problem) = &key.problem {
            let _ = writeln!(text, "WRONG          {}: {}", key.id, words(problem));
        }
    }
    for one in &status.secrets.problems {
        let (id, kind, tenant) = (one.id, one.kind.as_str(), one.tenant);
        let _ = writeln!(text, "WRONG          {id} ({kind} of {tenant}): {}", words(&one.problem));
    }
    text
}

/// What is wrong with what is below it, in one line.
fn words(problem: &VaultError) -> String {
    causes(problem).join(": ")
}
