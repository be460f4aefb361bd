//! `cargo xtask bench scale`: a first filling, the start, and the memory that a directory of a million people needs while it
//! is asked and changed by many.

use std::path::Path;
use std::time::{Duration, Instant};

use super::costs::Bench;
use super::dataset::{Database, Dataset, Sample};
use super::hammer::hammer;
use super::load::{Figure, Goal};
use super::operations::{Operation, Place};
use super::statistics::Spread;
use super::{memory_plot, page};
use crate::checkout;
use crate::failure::Outcome;
use crate::http::Connection;
use crate::resident_memory;
use crate::server::{Installation, RunningServer};
use crate::wording;

const MANY: usize = 16;
/// Between two looks at the memory.
const SLICE: Duration = Duration::from_secs(2);
const PROGRESS: usize = 15;
const STARTS: usize = 5;
const MEBIBYTE: f64 = 1024.0 * 1024.0;

#[derive(clap::Args, Clone)]
#[command(
    long_about = "Fills a directory with `muster load`, starts the server several times, and watches its resident memory while \
                  16 connections read and change the directory.",
    after_help = "Examples:\n  cargo xtask bench scale\n  cargo xtask bench scale --people 10000 --minutes 1 --fresh"
)]
pub(crate) struct Arguments {
    /// How many people the directory has.
    #[arg(long, default_value_t = 1_000_000, value_name = "N")]
    people: usize,
    /// The database.
    #[arg(long, default_value = "sqlite")]
    database: Database,
    /// How long the memory is watched.
    #[arg(long, default_value_t = 60, value_name = "N")]
    minutes: u64,
    /// Fills the directory anew.
    #[arg(long)]
    fresh: bool,
    /// Writes the table and the picture into docs/.
    #[arg(long)]
    write_docs: bool,
}

pub(super) fn measure(arguments: &Arguments) -> Outcome<()> {
    let bench = Bench::prepare(&[arguments.database])?;
    let dataset = bench.dataset(arguments.database, arguments.people, arguments.fresh)?;
    let figure = |name: &str, values: &[f64], most: Option<f64>, beside: &str| Figure {
        name: name.to_owned(),
        database: arguments.database,
        value: Spread::of(values),
        goal: most.map(Goal::AtMost),
        beside: beside.to_owned(),
    };
    let people = wording::count(arguments.people);
    let of_a_million = |goal: f64| (arguments.people >= 1_000_000).then_some(goal);
    let mut figures = Vec::new();
    if let Some(filled_in) = dataset.filled_in {
        figures.push(figure(
            &format!("`muster load` of {people} people and their groups, seconds"),
            &[filled_in.as_secs_f64()],
            of_a_million(300.0),
            "one filling",
        ));
    }
    figures.extend([
        figure("start to ready, seconds", &starts(&dataset.installation)?, Some(0.5), "five starts"),
        figure("resident memory of an empty server, MiB", &[empty(&bench.muster)?], Some(20.0), ""),
    ]);
    let watched = watch(&dataset, Duration::from_secs(arguments.minutes * 60))?;
    let most = watched.iter().copied().fold(0.0, f64::max);
    let minutes = arguments.minutes;
    figures.push(figure(
        &format!("most resident memory in {minutes} min, 16 at once, MiB"),
        &[most],
        (arguments.database == Database::Sqlite).then_some(120.0),
        "GET, eq, lists, PATCH, POST and members by turns",
    ));
    let growth = growth(&watched);
    figures.push(figure("its growth: last tenth over second tenth", &[growth], Some(1.1), "medians"));
    for figure in &figures {
        eprintln!("{figure}");
    }
    if arguments.write_docs {
        let plot = memory_plot::draw(&watched, arguments.minutes);
        checkout::write_file(&checkout::root().join("docs/benchmarks/memory.svg"), &plot)?;
        page::write_scale(&people, &figures)?;
    }
    Ok(())
}

