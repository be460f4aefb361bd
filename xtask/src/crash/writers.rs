//! The writing half of a round: threads create users until the server is gone, and remember what was acknowledged.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Size;
use crate::failure::{Explain, Failure, Outcome};
use crate::http::Connection;
use crate::server::{ProvisionedConnection, RunningServer};

/// A server that stands still is as wrong as one that loses writes.
const LONGEST_WAIT: Duration = Duration::from_mins(5);

/// What the clients know when the server is gone.
#[derive(Default)]
pub(super) struct Written {
    /// Answers with 201, by the id in them.
    pub(super) acknowledged: BTreeMap<String, Value>,
    /// Users whose request was sent and never answered, by their `userName`.
    pub(super) unacknowledged: BTreeMap<String, Value>,
}

pub(super) fn user_name(number: usize) -> String {
    format!("Crash.{number:06}@example.com")
}

fn user(number: usize) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": user_name(number),
        "externalId": format!("crash-{number}"),
        "name": {"givenName": format!("Given {number}"), "familyName": "Crash"},
        "displayName": format!("Given {number} Crash"),
        "active": number.is_multiple_of(2),
        "emails": [{"value": user_name(number), "type": "work", "primary": true}],
    })
}

/// Kills the server as soon as `kill_after` users were acknowledged, while every thread goes on.
pub(super) fn write_until_killed(
    size: &Size,
    connection: &ProvisionedConnection,
    server: RunningServer,
    kill_after: usize,
) -> Outcome<Written> {
    let connections = (0..size.concurrency).map(|_| connection.open(&server)).collect::<Outcome<Vec<_>>>()?;
    let next_user = AtomicUsize::new(0);
    let acknowledged = AtomicUsize::new(0);
    let (next_user, acknowledged) = (&next_user, &acknowledged);
    thread::scope(|scope| {
        let threads: Vec<_> = connections
            .into_iter()
            .map(|connection| scope.spawn(move || write(connection, size.posts, next_user, acknowledged)))
            .collect();
        let started = Instant::now();
        let is_waiting = || acknowledged.load(Ordering::Relaxed) < kill_after && started.elapsed() < LONGEST_WAIT;
        while is_waiting() && !threads.iter().all(thread::ScopedJoinHandle::is_finished) {
            thread::sleep(Duration::from_micros(200));
        }
        let reached = acknowledged.load(Ordering::Relaxed);
        server.kill()?;
        let mut written = Written::default();
        for thread in threads {
            let part = thread.join().map_err(|_| Failure::new("a writing thread broke"))??;
            written.acknowledged.extend(part.acknowledged);
            written.unacknowledged.extend(part.unacknowledged);
        }
        if reached < kill_after {
            return Err(Failure::new(format!("only {reached} of {kill_after} users were created before the kill")));
        }
        Ok(written)
    })
}

/// Creates users until all are created or the connection breaks. A refusal by a living server is a failure.
fn write(
    mut connection: Connection,
    posts: usize,
    next_user: &AtomicUsize,
    acknowledged: &AtomicUsize,
) -> Outcome<Written> {
    let mut written = Written::default();
    loop {
        let number = next_user.fetch_add(1, Ordering::Relaxed);
        if number >= posts {
            return Ok(written);
        }
        let user = user(number);
        let Ok(response) = connection.request("POST", "/Users", Some(user.to_string().as_bytes())) else {
            // The server is gone: whether this one was written, nobody told.
            written.unacknowledged.insert(user_name(number), user);
            return Ok(written);
        };
        let created = response.expect_status(&[201], "POST /Users")?.json()?;
        let id = created.get("id").and_then(Value::as_str).explain(|| "a created user has no id".to_owned())?;
        written.acknowledged.insert(id.to_owned(), created);
        acknowledged.fetch_add(1, Ordering::Relaxed);
    }
}
