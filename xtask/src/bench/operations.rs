//! What is measured: each operation as the requests that make it.

use std::fmt;

use serde_json::{Value, json};

use super::dataset::{Database, Sample};
use super::people::{self, GUESTS};
use crate::http;

const PAGE: usize = 100;
const BULK: usize = 1_000;
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// A request, and the statuses of which one must answer it.
pub(super) struct Request {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) body: Option<String>,
    pub(super) expected: &'static [u16],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    GetById,
    ByUserName,
    ByExternalId,
    ByEmail,
    ListStart,
    ListMiddle,
    ListEnd,
    CursorFirst,
    CursorMiddle,
    CursorLast,
    Search,
    Create,
    Replace,
    PatchActive,
    /// The sizes of groups are part of what is measured.
    AddMember(usize),
    RemoveMember(usize),
    GroupWithoutMembers(usize),
    GroupWithMembers(usize),
    Bulk,
}

/// Where a document of a measurement's own stands in its directory: the numbers begin behind those of the guests.
pub(super) struct Place<'a> {
    /// How many people the directory was filled with.
    pub(super) people: usize,
    pub(super) sample: &'a Sample,
}

impl Operation {
    /// All that can be asked of a directory of that many people.
    pub(super) fn all(people: usize) -> Vec<Self> {
        let single = [
            Self::GetById,
            Self::ByUserName,
            Self::ByExternalId,
            Self::ByEmail,
            Self::ListStart,
            Self::ListMiddle,
            Self::ListEnd,
            Self::CursorFirst,
            Self::CursorMiddle,
            Self::CursorLast,
            Self::Search,
            Self::Create,
            Self::Replace,
            Self::PatchActive,
        ];
        let sizes: Vec<usize> = people::group_sizes(people).collect();
        let members = sizes.iter().flat_map(|size| [Self::AddMember(*size), Self::RemoveMember(*size)]);
        let groups = sizes.iter().flat_map(|size| [Self::GroupWithoutMembers(*size), Self::GroupWithMembers(*size)]);
        single.into_iter().chain(members).chain(groups).chain([Self::Bulk]).collect()
    }

    /// How many times hello's processor time it may cost.
    pub(super) fn goal(self, database: Database) -> Option<f64> {
        let (sqlite, postgresql) = match self {
            Self::GetById => (4.0, 12.0),
            Self::ByUserName => (5.0, 14.0),
            Self::ListStart => (60.0, 90.0),
            Self::PatchActive | Self::AddMember(10_000) | Self::RemoveMember(10_000) => (12.0, 40.0),
            Self::Create => (18.0, 50.0),
            _ => return None,
        };
        Some(match database {
            Database::Sqlite => sqlite,
            Database::Postgresql => postgresql,
        })
    }

    /// How many requests make one measurement, so that each takes some tenths of a second.
    pub(super) fn requests(self) -> usize {
        match self {
            Self::GetById
            | Self::ByUserName
            | Self::ByExternalId
            | Self::ByEmail
            | Self::GroupWithoutMembers(_)
            | Self::Search
            | Self::GroupWithMembers(10) => 2_000,
            Self::ListStart | Self::CursorFirst | Self::CursorMiddle | Self::CursorLast => 80,
            Self::ListMiddle | Self::ListEnd => 20,
            Self::Create | Self::Replace | Self::PatchActive => 250,
            Self::AddMember(_) | Self::RemoveMember(_) => GUESTS,
            Self::GroupWithMembers(members) => (40_000 / members.max(1)).clamp(2, 40),
            Self::Bulk => 1,
        }
    }

    /// The number by which to ask for the request when `made` were made before by one who asks alone: he deactivates somebody
    /// and activates him at once, so that everybody is active again when he stops, and each request changes something.
    pub(super) fn number(self, sample: &Sample, made: usize) -> usize {
        let people = sample.people.len().max(1);
        if self == Self::PatchActive { made / 2 % people + made % 2 * people } else { made }
    }

    /// Makes one person active, as all have to be who are deactivated by turns.
    pub(super) fn activation(id: &str) -> Request {
        send("PATCH", &format!("/Users/{id}"), &set_active(true), &[200])
    }