fn starts(installation: &Installation) -> Outcome<Vec<f64>> {
    (0..STARTS)
        .map(|_| {
            let began = Instant::now();
            let server = installation.serve(0)?;
            let took = began.elapsed();
            server.stop()?;
            Ok(took.as_secs_f64())
        })
        .collect()
}

/// A server of a directory that nobody uses yet.
fn empty(muster: &Path) -> Outcome<f64> {
    checkout::in_run_folder("bench-empty", |folder| {
        let server = Installation::in_folder(folder, muster).serve(0)?;
        let resident = mebibytes(&server);
        server.stop()?;
        resident
    })
}

fn mebibytes(server: &RunningServer) -> Outcome<f64> {
    #[expect(clippy::cast_precision_loss, reason = "less than a petabyte")]
    let bytes = resident_memory::of(server.process_id())? as f64;
    Ok(bytes / MEBIBYTE)
}

/// The resident memory after each slice of time, in mebibytes.
fn watch(dataset: &Dataset, duration: Duration) -> Outcome<Vec<f64>> {
    let server = dataset.installation.serve(0)?;
    let sample = dataset.sample(&server)?;
    let place = Place { people: dataset.people, sample: &sample };
    let mut watched = Vec::new();
    let mut made_before = 0;
    let began = Instant::now();
    while began.elapsed() < duration {
        let mut connections =
            (0..MANY).map(|_| dataset.connection.open(&server)).collect::<Outcome<Vec<Connection>>>()?;
        let request = |connection: usize, made: usize| turn(&sample, connection, made_before + made).request(&place);
        let rate = hammer(&mut connections, SLICE, &request)?;
        made_before += rate.times.count() / MANY;
        watched.push(mebibytes(&server)?);
        if watched.len() % PROGRESS == 0 {
            let now = watched.last().copied().unwrap_or_default();
            eprintln!("{}: {now:.0} MiB, {:.0} requests a second", wording::elapsed(began.elapsed()), rate.per_second);
        }
    }
    server.stop()?;
    Ok(watched)
}

/// One of all kinds of requests, for others than the neighbours' people.
struct Turn {
    operation: Operation,
    number: usize,
}

impl Turn {
    fn request(&self, place: &Place<'_>) -> super::operations::Request {
        self.operation.request(place, self.number)
    }
}

fn turn(sample: &Sample, connection: usize, made: usize) -> Turn {
    let largest = sample.groups.iter().map(|group| group.members).max().unwrap_or_default();
    let kinds = [
        Operation::GetById,
        Operation::ByUserName,
        Operation::PatchActive,
        Operation::GetById,
        Operation::Search,
        Operation::CursorFirst,
        Operation::Create,
        Operation::GetById,
        Operation::ByExternalId,
        if (made / 10).is_multiple_of(2) { Operation::AddMember(largest) } else { Operation::RemoveMember(largest) },
    ];
    let operation = kinds.get(made % kinds.len()).copied().unwrap_or(Operation::GetById);
    let around = made / kinds.len();
    let number = match operation {
        // The same guest joins and then leaves.
        Operation::AddMember(_) | Operation::RemoveMember(_) => around / 2 * MANY + connection,
        _ => around * MANY + connection,
    };
    Turn { operation, number }
}

/// The median of the last tenth over that of the second, since caches fill in the first.
fn growth(watched: &[f64]) -> f64 {
    let tenth = (watched.len() / 10).max(1);
    let median =
        |from: usize| Spread::of(watched.get(from..(from + tenth).min(watched.len())).unwrap_or_default()).median;
    let early = median(tenth.min(watched.len().saturating_sub(1)));
    if early > 0.0 { median(watched.len().saturating_sub(tenth)) / early } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_leaves_out_the_first_tenth() {
        let mut watched = vec![1.0; 10];
        watched.extend(vec![10.0; 80]);
        watched.extend(vec![15.0; 10]);
        assert!((growth(&watched) - 1.5).abs() < 1e-9);
        assert!((growth(&[3.0]) - 1.0).abs() < 1e-9);
        assert!(growth(&[]).abs() < 1e-9);
    }
}
