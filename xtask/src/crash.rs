//! The crash campaign: the server is killed in the middle of writes, and what it acknowledged must be there.
//!
//! Each round starts on an empty data folder. Threads create users as fast as they can and keep every acknowledged
//! answer; at a moment chosen by the seed the process gets SIGKILL. After a restart the API must show every
//! acknowledged user just as it was acknowledged, and nothing else but whole users whose request was still under way.

mod integrity;
mod verification;
mod writers;

use std::fmt;
use std::path::Path;
use std::time::Instant;

use crate::checkout;
use crate::failure::{Explain, Outcome};
use crate::seed::{self, Seed};
use crate::server::Installation;
use crate::wording;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    rounds: usize,
    posts: usize,
    concurrency: usize,
}

pub(crate) const FULL: Size = Size { rounds: 20, posts: 20_000, concurrency: 16 };
pub(crate) const REDUCED: Size = Size { rounds: 3, ..FULL };

impl fmt::Display for Size {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} rounds of kill -9 in the middle of {} POSTs at concurrency {}",
            self.rounds,
            wording::count(self.posts),
            self.concurrency
        )
    }
}

pub(crate) fn run(size: &Size, muster: &Path, chosen_seed: Option<u64>) -> Outcome<()> {
    let number = seed::chosen_or_new(chosen_seed);
    println!("seed: {number}");
    let mut seed = Seed::new(number);
    for round in 1..=size.rounds {
        let kill_after = seed.between(size.posts / 5, size.posts * 4 / 5);
        checkout::in_run_folder("crash", |folder| run_round(size, muster, folder, round, kill_after))
            .explain(|| format!("round {round} of {}, seed {number}", size.rounds))?;
    }
    Ok(())
}

fn run_round(size: &Size, muster: &Path, folder: &Path, round: usize, kill_after: usize) -> Outcome<()> {
    let started = Instant::now();
    let installation = Installation::in_folder(folder, muster);
    let server = installation.serve(0)?;
    let port = server.address.port();
    let connection = installation.create_unlimited_connection("generic", "crash", &server)?;
    let written = writers::write_until_killed(size, &connection, server, kill_after)?;
    let writing = started.elapsed();

    // The same port, so that the addresses in the acknowledged answers still hold.
    let server = installation.serve(port)?;
    let extra = verification::verify(size.concurrency, &connection, &server, &written)?;
    server.stop()?;
    installation.diagnose()?;
    integrity::check(&installation.data_folder)?;
    println!(
        "round {round} of {}: killed after {} acknowledged users ({}); all of them are there and complete, {extra} of \
         {} that were under way too; the database is sound ({})",
        size.rounds,
        wording::count(written.acknowledged.len()),
        wording::elapsed(writing),
        written.unacknowledged.len(),
        wording::elapsed(started.elapsed())
    );
    Ok(())
}
