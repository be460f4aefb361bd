//! `muster held release` and `muster held drop`.

use std::fmt::Write as _;
use std::process::ExitCode;

use clap::Args;
use muster_app::held::{self, Held};
use serde_json::json;

use super::{ChosenFlags, words};
use crate::failure::{Failure, causes};
use crate::output;

/// Do now what was asked for and held. It is not counted as taken away again, and people and groups that are gone
/// meanwhile need nothing done. Exit code 1 when something could not be done; that stays held.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  muster held release hld_019a2b3c4d5e7f60718293a4b5c6d7e8\n  muster held release --all --connection \
                  con_019a2b3c4d5e7f60718293a4b5c6d7e8"
)]
pub(super) struct ReleaseArguments {
    #[command(flatten)]
    chosen: ChosenFlags,
}

/// Forget what was held: nothing is done. The identity provider may believe that it was; it must be made to send
/// everything again where the two differ.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  muster held drop hld_019a2b3c4d5e7f60718293a4b5c6d7e8\n  muster held drop --all --connection \
                  con_019a2b3c4d5e7f60718293a4b5c6d7e8"
)]
pub(super) struct DropArguments {
    #[command(flatten)]
    chosen: ChosenFlags,
}

pub(super) async fn release(arguments: ReleaseArguments) -> Result<ExitCode, Failure> {
    let (selection, shared) = arguments.chosen.into_parts();
    shared
        .with_installation(async |opened| {
            let released = held::release(&opened.app, &opened.access, &selection).await?;
            let code = if released.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
            if opened.json {
                let ids = |list: &[Held]| list.iter().map(|one| one.operation.id.to_string()).collect::<Vec<_>>();
                let failed = released
                    .failed
                    .iter()
                    .map(|(one, error)| json!({ "id": one.operation.id.to_string(), "error": error.to_string() }));
                output::print_json(&json!({
                    "done": ids(&released.done),
                    "nothing_to_do": ids(&released.nothing_to_do),
                    "failed": failed.collect::<Vec<_>>(),
                }))?;
                return Ok(code);
            }
            for (one, error) in &released.failed {
                output::note(&format!(
                    "{} was not done: {}: {}",
                    one.operation.id,
                    words::what(one),
                    causes(error).join(": ")
                ));
            }
            let (done, nothing, failed) = (released.done.len(), released.nothing_to_do.len(), released.failed.len());
            let mut text = format!("{done} released.");
            for (count, words) in [
                (nothing, "needed nothing done: whom they concern is gone already."),
                (failed, "could not be done and are still held."),
            ] {
                if count > 0 {
                    // Writing to a String cannot fail.
                    let _ = write!(text, " {count} {words}");
                }
            }
            output::print(&text)?;
            Ok(code)
        })
        .await
}

pub(super) async fn drop(arguments: DropArguments) -> Result<(), Failure> {
    let (selection, shared) = arguments.chosen.into_parts();
    shared
        .with_installation(async |opened| {
            let dropped = held::drop(&opened.app, &opened.access, &selection).await?;
            if opened.json {
                return output::print_json(&json!({ "dropped": dropped }));
            }
            output::print(&format!("{dropped} dropped; nothing of it was done."))
        })
        .await
}