    /// The request that is made when `made` of this operation were made before.
    pub(super) fn request(self, place: &Place<'_>, made: usize) -> Request {
        let Place { people, sample } = place;
        let person = sample.people.get(made % sample.people.len().max(1));
        let (id, number) = person.map_or(("", 0), |person| (person.id.as_str(), person.number));
        let last = people.saturating_sub(PAGE);
        match self {
            Self::GetById => get(format!("/Users/{id}")),
            Self::ByUserName => find("userName", &people::user_name(number)),
            Self::ByExternalId => find("externalId", &people::external_id(number)),
            Self::ByEmail => {
                let filter = format!("emails[type eq \"work\"].value eq \"{}\"", people::user_name(number));
                get(format!("/Users?filter={}", http::query_value(&filter)))
            }
            Self::ListStart => page(1),
            Self::ListMiddle => page(last / 2),
            Self::ListEnd => page(last),
            Self::CursorFirst => by_cursor(""),
            Self::CursorMiddle => by_cursor(&sample.cursors.middle),
            Self::CursorLast => by_cursor(&sample.cursors.last),
            Self::Search => send("POST", "/Users/.search", &search(number), &[200]),
            Self::Create => send("POST", "/Users", &new_person(made), &[201]),
            Self::Replace => send(
                "PUT",
                &format!("/Users/{id}"),
                &people::promoted(number, &format!("Engineer {}", unique(made))),
                &[200],
            ),
            Self::PatchActive => send("PATCH", &format!("/Users/{id}"), &set_active(is_active(made, sample)), &[200]),
            Self::AddMember(size) => patch_members(sample, size, "add", made),
            Self::RemoveMember(size) => patch_members(sample, size, "remove", made),
            Self::GroupWithoutMembers(size) => {
                get(format!("/Groups/{}?excludedAttributes=members", group(sample, size)))
            }
            Self::GroupWithMembers(size) => get(format!("/Groups/{}", group(sample, size))),
            Self::Bulk => send("POST", "/Bulk", &bulk(sample, made), &[200]),
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = crate::wording::count;
        match self {
            Self::GetById => formatter.write_str("GET by id"),
            Self::ByUserName => formatter.write_str("userName eq"),
            Self::ByExternalId => formatter.write_str("externalId eq"),
            Self::ByEmail => formatter.write_str("emails[type eq \"work\"].value eq"),
            Self::ListStart => formatter.write_str("list of 100, startIndex at the start"),
            Self::ListMiddle => formatter.write_str("list of 100, startIndex in the middle"),
            Self::ListEnd => formatter.write_str("list of 100, startIndex at the end"),
            Self::CursorFirst => formatter.write_str("list of 100, first cursor"),
            Self::CursorMiddle => formatter.write_str("list of 100, cursor in the middle"),
            Self::CursorLast => formatter.write_str("list of 100, last cursor"),
            Self::Search => formatter.write_str(".search by userName"),
            Self::Create => formatter.write_str("POST"),
            Self::Replace => formatter.write_str("PUT"),
            Self::PatchActive => formatter.write_str("PATCH active"),
            Self::AddMember(size) => write!(formatter, "PATCH add a member, group of {}", count(*size)),
            Self::RemoveMember(size) => write!(formatter, "PATCH remove a member, group of {}", count(*size)),
            Self::GroupWithoutMembers(size) => write!(formatter, "GET group of {} without members", count(*size)),
            Self::GroupWithMembers(size) => write!(formatter, "GET group of {}", count(*size)),
            Self::Bulk => write!(formatter, "bulk of {}", count(BULK)),
        }
    }
}

fn get(path: String) -> Request {
    Request { method: "GET", path, body: None, expected: &[200] }
}

fn find(attribute: &str, value: &str) -> Request {
    get(format!("/Users?filter={}", http::query_value(&format!("{attribute} eq \"{value}\""))))
}

fn page(start: usize) -> Request {
    get(format!("/Users?startIndex={}&count={PAGE}", start.max(1)))
}

fn by_cursor(cursor: &str) -> Request {
    get(format!("/Users?count={PAGE}&cursor={}", http::query_value(cursor)))
}

fn send(method: &'static str, path: &str, body: &Value, expected: &'static [u16]) -> Request {
    Request { method, path: path.to_owned(), body: Some(body.to_string()), expected }
}

fn search(number: usize) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": format!("userName eq \"{}\"", people::user_name(number)),
    })
}

/// Nobody that the directory has, in this run or in an earlier one.
fn new_person(made: usize) -> Value {
    people::newcomer(made, &unique(made))
}

/// What no run has said before.
fn unique(made: usize) -> String {
    format!("{:x}-{made}", std::time::UNIX_EPOCH.elapsed().unwrap_or_default().as_nanos())
}

/// Everybody is deactivated in turn and then activated again, so that each request changes something.
fn is_active(made: usize, sample: &Sample) -> bool {
    (made / sample.people.len().max(1)) % 2 == 1
}

fn set_active(is_active: bool) -> Value {
    json!({"schemas": [PATCH], "Operations": [{"op": "replace", "path": "active", "value": is_active}]})
}

fn patch_members(sample: &Sample, size: usize, op: &str, made: usize) -> Request {
    let guest = sample.guests.get(made % sample.guests.len().max(1)).map_or("", |guest| guest.id.as_str());
    let operation = if op == "add" {
        json!({"op": op, "path": "members", "value": [{"value": guest}]})
    } else {
        json!({"op": op, "path": format!("members[value eq \"{guest}\"]")})
    };
    let body = json!({"schemas": [PATCH], "Operations": [operation]});
    send("PATCH", &format!("/Groups/{}", group(sample, size)), &body, &[200, 204])
}

fn group(sample: &Sample, size: usize) -> &str {
    sample.groups.iter().find(|group| group.members == size).map_or("", |group| group.id.as_str())
}

fn bulk(sample: &Sample, made: usize) -> Value {
    let title = format!("Bulk {made}");
    let operations: Vec<Value> = (0..BULK)
        .filter_map(|position| sample.people.get(position % sample.people.len().max(1)))
        .map(|person| {
            json!({
                "method": "PATCH", "path": format!("/Users/{}", person.id),
                "data": {"schemas": [PATCH], "Operations": [{"op": "replace", "path": "title", "value": title}]},
            })
        })
        .collect();
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations})
}
