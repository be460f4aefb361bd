//! `cargo xtask bench peers`: the same operations against SCIM servers that others wrote, under the same eyes.

use std::time::Duration;

use super::dataset::{Group, Sample};
use super::operations::{Operation, Place};
use super::statistics::Spread;
use super::{bare, people, sections};
use crate::failure::{Explain, Outcome};
use crate::http::{Connection, Response};
use crate::processor_time::Reading;
use crate::third_party::{self, ThirdParty};
use crate::wording;

/// Both keep everything in memory. The people of scimmy-routers are in a map of our own making, as its documentation advises.
const PEERS: [&str; 2] = ["scim2-server", "scimmy-routers"];
const HELLOS: usize = 1_500;
/// So long may one operation take on one server.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(clap::Args, Clone)]
#[command(
    long_about = "Fills SCIM servers from PyPI and npm with the same people and measures what Muster has goals for: processor \
                  time as a multiple of the bare server's.",
    after_help = "Example:\n  cargo xtask bench peers --people 1000"
)]
pub(crate) struct Arguments {
    /// How many people each gets.
    #[arg(long, default_value_t = 10_000, value_name = "N")]
    people: usize,
    /// Writes the table into docs/.
    #[arg(long)]
    write_docs: bool,
}

/// One operation on one server: its processor time over hello's, or why there is none.
struct Found {
    operation: String,
    peer: &'static str,
    ratio: Outcome<Spread>,
}

pub(super) fn measure(arguments: &Arguments) -> Outcome<()> {
    let (_, bare) = bare::build()?;
    let mut found = Vec::new();
    for peer in PEERS {
        let server = third_party::start(peer)?;
        let sample = fill(&server, peer, arguments.people)?;
        let hello = bare::Running::hello(&bare)?;
        let place = Place { people: arguments.people, sample: &sample };
        for operation in operations(arguments.people) {
            let ratio = ratio(&server, &hello, operation, &place);
            match &ratio {
                Ok(ratio) => eprintln!("{peer:<16} {operation:<46} {:>9.1} x hello", ratio.median),
                Err(failure) => eprintln!("{peer:<16} {operation:<46} {failure}"),
            }
            found.push(Found { operation: operation.to_string(), peer, ratio });
        }
    }
    if arguments.write_docs { sections::replace("peers", &section(arguments.people, &found)) } else { Ok(()) }
}

/// What has a goal.
fn operations(people: usize) -> [Operation; 7] {
    let largest = people::group_sizes(people).max().unwrap_or_default();
    [
        Operation::GetById,
        Operation::ByUserName,
        Operation::ListStart,
        Operation::PatchActive,
        Operation::AddMember(largest),
        Operation::RemoveMember(largest),
        Operation::Create,
    ]
}

/// One that may close its connection after each answer, as Python's development servers do.
struct Peer<'a> {
    server: &'a ThirdParty,
    connection: Option<Connection>,
}

impl Peer<'_> {
    fn request(&mut self, method: &str, path: &str, body: Option<&[u8]>) -> Outcome<Response> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => Connection::open(self.server.address, self.server.path, third_party::TOKEN)?,
        };
        let response = connection.request(method, path, body)?;
        self.connection = (!response.is_last).then_some(connection);
        Ok(response)
    }

    fn create(&mut self, path: &str, document: &serde_json::Value) -> Outcome<String> {
        let answer = self.request("POST", path, Some(document.to_string().as_bytes()))?;
        let created = answer.expect_status(&[201], &format!("POST {path}"))?.json()?;
        let id = created.get("id").and_then(serde_json::Value::as_str);
        id.map(ToOwned::to_owned).explain(|| format!("the answer to POST {path} has no id"))
    }
}

fn fill(server: &ThirdParty, name: &str, number: usize) -> Outcome<Sample> {
    let mut peer = Peer { server, connection: None };
    let mut all = Vec::with_capacity(number);
    for person in 0..number + people::GUESTS {
        let id = peer.create("/Users", &people::person(person))?;
        all.push(super::dataset::Person { id, number: person });
        if person % 1_000 == 999 {
            eprintln!("{name}: {} of {} people", wording::count(person + 1), wording::count(number));
        }
    }
    let guests = all.split_off(number);
    let mut groups = Vec::new();
    for members in people::group_sizes(number) {
        let listed: Vec<_> = all.iter().take(members).map(|person| serde_json::json!({"value": person.id})).collect();
        let group = serde_json::json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": people::group_name(members),
            "members": listed,
        });
        groups.push(Group { id: peer.create("/Groups", &group)?, members });
    }
    let step = (number / 1_000).max(1);
    let people = all.into_iter().step_by(step).collect();
    Ok(Sample { people, guests, groups, cursors: super::dataset::Cursors::default() })
}

/// The median of three rounds with hello before each.
fn ratio(server: &ThirdParty, hello: &bare::Running, operation: Operation, place: &Place<'_>) -> Outcome<Spread> {
    let mut peer = Peer { server, connection: None };
    let mut greeter = Connection::open(hello.address, "", "none")?;
    let mut ratios = Vec::new();
    let mut made = 0;
    for _ in 0..3 {
        let before = Reading::of(hello.process_id())?;
        for _ in 0..HELLOS {
            greeter.request("GET", "/hello", None)?.expect_status(&[200], "GET /hello")?;
        }
        let bare = Reading::of(hello.process_id())?.since(&before) / u32::try_from(HELLOS).unwrap_or(1);
        let began = std::time::Instant::now();
        let before = Reading::with_ended_threads(server.process_id())?;
        let mut requests = 0_u32;
        while began.elapsed() < PATIENCE && (requests as usize) < operation.requests() {
            let number = operation.number(place.sample, made);
            let request = operation.request(place, number);
            let answer = peer.request(request.method, &request.path, request.body.as_deref().map(str::as_bytes))?;
            answer.expect_status(&[request.expected, &[200, 204]].concat(), &operation.to_string())?;
            requests += 1;
            made += 1;
        }
        let used = Reading::with_ended_threads(server.process_id())?.since(&before) / requests.max(1);
        ratios.push(used.as_secs_f64() / bare.as_secs_f64().max(f64::MIN_POSITIVE));
    }
    Ok(Spread::of(&ratios))
}

fn section(people: usize, found: &[Found]) -> String {
    let cell = |operation: &str, peer: &str| {
        let one = found.iter().find(|one| one.operation == operation && one.peer == peer);
        match one.map(|one| &one.ratio) {
            Some(Ok(ratio)) => format!("{:.1}×", ratio.median),
            Some(Err(_)) => "refused".to_owned(),
            None => String::new(),
        }
    };
    let mut operations: Vec<&str> = Vec::new();
    for one in found {
        if !operations.contains(&one.operation.as_str()) {
            operations.push(&one.operation);
        }
    }
    let row = |operation: &&str| {
        let cells: Vec<String> = PEERS.iter().map(|peer| format!(" {} |", cell(operation, peer))).collect();
        format!("| {operation} |{}\n", cells.concat())
    };
    format!(
        "## What it costs others\n\nThe same operations on {} people, measured the same way. Both peers keep everything in memory and \
         write nothing to a disk; the handlers of scimmy-routers are those of our conformance tests, two maps.\n\n\
         | operation | {} |\n|---|{}\n{}\nRepeat it with `cargo xtask bench peers`.\n",
        wording::count(people),
        PEERS.join(" | "),
        "---:|".repeat(PEERS.len()),
        operations.iter().map(row).collect::<String>()
    )
}
