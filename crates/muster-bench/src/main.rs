//! The bare things that the benchmark measures Muster against; see the README.

mod commits;
mod hello;

use std::process::ExitCode;

use clap::Parser;

#[derive(Parser)]
#[command(name = "muster-bench", about = "What the benchmark of Muster compares with.")]
enum Arguments {
    /// Serves a word at an address that the system chooses, until it is killed.
    Hello,
    /// Commits rows to a new SQLite database, one at a time, and prints how many in a second.
    Commits(commits::Arguments),
}

fn main() -> ExitCode {
    let ended = match Arguments::parse() {
        Arguments::Hello => hello::serve(),
        Arguments::Commits(arguments) => commits::measure(&arguments),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
