//! Many connections at once that ask as fast as they are answered.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::operations::Request;
use super::statistics::Times;
use crate::failure::{Failure, Outcome};
use crate::http::Connection;

/// What so many connections got in a time.
#[derive(Debug, Clone)]
pub(super) struct Rate {
    pub(super) per_second: f64,
    pub(super) times: Times,
}

/// Asks on all connections for a while. `request` makes the n-th request of a connection; a status that it does not expect
/// fails the whole measurement.
pub(super) fn hammer(
    connections: &mut [Connection],
    duration: Duration,
    request: &(dyn Fn(usize, usize) -> Request + Sync),
) -> Outcome<Rate> {
    let is_over = AtomicBool::new(false);
    let began = Instant::now();
    let measured = thread::scope(|scope| {
        let is_over = &is_over;
        let workers: Vec<_> = connections
            .iter_mut()
            .enumerate()
            .map(|(number, connection)| scope.spawn(move || ask_until(is_over, connection, number, request)))
            .collect();
        thread::sleep(duration);
        is_over.store(true, Ordering::Relaxed);
        let ended =
            workers.into_iter().map(|worker| worker.join().map_err(|_| Failure::new("an asking thread broke"))?);
        ended.collect::<Outcome<Vec<_>>>()
    })?;
    let elapsed = began.elapsed();
    let times: Vec<Duration> = measured.into_iter().flatten().collect();
    #[expect(clippy::cast_precision_loss, reason = "some hundred thousand answers")]
    let per_second = times.len() as f64 / elapsed.as_secs_f64();
    Ok(Rate { per_second, times: Times::new(times) })
}

fn ask_until(
    is_over: &AtomicBool,
    connection: &mut Connection,
    number: usize,
    request: &(dyn Fn(usize, usize) -> Request + Sync),
) -> Outcome<Vec<Duration>> {
    let mut times = Vec::new();
    while !is_over.load(Ordering::Relaxed) {
        let asked = request(number, times.len());
        let began = Instant::now();
        let response = connection.request(asked.method, &asked.path, asked.body.as_deref().map(str::as_bytes))?;
        times.push(began.elapsed());
        response.expect_status(asked.expected, &format!("{} {}", asked.method, asked.path))?;
    }
    Ok(times)
}
