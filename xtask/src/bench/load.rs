//! `cargo xtask bench load`: how much is done at once, as a share of what this machine and its disk allow. The limit is
//! measured between the measurements, because a disk's flush takes now 0.1 and now 4 milliseconds.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::bare;
use super::costs::Bench;
use super::dataset::{Database, Dataset, Sample};
use super::hammer::{Rate, hammer};
use super::operations::{Operation, Place, Request};
use super::pgbench;
use super::statistics::Spread;
use crate::failure::Outcome;
use crate::http::Connection;
use crate::server::RunningServer;

const MANY: usize = 16;

#[derive(clap::Args, Clone)]
#[command(
    long_about = "Measures requests per second at concurrency 1 and 16 as a share of what the bare server and the bare \
                  database do in the same moments.",
    after_help = "Example:\n  cargo xtask bench load --people 10000 --database sqlite"
)]
pub(crate) struct Arguments {
    /// How many people the directory has.
    #[arg(long, default_value_t = 100_000, value_name = "N")]
    pub(super) people: usize,
    /// The databases.
    #[arg(long, value_delimiter = ',', default_value = "sqlite,postgresql")]
    pub(super) database: Vec<Database>,
    /// How often each is measured; the median counts.
    #[arg(long, default_value_t = 5, value_name = "N")]
    pub(super) rounds: usize,
    /// How long each measurement takes.
    #[arg(long, default_value_t = 2, value_name = "N")]
    pub(super) seconds: u64,
}

/// One figure beside its goal.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Figure {
    pub(super) name: String,
    pub(super) database: Database,
    pub(super) value: Spread,
    /// At least, or at most.
    pub(super) goal: Option<Goal>,
    /// What the figure is a share of, in words with its number.
    pub(super) beside: String,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Goal {
    AtLeast(f64),
    AtMost(f64),
}

impl Figure {
    pub(super) fn verdict(&self) -> String {
        match self.goal {
            None => String::new(),
            Some(Goal::AtLeast(goal)) => verdict("≥", goal, self.value.median >= goal),
            Some(Goal::AtMost(goal)) => verdict("≤", goal, self.value.median <= goal),
        }
    }
}

fn verdict(sign: &str, goal: f64, is_reached: bool) -> String {
    format!("goal {sign} {goal}: {}", if is_reached { "reached" } else { "missed" })
}

impl fmt::Display for Figure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{:<10} {:<58} {:>6.2} (±{:.0} %)  {}  {}",
            self.database.shown(),
            self.name,
            self.value.median,
            self.value.noise() * 100.0,
            self.beside,
            self.verdict()
        )
    }
}

/// A running directory, and as many connections to it as are ever needed.
struct Loaded<'a> {
    dataset: &'a Dataset,
    server: RunningServer,
    sample: Sample,
}

impl Loaded<'_> {
    fn connections(&self, number: usize) -> Outcome<Vec<Connection>> {
        (0..number).map(|_| self.dataset.connection.open(&self.server)).collect()
    }

    /// The operation as connections ask for it, each of them for others than its neighbours.
    fn ask(&self, operation: Operation, number: usize, duration: Duration) -> Outcome<Rate> {
        let place = Place { people: self.dataset.people, sample: &self.sample };
        let people = self.sample.people.len();
        let request = |connection: usize, made: usize| -> Request {
            let apart = people / number * connection;
            // A round over one's own part, so that each PATCH changes something.
            let part = (people / number).max(1);
            operation.request(&place, apart + made % part + made / part * people)
        };
        hammer(&mut self.connections(number)?, duration, &request)
    }
}

pub(super) fn measure(bench: &Bench, arguments: &Arguments) -> Outcome<Vec<Figure>> {
    let mut figures = Vec::new();
    for database in &arguments.database {
        let dataset = bench.dataset(*database, arguments.people, false)?;
        let server = dataset.installation.serve(0)?;
        let sample = dataset.sample(&server)?;
        let loaded = Loaded { dataset: &dataset, server, sample };
        let mut found = reads(bench, arguments, &loaded)?;
        found.append(&mut writes(bench, arguments, &loaded)?);
        found.append(&mut one_group(arguments, &loaded)?);
        if *database == Database::Postgresql {
            found.push(two_nodes(arguments, &loaded)?);
        }
        for figure in &found {
            eprintln!("{figure}");
        }
        figures.append(&mut found);
        loaded.server.stop()?;
    }
    Ok(figures)
}

