//! `cargo xtask bench costs`: every operation on directories of several sizes, on both databases.

use std::path::PathBuf;
use std::time::Instant;

use super::bare;
use super::cost::{Hello, Series, Subject};
use super::dataset::{Database, Dataset};
use super::operations::Operation;
use super::result::{Entry, Results};
use super::statistics::Spread;
use crate::failure::{Failure, Outcome};
use crate::http::Connection;
use crate::postgresql::Postgresql;
use crate::wording;

#[derive(clap::Args, Clone)]
#[command(
    long_about = "Measures the processor time that each operation costs on directories of several sizes, as a multiple \
                  of a bare server's. Directories are filled once and kept in .work/bench.",
    after_help = "Examples:\n  cargo xtask bench costs\n  cargo xtask bench costs --people 1000,10000 --database sqlite --only \
                  'GET by id'"
)]
pub(crate) struct Arguments {
    /// The sizes of the directories.
    #[arg(long, value_delimiter = ',', default_value = "1000,10000,100000,1000000", value_name = "N,N")]
    pub(super) people: Vec<usize>,
    /// The databases.
    #[arg(long, value_delimiter = ',', default_value = "sqlite,postgresql")]
    pub(super) database: Vec<Database>,
    /// Measures only operations whose name contains this.
    #[arg(long, value_name = "WORDS")]
    pub(super) only: Option<String>,
    /// How often each operation is measured; the lower quartile counts.
    #[arg(long, default_value_t = 7, value_name = "N")]
    pub(super) rounds: usize,
    /// Fills the directories anew.
    #[arg(long)]
    pub(super) fresh: bool,
}

/// Everything that must be there before something can be measured.
pub(super) struct Bench {
    pub(super) muster: PathBuf,
    pub(super) bare: PathBuf,
    pub(super) postgresql: Option<Postgresql>,
}

/// What an operator of a small machine would give PostgreSQL; its own defaults are for a much smaller one.
const POSTGRESQL_SETTINGS: [&str; 3] = ["shared_buffers=512MB", "max_wal_size=4GB", "max_connections=100"];

impl Bench {
    pub(super) fn prepare(databases: &[Database]) -> Outcome<Self> {
        let (muster, bare) = bare::build()?;
        let postgresql = if databases.contains(&Database::Postgresql) {
            Some(Postgresql::start(&Postgresql::lasting_folder("bench"), &POSTGRESQL_SETTINGS)?)
        } else {
            None
        };
        Ok(Self { muster, bare, postgresql })
    }

    pub(super) fn dataset(&self, database: Database, people: usize, fresh: bool) -> Outcome<Dataset> {
        Dataset::open(database, people, &self.muster, self.postgresql.as_ref(), fresh)
    }
}

pub(super) fn measure(bench: &Bench, arguments: &Arguments) -> Outcome<Results> {
    let mut datasets = Vec::new();
    for database in &arguments.database {
        for people in &arguments.people {
            datasets.push(bench.dataset(*database, *people, arguments.fresh)?);
        }
    }
    let servers = datasets.iter().map(|dataset| dataset.installation.serve(0)).collect::<Outcome<Vec<_>>>()?;
    let postgresql = bench.postgresql.as_ref().map(Postgresql::process_id);
    let mut subjects = Vec::new();
    for (dataset, server) in datasets.iter().zip(&servers) {
        subjects.push(Subject::new(dataset, server, postgresql)?);
    }
    let server = bare::Running::hello(&bench.bare)?;
    let mut hello = Hello {
        connection: Connection::open(server.address, "", "none")?,
        process: server.process_id(),
        micros: Vec::new(),
    };

    let largest = arguments.people.iter().copied().max().unwrap_or_default();
    let together = groups_of(Operation::all(largest), arguments.only.as_deref());
    let mut series: Vec<Series> = together.into_iter().map(|operations| Series::new(operations, &subjects)).collect();
    let began = Instant::now();
    // Everything once, and everything again: what the machine does for a minute then falls on one round of all operations,
    // and not on all rounds of one. The first round warms up.
    let mut results = Results::default();
    for round in 0..=arguments.rounds {
        let mut stolen: f64 = 0.0;
        for one in &mut series {
            stolen = stolen.max(one.measure(&mut subjects, &mut hello, round > 0)?);
        }
        let elapsed = wording::elapsed(began.elapsed());
        eprintln!("round {round} of {} after {elapsed}; at most {:.0} % stolen", arguments.rounds, stolen * 100.0);
        results.stolen = results.stolen.max(if round > 0 { stolen } else { 0.0 });
    }
    let bare = Spread::of(&hello.micros);
    for (operation, place, cost) in series.iter().flat_map(Series::costs) {
        let Some(Subject { dataset, .. }) = subjects.get(place) else { continue };
        let entry = Entry::new(operation, dataset.database, dataset.people, cost, &bare);
        eprintln!("{entry}");
        results.entries.push(entry);
    }
    if results.entries.is_empty() {
        return Err(Failure::new("no operation has a name that contains these words"));
    }
    drop(subjects);
    for server in servers {
        server.stop()?;
    }
    Ok(results)
}

/// Removing members comes with adding them.
fn groups_of(operations: Vec<Operation>, only: Option<&str>) -> Vec<Vec<Operation>> {
    let mut groups: Vec<Vec<Operation>> = Vec::new();
    for operation in operations {
        match (operation, groups.last_mut()) {
            (Operation::RemoveMember(_), Some(group)) => group.push(operation),
            _ => groups.push(vec![operation]),
        }
    }
    let is_wanted = |operation: &Operation| only.is_none_or(|words| operation.to_string().contains(words));
    groups.retain(|group| group.iter().any(is_wanted));
    groups
}
