#![doc = include_str!("../README.md")]

mod cli;
mod commands;
mod edge;
mod failure;
mod flags;
mod installation;
mod output;
mod progress;
mod running;
mod server;
mod storage;
mod system;
mod telemetry;
mod webhooks;
mod worker;

use std::process::ExitCode;

use clap::Parser;

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Before anything can ask for TLS: with several providers in a build, rustls would panic at its first use. An
    // error only says that one is installed already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    match commands::run(cli::CommandLine::parse()) {
        Ok(code) => code,
        Err(failure) => {
            failure.print();
            failure.exit_code()
        }
    }
}