fn reads(bench: &Bench, arguments: &Arguments, loaded: &Loaded<'_>) -> Outcome<Vec<Figure>> {
    let duration = Duration::from_secs(arguments.seconds);
    let hello = bare::Running::hello(&bench.bare)?;
    let (mut shares, mut tails, mut under_writes, mut ours, mut bare) =
        <(Vec<_>, Vec<_>, Vec<_>, Vec<_>, Vec<_>)>::default();
    for _ in 0..arguments.rounds {
        let mut greeters =
            (0..MANY).map(|_| Connection::open(hello.address, "", "none")).collect::<Outcome<Vec<_>>>()?;
        let greeting =
            |_: usize, _: usize| Request { method: "GET", path: "/hello".to_owned(), body: None, expected: &[200] };
        let least = hammer(&mut greeters, duration, &greeting)?;
        let rate = loaded.ask(Operation::GetById, MANY, duration)?;
        shares.push(rate.per_second / least.per_second);
        tails.push(rate.times.percentile_micros(99) / rate.times.median_micros().max(1.0));
        // Half as many write meanwhile as can.
        let alone = loaded.ask(Operation::GetById, MANY / 2, duration)?;
        let beside = std::thread::scope(|scope| {
            let writing = scope.spawn(|| loaded.ask(Operation::PatchActive, MANY / 2, duration));
            let reading = loaded.ask(Operation::GetById, MANY / 2, duration);
            writing.join().map_err(|_| crate::failure::Failure::new("a writing thread broke"))??;
            reading
        })?;
        under_writes.push(beside.per_second / alone.per_second);
        ours.push(rate.per_second);
        bare.push(least.per_second);
    }
    let database = loaded.dataset.database;
    let is_sqlite = database == Database::Sqlite;
    let rates = format!("{:.0} of {:.0} a second", Spread::of(&ours).median, Spread::of(&bare).median);
    let figure = |name: &str, values: &[f64], goal: Option<Goal>, beside: &str| Figure {
        name: name.to_owned(),
        database,
        value: Spread::of(values),
        goal,
        beside: beside.to_owned(),
    };
    Ok(vec![
        figure("GET by id, 16 at once: share of hello", &shares, is_sqlite.then_some(Goal::AtLeast(0.4)), &rates),
        figure("GET by id, 16 at once: p99 over p50", &tails, Some(Goal::AtMost(8.0)), ""),
        figure("GET by id, 8 at once beside 8 writers: share of without", &under_writes, Some(Goal::AtLeast(0.5)), ""),
    ])
}

fn writes(bench: &Bench, arguments: &Arguments, loaded: &Loaded<'_>) -> Outcome<Vec<Figure>> {
    let duration = Duration::from_secs(arguments.seconds);
    let database = loaded.dataset.database;
    let mut shares = [Vec::new(), Vec::new()];
    let mut ours = [Vec::new(), Vec::new()];
    let mut limits = [Vec::new(), Vec::new()];
    for _ in 0..arguments.rounds {
        for (place, number) in [1, MANY].into_iter().enumerate() {
            let limit = match (&bench.postgresql, database) {
                (Some(server), Database::Postgresql) => {
                    pgbench::rate(server, loaded.dataset.people, number, arguments.seconds)?
                }
                _ => bare::commits(&bench.bare, &loaded.dataset.installation.data_folder, arguments.seconds)?,
            };
            let rate = loaded.ask(Operation::PatchActive, number, duration)?.per_second;
            if let (Some(shares), Some(ours), Some(limits)) =
                (shares.get_mut(place), ours.get_mut(place), limits.get_mut(place))
            {
                shares.push(rate / limit.max(1.0));
                ours.push(rate);
                limits.push(limit);
            }
        }
    }
    // The bare commits go one after another whoever waits for them, so that what is lost without group commit shows.
    let slow_disk = limits.first().is_some_and(|limits| Spread::of(limits).median < 1_000.0);
    let goals = match database {
        Database::Sqlite => [Some(Goal::AtLeast(0.8)), slow_disk.then_some(Goal::AtLeast(8.0))],
        Database::Postgresql => [Some(Goal::AtLeast(0.75)), Some(Goal::AtLeast(0.5))],
    };
    let limit = if database == Database::Sqlite { "one-row commits" } else { "pgbench" };
    let figures = shares.iter().zip(&ours).zip(&limits).zip([1, MANY]).zip(goals).map(
        |((((shares, ours), limits), number), goal)| Figure {
            name: format!("PATCH active, {number} at once: share of {limit}"),
            database,
            value: Spread::of(shares),
            goal,
            beside: format!("{:.0} of {:.0} a second", Spread::of(ours).median, Spread::of(limits).median),
        },
    );
    Ok(figures.collect())
}

