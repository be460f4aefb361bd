//! The workshop: every chore of this repository as one command, `cargo xtask COMMAND`.
//!
//! It knows the checkout and the built binary, never the product's code: servers are started as processes and spoken
//! to over a socket, as any client does.

mod audit;
mod bench;
mod binary;
mod campaign;
mod check;
mod checkout;
mod command;
mod conformance;
mod crash;
mod edge_fuzz;
mod failure;
mod fuzz;
mod http;
mod management;
mod node;
mod openapi;
mod postgresql;
mod prerequisites;
mod processor_time;
mod python;
mod real_clients;
mod requirements;
mod resident_memory;
mod run;
mod seed;
mod server;
mod simulators;
mod test;
mod test_runner;
mod third_party;
mod tidy;
mod wording;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::failure::Outcome;

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "The chores of this repository.", version)]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Builds what is missing and starts Muster with its embedded database.
    Run(run::Arguments),
    /// Runs everything that must hold before a change is accepted.
    Test(test::Arguments),
    /// Runs the fast part of `test`, for use before each commit.
    Check(check::Arguments),
    /// Checks the rules of the house: crate arrows, dependencies, file sizes, words.
    Tidy(tidy::Arguments),
    /// Runs the long tests in their full size.
    Campaign(campaign::Arguments),
    /// Measures the build that is shipped.
    Bench(bench::Arguments),
    /// Feeds random input to the parsers.
    Fuzz(fuzz::Arguments),
    /// Shows which requirement of the RFCs is shown by which test.
    Requirements(requirements::Arguments),
    /// Writes the `OpenAPI` document of the management API.
    Openapi(openapi::Arguments),
    /// Checks licences, sources, bans and known vulnerabilities of all dependencies.
    Audit(audit::Arguments),
}

fn main() -> ExitCode {
    match perform(Arguments::parse().chore) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.is_told() {
                eprintln!("error: {failure}");
            }
            ExitCode::FAILURE
        }
    }
}

fn perform(chore: Chore) -> Outcome<()> {
    match chore {
        Chore::Run(arguments) => run::run(&arguments),
        Chore::Test(arguments) => test::test(&arguments),
        Chore::Check(arguments) => check::check(&arguments),
        Chore::Tidy(arguments) => tidy::tidy(&arguments),
        Chore::Campaign(arguments) => campaign::campaign(&arguments),
        Chore::Bench(arguments) => bench::bench(&arguments),
        Chore::Fuzz(arguments) => fuzz::fuzz(&arguments),
        Chore::Requirements(arguments) => requirements::requirements(&arguments),
        Chore::Openapi(arguments) => openapi::openapi(&arguments),
        Chore::Audit(arguments) => audit::audit(&arguments),
    }
}
