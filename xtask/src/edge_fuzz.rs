//! Random requests against the running binary: methods, addresses, headers, encodings and bodies that are nearly right,
//! quite wrong, or no HTTP at all. Nothing may be answered with a 5xx, nothing may hang, and memory stays flat.

mod address;
mod body;
mod message;
mod sender;
mod vitals;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use crate::checkout;
use crate::failure::{Failure, Outcome};
use crate::seed::{self, Seed};
use crate::server::{Installation, ProvisionedConnection, RunningServer};
use crate::wording;
use sender::Sender;

/// How often each status was answered.
type Answers = BTreeMap<u16, usize>;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    requests: usize,
}

pub(crate) const FULL: Size = Size { requests: 200_000 };
pub(crate) const REDUCED: Size = Size { requests: 30_000 };

const SENDERS: usize = 8;
/// Random requests that nearly all fail at the door would try nothing behind it.
const LEAST_SUCCESSES_PERCENT: usize = 20;
/// A few large bodies or pages at once raise the memory for a while (seen: to 230 MiB), which says nothing; what is kept for
/// each request raises the least of a part of the run.
const MOST_GROWTH_KIB: u64 = 24 * 1024;
/// What the allocator keeps after the first large bodies, which come early or late by chance; 200,000 requests stay at 100 MiB.
const WARM_KIB: u64 = 128 * 1024;
const MOST_NEW_FILES: usize = 64;

impl fmt::Display for Size {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} random requests", wording::count(self.requests))
    }
}

pub(crate) fn run(size: Size, muster: &Path, chosen_seed: Option<u64>) -> Outcome<()> {
    let number = seed::chosen_or_new(chosen_seed);
    println!("seed: {number}");
    checkout::in_run_folder("edge", |folder| {
        let installation = Installation::in_folder(folder, muster);
        let server = installation.serve(0)?;
        let connections = ["generic", "strict", "entra", "okta-1.1"]
            .into_iter()
            .map(|provider| installation.create_unlimited_connection(provider, provider, &server))
            .collect::<Outcome<Vec<_>>>()?;
        hammer(size, &server, &connections, number)?;
        server.stop()?;
        installation.diagnose()
    })
}

/// Caches and the allocator reach their size in the first parts; the last must not add to it.
const PARTS: usize = 4;

fn hammer(size: Size, server: &RunningServer, connections: &[ProvisionedConnection], seed: u64) -> Outcome<()> {
    let sent = AtomicUsize::new(0);
    let begun = Instant::now();
    let mut parts = Vec::new();
    for part in 1..=PARTS {
        let end = size.requests / PARTS * part;
        let (answers, vitals) = vitals::during(server.process_id(), || {
            send_until(end, &sent, server, connections, seed.wrapping_add(part as u64 * 1000))
        });
        judge(&answers?)?;
        let vitals = vitals?;
        println!(
            "{} requests sent ({}); memory: {}; open files: {}",
            wording::count(end),
            wording::elapsed(begun.elapsed()),
            vitals.memory(),
            vitals.files
        );
        parts.push(vitals);
    }
    let (Some(warm), Some(last)) = (parts.get(PARTS / 2 - 1), parts.last()) else {
        return Err(Failure::new("nothing was measured"));
    };
    if last.least_kib > warm.least_kib.max(WARM_KIB) + MOST_GROWTH_KIB {
        return Err(Failure::new("memory grows with the requests"));
    }
    if last.files > warm.files + MOST_NEW_FILES {
        return Err(Failure::new("open files grow with the requests"));
    }
    Ok(())
}

fn judge(answers: &Answers) -> Outcome<()> {
    let shown = answers.iter().map(|(status, count)| match status {
        0 => format!("closed: {}", wording::count(*count)),
        status => format!("{status}: {}", wording::count(*count)),
    });
    println!("answers: {}", shown.collect::<Vec<_>>().join(", "));
    let all: usize = answers.values().sum();
    let successes: usize = answers.range(200..300).map(|(_, count)| count).sum();
    if successes * 100 < all * LEAST_SUCCESSES_PERCENT {
        return Err(Failure::new("hardly any request got in; the run says nothing"));
    }
    Ok(())
}

/// Sends until so many requests were sent in all. The first failure ends it.
fn send_until(
    end: usize,
    sent: &AtomicUsize,
    server: &RunningServer,
    connections: &[ProvisionedConnection],
    seed: u64,
) -> Outcome<Answers> {
    thread::scope(|scope| {
        let senders: Vec<_> = (0..SENDERS as u64)
            .map(|number| {
                scope.spawn(move || -> Outcome<Answers> {
                    let mut sender =
                        Sender::new(server, connections, Seed::new(seed.wrapping_mul(31).wrapping_add(number)))?;
                    while sent.fetch_add(1, Ordering::Relaxed) < end {
                        if let Err(failure) = sender.send_one() {
                            // The others end with their next request.
                            sent.fetch_add(end, Ordering::Relaxed);
                            return Err(failure);
                        }
                    }
                    Ok(sender.into_answers())
                })
            })
            .collect();
        let mut answers = BTreeMap::new();
        for sender in senders {
            for (status, count) in sender.join().map_err(|_| Failure::new("a sending thread broke"))?? {
                *answers.entry(status).or_default() += count;
            }
        }
        sent.store(end, Ordering::Relaxed);
        Ok(answers)
    })
}
