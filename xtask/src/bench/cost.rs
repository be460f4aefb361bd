//! What a request costs: the processor time of the server's processes, as a multiple of what the bare server needs for a
//! word in the same moments. Requests per second swing with the machine; this ratio hardly does.

use std::time::{Duration, Instant};

use super::dataset::{Database, Dataset, Sample};
use super::operations::{Operation, Place, Request};
use crate::failure::Outcome;
use crate::http::Connection;
use crate::processor_time::Reading;
use crate::server::RunningServer;

/// A server that is asked, and the process whose tree is watched: PostgreSQL's counts where there is one.
pub(super) struct Subject<'a> {
    pub(super) dataset: &'a Dataset,
    pub(super) sample: Sample,
    server: &'a RunningServer,
    connection: Connection,
    processes: Vec<u32>,
}

impl<'a> Subject<'a> {
    pub(super) fn new(dataset: &'a Dataset, server: &'a RunningServer, postgresql: Option<u32>) -> Outcome<Self> {
        let sample = dataset.sample(server)?;
        let connection = dataset.connection.open(server)?;
        let database = postgresql.filter(|_| dataset.database == Database::Postgresql);
        let processes = std::iter::once(server.process_id()).chain(database).collect();
        Ok(Self { dataset, sample, server, connection, processes })
    }

    /// The server closes a connection on which nothing was asked while others were measured.
    fn connect_again(&mut self) -> Outcome<()> {
        self.connection = self.dataset.connection.open(self.server)?;
        Ok(())
    }
}

/// One operation on one directory.
#[derive(Default)]
pub(super) struct Cost {
    /// Processor time per request over that of hello, one for each round.
    pub(super) ratios: Vec<f64>,
    /// Processor microseconds per request, one for each round.
    pub(super) micros: Vec<f64>,
    /// From the first byte sent to the last received.
    pub(super) times: Vec<Duration>,
}

/// The bare server under the same eyes.
pub(super) struct Hello {
    pub(super) connection: Connection,
    pub(super) process: u32,
}

impl Hello {
    const REQUESTS: usize = 1_500;

    fn micros(&mut self) -> Outcome<f64> {
        let before = Reading::of(self.process)?;
        for _ in 0..Self::REQUESTS {
            self.connection.request("GET", "/hello", None)?.expect_status(&[200], "GET /hello")?;
        }
        Ok(per_request(Reading::of(self.process)?.since(&before), Self::REQUESTS))
    }
}

/// Measures operations that belong together (adding, and removing what was added) on all subjects in turns, with the bare
/// server before each of them, so that whatever else the machine does falls on all alike. Gives for each operation the
/// costs in the order of the subjects. The first round is not counted.
pub(super) fn measure(
    operations: &[Operation],
    subjects: &mut [Subject<'_>],
    hello: &mut Hello,
    rounds: usize,
) -> Outcome<Vec<Vec<Cost>>> {
    let mut costs: Vec<Vec<Cost>> =
        operations.iter().map(|_| subjects.iter().map(|_| Cost::default()).collect()).collect();
    subjects.iter_mut().try_for_each(Subject::connect_again)?;
    let mut made = 0;
    for round in 0..=rounds {
        for (operation, costs) in operations.iter().zip(&mut costs) {
            for (subject, cost) in subjects.iter_mut().zip(costs) {
                let bare = hello.micros()?;
                let mut times = Vec::new();
                let micros = run(*operation, subject, made, &mut times)?;
                if round > 0 {
                    cost.micros.push(micros);
                    cost.ratios.push(micros / bare.max(f64::MIN_POSITIVE));
                    cost.times.append(&mut times);
                }
            }
        }
        made += operations.iter().map(|operation| operation.requests()).max().unwrap_or_default();
    }
    Ok(costs)
}

/// Makes the requests and gives the processor microseconds of each.
fn run(operation: Operation, subject: &mut Subject<'_>, made: usize, times: &mut Vec<Duration>) -> Outcome<f64> {
    let requests = operation.requests();
    let place = Place { dataset: subject.dataset, sample: &subject.sample };
    let prepared: Vec<Request> = (0..requests).map(|number| operation.request(&place, made + number)).collect();
    let before = read(&subject.processes)?;
    for request in &prepared {
        let body = request.body.as_deref().map(str::as_bytes);
        let began = Instant::now();
        let response = subject.connection.request(request.method, &request.path, body)?;
        times.push(began.elapsed());
        response.expect_status(request.expected, &format!("{operation}"))?;
    }
    let after = read(&subject.processes)?;
    let used: Duration = after.iter().zip(&before).map(|(after, before)| after.since(before)).sum();
    Ok(per_request(used, requests))
}

fn read(processes: &[u32]) -> Outcome<Vec<Reading>> {
    processes.iter().map(|process| Reading::of(*process)).collect()
}

fn per_request(time: Duration, requests: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "some thousand requests")]
    let requests = requests.max(1) as f64;
    time.as_secs_f64() * 1e6 / requests
}
