//! The workshop as it is called: exit codes and words of the built program.

#![expect(
    clippy::unwrap_used,
    reason = "everything here is a test; clippy sees that only of the functions marked as one"
)]

mod lists;
mod tidy;

use std::process::{Command, Output};

/// Runs `cargo xtask` with these arguments.
fn xtask(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask")).args(arguments).output().unwrap()
}

fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}
