//! A filled directory that is kept from one run to the next, and what the operations need to know of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::people::{self, GUESTS};
use crate::checkout;
use crate::command;
use crate::failure::{Explain, Failure, Outcome};
use crate::http::{self, Connection};
use crate::postgresql::Postgresql;
use crate::server::{Installation, ProvisionedConnection, RunningServer};
use crate::wording;

/// How many people the operations ask for; they are spread over the directory.
const SAMPLE: usize = 1_000;
const WALK: usize = 1_000;
/// The address does not matter, since only its path is used.
const PUBLIC_URL: &str = "http://127.0.0.1:1";

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Database {
    Sqlite,
    Postgresql,
}

impl Database {
    pub(super) fn shown(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgresql => "PostgreSQL",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgresql => "postgresql",
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) id: String,
    pub(super) number: usize,
}

#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) id: String,
    pub(super) members: usize,
}

/// Queries that show the first page by cursor, one in the middle and the last full one.
#[derive(Debug, Clone, Default)]
pub(super) struct Cursors {
    pub(super) middle: String,
    pub(super) last: String,
}

/// A directory of one size on one database.
pub(super) struct Dataset {
    pub(super) database: Database,
    pub(super) people: usize,
    pub(super) installation: Installation,
    pub(super) connection: ProvisionedConnection,
    /// How long `muster load` took, when this run filled it.
    pub(super) filled_in: Option<Duration>,
}

/// What a running server told of itself.
pub(super) struct Sample {
    pub(super) people: Vec<Person>,
    pub(super) guests: Vec<Person>,
    pub(super) groups: Vec<Group>,
    pub(super) cursors: Cursors,
}

impl Dataset {
    /// Opens the directory of an earlier run, or makes and fills it. `fresh` throws the earlier one away.
    pub(super) fn open(
        database: Database,
        people: usize,
        muster: &Path,
        postgresql: Option<&Postgresql>,
        fresh: bool,
    ) -> Outcome<Self> {
        let name = format!("{}_{people}", database.word());
        let folder = checkout::work_folder().join("bench").join("directories").join(&name);
        let mut installation = Installation::in_folder(&folder, muster);
        if let Some(server) = postgresql.filter(|_| database == Database::Postgresql) {
            installation = installation.on_database(server.url(&name));
        }
        let told = folder.join("connection.json");
        if !fresh && told.exists() {
            let connection = serde_json::from_str(&checkout::read_file(&told)?)
                .explain(|| format!("{} is not what an earlier run wrote", told.display()))?;
            return Ok(Self { database, people, installation, connection, filled_in: None });
        }
        if folder.exists() {
            fs::remove_dir_all(&folder).explain(|| format!("could not remove {}", folder.display()))?;
        }
        checkout::create_folder(&folder)?;
        if let Some(server) = postgresql.filter(|_| database == Database::Postgresql) {
            server.sql("postgres", &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))?;
            server.sql("postgres", &format!("CREATE DATABASE {name} TEMPLATE template0 LOCALE 'C' ENCODING 'UTF8'"))?;
        }
        let connection = installation.create_unlimited_connection_without_server("generic", "bench", PUBLIC_URL)?;
        let filled_in = Some(fill(&installation, &connection, people)?);
        let text =
            serde_json::to_string(&connection).explain(|| "what is kept of a directory is no JSON".to_owned())?;
        checkout::write_file(&told, &text)?;
        Ok(Self { database, people, installation, connection, filled_in })
    }

    /// Asks a running server for the ids of people all over the directory, of guests and of groups.
    pub(super) fn sample(&self, server: &RunningServer) -> Outcome<Sample> {
        let mut connection = self.connection.open(server)?;
        let step = (self.people / SAMPLE).max(1);
        // A step with no common divisor spreads the sample over everything that repeats in the data.
        let numbers = (0..SAMPLE.min(self.people)).map(|position| (position * step + position % step) % self.people);
        let people = numbers.map(|number| find_person(&mut connection, number)).collect::<Outcome<Vec<_>>>()?;
        let guests = (self.people..self.people + GUESTS)
            .map(|number| find_person(&mut connection, number))
            .collect::<Outcome<Vec<_>>>()?;
        let groups = people::group_sizes(self.people)
            .map(|members| {
                let filter = http::query_value(&format!("displayName eq \"{}\"", people::group_name(members)));
                let path = format!("/Groups?filter={filter}&excludedAttributes=members");
                Ok(Group { id: only_id(&connection.get(&path)?)?, members })
            })
            .collect::<Outcome<Vec<_>>>()?;
        let cursors = walk(&mut connection, self.people)?;
        Ok(Sample { people, guests, groups, cursors })
    }
}

fn fill(installation: &Installation, connection: &ProvisionedConnection, people: usize) -> Outcome<Duration> {
    let file: PathBuf = checkout::work_folder().join("bench").join(format!("people_{people}.jsonl"));
    if !file.exists() {
        people::write(&file, people)?;
    }
    eprintln!("filling a directory of {} people", wording::count(people));
    let began = Instant::now();
    let mut load = installation.muster(&["load", "--connection", &connection.id]);
    command::capture(load.arg(&file))?;
    let filled_in = began.elapsed();
    eprintln!("filled in {:.1} s", filled_in.as_secs_f64());
    Ok(filled_in)
}

fn find_person(connection: &mut Connection, number: usize) -> Outcome<Person> {
    let filter = http::query_value(&format!("userName eq \"{}\"", people::user_name(number)));
    let found = connection.get(&format!("/Users?filter={filter}&attributes=id"))?;
    Ok(Person { id: only_id(&found)?, number })
}

fn only_id(list: &Value) -> Outcome<String> {
    let id = list.pointer("/Resources/0/id").and_then(Value::as_str);
    id.map(ToOwned::to_owned).ok_or_else(|| Failure::new("a person or group of the directory was not found"))
}

/// Walks over everybody by cursor (RFC 9865), in pages of a hundred because a cursor belongs to one size of page, and
/// keeps the cursors of the middle and of the end.
fn walk(connection: &mut Connection, people: usize) -> Outcome<Cursors> {
    let page = 100;
    let pages = people / page;
    let mut cursors = Cursors::default();
    let mut cursor = String::new();
    for number in 0..pages.max(1) {
        if number == pages / 2 {
            cursors.middle.clone_from(&cursor);
        }
        cursors.last.clone_from(&cursor);
        let list = connection.get(&format!("/Users?count={page}&cursor={}", http::query_value(&cursor)))?;
        if number % WALK == WALK - 1 {
            eprintln!("walked over {} people", wording::count((number + 1) * page));
        }
        match list.get("nextCursor").and_then(Value::as_str) {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    Ok(cursors)
}