/// Sixteen connections change one group; a request that fails ends the measurement.
fn one_group(arguments: &Arguments, loaded: &Loaded<'_>) -> Outcome<Vec<Figure>> {
    let Some(group) = loaded.sample.groups.iter().map(|group| group.members).filter(|members| *members <= 10_000).max()
    else {
        return Ok(Vec::new());
    };
    let place = Place { people: loaded.dataset.people, sample: &loaded.sample };
    let guests = loaded.sample.guests.len() / MANY;
    let mut rates = Vec::new();
    for _ in 0..arguments.rounds {
        let request = |connection: usize, made: usize| {
            let operation =
                if made.is_multiple_of(2) { Operation::AddMember(group) } else { Operation::RemoveMember(group) };
            operation.request(&place, connection * guests + made / 2 % guests.max(1))
        };
        rates
            .push(hammer(&mut loaded.connections(MANY)?, Duration::from_secs(arguments.seconds), &request)?.per_second);
    }
    Ok(vec![Figure {
        name: format!("PATCH members of one group of {}, 16 at once: a second", crate::wording::count(group)),
        database: loaded.dataset.database,
        value: Spread::of(&rates),
        goal: None,
        beside: "no request failed".to_owned(),
    }])
}

/// As many requests of each kind to one node as to two, which share the processors and the database: what a second node costs.
fn two_nodes(arguments: &Arguments, loaded: &Loaded<'_>) -> Outcome<Figure> {
    let second = loaded.dataset.installation.serve(0)?;
    let duration = Duration::from_secs(arguments.seconds);
    let place = Place { people: loaded.dataset.people, sample: &loaded.sample };
    // Each connection asks for others than its neighbours, three times in four to read.
    let request = |connection: usize, made: usize| {
        let part = loaded.sample.people.len() / MANY;
        let person = connection * part + made / 4 % part.max(1);
        let turn = made / 4 / part.max(1) * loaded.sample.people.len();
        let operation = if made % 4 == 3 { Operation::PatchActive } else { Operation::GetById };
        operation.request(&place, turn + person)
    };
    let rate_of = |servers: [&RunningServer; 2]| -> Outcome<f64> {
        let mut connections = Vec::with_capacity(MANY);
        for number in 0..MANY {
            let Some(server) = servers.get(number % servers.len()) else { continue };
            connections.push(loaded.dataset.connection.open(server)?);
        }
        Ok(hammer(&mut connections, duration, &request)?.per_second)
    };
    // A node that nobody has asked yet has empty caches.
    rate_of([&second, &second])?;
    let (mut shares, mut ones, mut twos) = <(Vec<_>, Vec<_>, Vec<_>)>::default();
    for _ in 0..arguments.rounds {
        let one = rate_of([&loaded.server, &loaded.server])?;
        let two = rate_of([&loaded.server, &second])?;
        shares.push(two / one);
        ones.push(one);
        twos.push(two);
    }
    second.stop()?;
    Ok(Figure {
        name: "three reads and a PATCH, 16 at once: two nodes' share of one's".to_owned(),
        database: loaded.dataset.database,
        value: Spread::of(&shares),
        goal: Some(Goal::AtLeast(0.9)),
        beside: format!("{:.0} of {:.0} a second", Spread::of(&twos).median, Spread::of(&ones).median),
    })
}
