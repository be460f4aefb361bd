//! Filling a directory through the API: many users at once, then groups of given sizes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::failure::{Explain, Failure, Outcome};
use crate::http::Connection;
use crate::server::{ProvisionedConnection, RunningServer};
use crate::wording;

const THREADS: usize = 16;
const MEMBERS_PER_PATCH: usize = 1000;
const PROGRESS_INTERVAL: Duration = Duration::from_secs(2);

/// Creates users and gives their ids.
pub(super) fn create_users(
    connection: &ProvisionedConnection,
    server: &RunningServer,
    number: usize,
) -> Outcome<Vec<String>> {
    let next_user = AtomicUsize::new(0);
    let next_user = &next_user;
    thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|_| {
                scope.spawn(move || -> Outcome<Vec<String>> {
                    let mut connection = connection.open(server)?;
                    let mut ids = Vec::new();
                    loop {
                        let user = next_user.fetch_add(1, Ordering::Relaxed);
                        if user >= number {
                            return Ok(ids);
                        }
                        ids.push(create(&mut connection, "/Users", &user_document(user))?);
                    }
                })
            })
            .collect();
        while !threads.iter().all(thread::ScopedJoinHandle::is_finished) {
            thread::park_timeout(PROGRESS_INTERVAL);
            let started = next_user.load(Ordering::Relaxed).min(number);
            eprintln!("creating users: {} of {}", wording::count(started), wording::count(number));
        }
        let mut ids = Vec::with_capacity(number);
        for thread in threads {
            ids.extend(thread.join().map_err(|_| Failure::new("a seeding thread broke"))??);
        }
        Ok(ids)
    })
}

/// Creates a group and adds the members in portions.
pub(super) fn create_group(connection: &mut Connection, name: &str, members: &[String]) -> Outcome<String> {
    let group = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": name});
    let id = create(connection, "/Groups", &group)?;
    for portion in members.chunks(MEMBERS_PER_PATCH) {
        connection.send("PATCH", &format!("/Groups/{id}"), &add_members(portion), &[200, 204])?;
    }
    eprintln!("created a group of {} members", wording::count(members.len()));
    Ok(id)
}

/// RFC 7644 section 3.5.2.1.
pub(super) fn add_members(members: &[String]) -> Value {
    let values: Vec<Value> = members.iter().map(|member| json!({"value": member})).collect();
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "add", "path": "members", "value": values}],
    })
}

/// RFC 7644 section 3.5.2.2.
pub(super) fn remove_member(member: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "remove", "path": format!("members[value eq \"{member}\"]")}],
    })
}

fn user_document(number: usize) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": format!("bench.{number:06}@example.com"),
        "name": {"givenName": format!("Given {number}"), "familyName": "Bench"},
        "active": true,
        "emails": [{"value": format!("bench.{number:06}@example.com"), "type": "work"}],
    })
}

fn create(connection: &mut Connection, path: &str, document: &Value) -> Outcome<String> {
    let created = connection.send("POST", path, document, &[201])?.json()?;
    let id = created.get("id").and_then(Value::as_str);
    id.map(ToOwned::to_owned).explain(|| format!("the answer to POST {path} has no id"))
}
