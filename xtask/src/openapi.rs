//! `cargo xtask openapi`: writes the `OpenAPI` document of the management API anew.

use crate::command;
use crate::failure::Outcome;

#[derive(clap::Args)]
#[command(
    long_about = "Writes docs/openapi.json from the handlers of the management API. A test fails while it differs from them.",
    after_help = "Example:\n  cargo xtask openapi && git diff docs/openapi.json"
)]
pub(crate) struct Arguments {}

pub(crate) fn openapi(_: &Arguments) -> Outcome<()> {
    let test = ["test", "--quiet", "--package", "muster-admin-api", "--test", "it", "document::the_committed"];
    command::run(command::cargo().args(test).env("MUSTER_WRITE_OPENAPI", "1"))
}
