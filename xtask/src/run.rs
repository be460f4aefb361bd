//! `cargo xtask run`: from a clone to a serving Muster.

use std::ffi::OsString;
use std::process::Command;

use crate::binary::{self, Profile, Selection};
use crate::command;
use crate::failure::{Failure, Outcome};
use crate::prerequisites;

#[derive(clap::Args)]
#[command(
    long_about = "Builds what is missing, says how far the build is, and starts `muster serve` in the root of the \
                  checkout, so that its data folder is `muster-data` there unless the settings say otherwise. \
                  Ctrl-C and SIGTERM stop the server cleanly.",
    after_help = "Examples:\n  cargo xtask run\n  cargo xtask run -- --listen 127.0.0.1:9000\n  \
                  cargo xtask run --release -- --data-dir .work/trial"
)]
pub(crate) struct Arguments {
    /// Builds with optimizations; slower to build, faster to serve.
    #[arg(long)]
    release: bool,
    /// Passed on to `muster serve`.
    #[arg(last = true, value_name = "ARGS")]
    serve_arguments: Vec<OsString>,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome<()> {
    prerequisites::ensure_c_compiler()?;
    let profile = if arguments.release { Profile::Release } else { Profile::Dev };
    let muster = binary::build(Selection::Muster, profile)?;
    let mut serve = command::program(muster);
    serve.arg("serve").args(&arguments.serve_arguments);
    eprintln!("$ {}", command::shown(&serve));
    Err(become_server(&mut serve))
}

/// Takes the server's place, so that signals reach it directly. Returns only when that did not work.
#[cfg(unix)]
fn become_server(serve: &mut Command) -> Failure {
    use std::os::unix::process::CommandExt;

    let reason = serve.exec();
    Failure::new(format!("could not start `{}`: {reason}", command::shown(serve)))
}

#[cfg(not(unix))]
fn become_server(serve: &mut Command) -> Failure {
    match serve.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(reason) => Failure::new(format!("could not start `{}`: {reason}", command::shown(serve))),
    }
}
