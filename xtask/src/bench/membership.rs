//! Adding one member must cost the same in a group of ten and in one of a hundred thousand: membership is rows, not a
//! list inside a document.

use std::time::{Duration, Instant};

use super::report::{Measured, Report};
use super::seeding;
use super::statistics::Times;
use crate::binary::{self, Profile, Selection};
use crate::checkout;
use crate::failure::{Failure, Outcome};
use crate::http::{self, Connection};
use crate::server::Installation;

/// Rounds that are not counted: caches fill, code pages in.
const WARM_UP: usize = 50;
/// Users outside all groups, who join and leave in turns.
const GUESTS: usize = 64;

#[derive(clap::Args)]
#[command(
    long_about = "Builds the binary that is shipped, fills a fresh directory, and adds one member at a time to each group in \
                  turns over one connection (the removal is not timed). Writes .work/bench/membership.json.",
    after_help = "Examples:\n  cargo xtask bench membership\n  cargo xtask bench membership --members 10,1000 --json"
)]
pub(crate) struct Arguments {
    /// The sizes of the groups; the last is compared with the first.
    #[arg(long, value_delimiter = ',', default_value = "10,100000", value_name = "N,N")]
    members: Vec<usize>,
    /// How often each group gets a member.
    #[arg(long, default_value_t = 400, value_name = "N")]
    rounds: usize,
    /// Prints the result as JSON.
    #[arg(long)]
    json: bool,
    /// Writes the table and the plot into docs/.
    #[arg(long)]
    write_docs: bool,
}

struct Group {
    id: String,
    members: usize,
    times: Vec<Duration>,
}

pub(super) fn measure(arguments: &Arguments) -> Outcome<()> {
    let largest = arguments.members.iter().copied().max().unwrap_or_default();
    if arguments.members.len() < 2 || arguments.rounds == 0 {
        return Err(Failure::new("a comparison needs two group sizes and at least one round"));
    }
    let muster = binary::build(Selection::Muster, Profile::Dist)?;
    let groups = checkout::in_run_folder("bench-data", |folder| {
        fill_and_measure(arguments, largest, &Installation::in_folder(folder, &muster))
    })?;
    let measured =
        groups.into_iter().map(|group| Measured { members: group.members, times: Times::new(group.times) }).collect();
    let report = Report { measured };
    report.write_json()?;
    if arguments.write_docs {
        report.write_docs()?;
    }
    println!("{}", if arguments.json { report.json().to_string() } else { report.to_string() });
    Ok(())
}

fn fill_and_measure(arguments: &Arguments, largest: usize, installation: &Installation) -> Outcome<Vec<Group>> {
    let server = installation.serve(0)?;
    let provisioned = installation.create_unlimited_connection("generic", "bench", &server)?;
    let users = seeding::create_users(&provisioned, &server, largest + GUESTS)?;
    let (members, guests) = users.split_at(largest);

    let mut connection = provisioned.open(&server)?;
    let mut groups = Vec::new();
    for size in &arguments.members {
        let portion = members.get(..*size).unwrap_or_default();
        let id = seeding::create_group(&mut connection, &format!("Group of {size}"), portion)?;
        groups.push(Group { id, members: *size, times: Vec::with_capacity(arguments.rounds) });
    }
    measure_groups(&mut connection, &mut groups, guests, arguments.rounds)?;
    server.stop()?;
    Ok(groups)
}

/// The groups take turns, and the order changes from round to round, so that whatever else the machine does falls on
/// all of them alike.
fn measure_groups(connection: &mut Connection, groups: &mut [Group], guests: &[String], rounds: usize) -> Outcome<()> {
    for (round, guest) in guests.iter().cycle().take(WARM_UP + rounds).enumerate() {
        for group in groups.iter_mut() {
            let time = add_and_remove(connection, &group.id, guest, round == 0)?;
            if round >= WARM_UP {
                group.times.push(time);
            }
        }
        groups.reverse();
    }
    groups.sort_by_key(|group| group.members);
    Ok(())
}

/// Times the addition; a first time also makes sure that it did what it said.
fn add_and_remove(connection: &mut Connection, group: &str, guest: &String, is_checked: bool) -> Outcome<Duration> {
    let path = format!("/Groups/{group}");
    let addition = seeding::add_members(std::slice::from_ref(guest)).to_string();
    let started = Instant::now();
    let response = connection.request("PATCH", &path, Some(addition.as_bytes()))?;
    let took = started.elapsed();
    response.expect_status(&[200, 204], "PATCH that adds a member")?;
    if is_checked {
        expect_membership(connection, group, guest, 1)?;
    }
    connection.send("PATCH", &path, &seeding::remove_member(guest), &[200, 204])?;
    if is_checked {
        expect_membership(connection, group, guest, 0)?;
    }
    Ok(took)
}

fn expect_membership(connection: &mut Connection, group: &str, member: &str, expected: u64) -> Outcome<()> {
    let filter = http::query_value(&format!("id eq \"{group}\" and members eq \"{member}\""));
    let found = connection.get(&format!("/Groups?filter={filter}&excludedAttributes=members"))?;
    let total = found.get("totalResults").and_then(serde_json::Value::as_u64);
    if total == Some(expected) {
        return Ok(());
    }
    Err(Failure::new(format!("the group should be found {expected} times by its new member, and was {total:?} times")))
}
