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
use vitals::Vitals;

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
/// A few large bodies at once leave the allocator with that much, which it keeps: this finds what is kept for each request
/// only when it is large. (Seen: 50 to 200 MiB, by chance.)
const MOST_GROWTH_KIB: u64 = 512 * 1024;
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

fn hammer(size: Size, server: &RunningServer, connections: &[ProvisionedConnection], seed: u64) -> Outcome<()> {
    let sent = AtomicUsize::new(0);
    let begun = Instant::now();
    // Caches and the allocator reach their size in the first half; the second must not add to it.
    let halves = [size.requests / 2, size.requests];
    let mut vitals = Vec::new();
    for (part, end) in halves.into_iter().enumerate() {
        let answers = send_until(end, &sent, server, connections, seed.wrapping_add(part as u64 * 1000))?;
        judge(&answers)?;
        vitals.push(Vitals::of(server.process_id())?);
        println!("{} requests sent ({})", wording::count(end), wording::elapsed(begun.elapsed()));
    }
    let [warm, after] = vitals.as_slice() else { return Err(Failure::new("nothing was measured")) };
    println!("memory: {} KiB after the first half, {} KiB after the second", warm.resident_kib, after.resident_kib);
    println!("open files: {} after the first half, {} after the second", warm.files, after.files);
    if after.resident_kib > warm.resident_kib + MOST_GROWTH_KIB {
        return Err(Failure::new("memory grows with the requests"));
    }
    if after.files > warm.files + MOST_NEW_FILES {
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
