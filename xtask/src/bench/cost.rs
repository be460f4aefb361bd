//! What a request costs: the processor time of the server's processes, as a multiple of what the bare server needs for a
//! word in the same moments. Requests per second swing with the machine; this ratio hardly does.

use std::time::{Duration, Instant};

use super::dataset::{Database, Dataset, Sample};
use super::operations::{Operation, Place, Request};
use super::stolen::Ticks;
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
        let mut connection = dataset.connection.open(server)?;
        for person in &sample.people {
            // An earlier run may have left somebody inactive, and what changes nothing costs less.
            let request = Operation::activation(&person.id);
            let body = request.body.as_deref().map(str::as_bytes);
            let answer = connection.request(request.method, &request.path, body)?;
            answer.expect_status(request.expected, "PATCH active")?;
        }
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
    /// Processor microseconds per request, one for each round.
    pub(super) micros: Vec<f64>,
    /// From the first byte sent to the last received.
    pub(super) times: Vec<Duration>,
}

/// What one round measured of one operation on one directory.
struct Sampled {
    micros: f64,
    times: Vec<Duration>,
}

impl Cost {
    fn add(&mut self, Sampled { micros, mut times }: Sampled) {
        self.micros.push(micros);
        self.times.append(&mut times);
    }
}

/// The bare server under the same eyes.
pub(super) struct Hello {
    pub(super) connection: Connection,
    pub(super) process: u32,
    /// Processor microseconds per request, one each time it was asked.
    pub(super) micros: Vec<f64>,
}

impl Hello {
    const REQUESTS: usize = 2_000;

    fn greet(&mut self) -> Outcome<()> {
        let before = Reading::of(self.process)?;
        for _ in 0..Self::REQUESTS {
            self.connection.request("GET", "/hello", None)?.expect_status(&[200], "GET /hello")?;
        }
        self.micros.push(per_request(Reading::of(self.process)?.since(&before), Self::REQUESTS));
        Ok(())
    }
}

/// Operations that belong together (adding, and removing what was added) on all directories that are large enough.
pub(super) struct Series {
    operations: Vec<Operation>,
    /// Which of the subjects.
    able: Vec<usize>,
    /// For each operation those of the able subjects, in order.
    costs: Vec<Vec<Cost>>,
    /// How many requests of each operation were made in earlier rounds.
    made: usize,
}

impl Series {
    pub(super) fn new(operations: Vec<Operation>, subjects: &[Subject<'_>]) -> Self {
        let is_able = |subject: &Subject<'_>| {
            let all = Operation::all(subject.dataset.people);
            operations.iter().all(|operation| all.contains(operation))
        };
        let able: Vec<usize> =
            subjects.iter().enumerate().filter(|(_, subject)| is_able(subject)).map(|(place, _)| place).collect();
        let costs = operations.iter().map(|_| able.iter().map(|_| Cost::default()).collect()).collect();
        Self { operations, able, costs, made: 0 }
    }

    /// One round on all subjects. Gives the share of the processors that was given to others meanwhile.
    pub(super) fn measure(
        &mut self,
        subjects: &mut [Subject<'_>],
        hello: &mut Hello,
        is_counted: bool,
    ) -> Outcome<f64> {
        let before = Ticks::now();
        let samples = self.sample(subjects, hello)?;
        if is_counted {
            self.costs.iter_mut().flatten().zip(samples).for_each(|(cost, sample)| cost.add(sample));
        }
        Ok(Ticks::now().stolen_since(before))
    }

    /// On all subjects in turns, with the bare server before each of them, so that whatever else the machine does falls on all
    /// alike. In the order of `costs`.
    fn sample(&mut self, subjects: &mut [Subject<'_>], hello: &mut Hello) -> Outcome<Vec<Sampled>> {
        let mut samples = Vec::new();
        for operation in &self.operations {
            for place in &self.able {
                let Some(subject) = subjects.get_mut(*place) else { continue };
                subject.connect_again()?;
                hello.greet()?;
                let mut times = Vec::new();
                let micros = run(*operation, subject, self.made, &mut times)?;
                samples.push(Sampled { micros, times });
            }
        }
        self.made += self.operations.iter().map(|operation| operation.requests()).max().unwrap_or_default();
        Ok(samples)
    }

    /// Every operation with each of its subjects and what it cost there.
    pub(super) fn costs(&self) -> impl Iterator<Item = (Operation, usize, &Cost)> {
        self.operations
            .iter()
            .zip(&self.costs)
            .flat_map(|(operation, costs)| self.able.iter().zip(costs).map(|(place, cost)| (*operation, *place, cost)))
    }
}

/// Makes the requests and gives the processor microseconds of each.
fn run(operation: Operation, subject: &mut Subject<'_>, made: usize, times: &mut Vec<Duration>) -> Outcome<f64> {
    let requests = operation.requests();
    let place = Place { people: subject.dataset.people, sample: &subject.sample };
    let number = |of_round: usize| operation.number(&subject.sample, made + of_round);
    let prepared: Vec<Request> = (0..requests).map(|of_round| operation.request(&place, number(of_round))).collect();
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
