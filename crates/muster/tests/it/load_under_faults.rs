//! Writers that go on whatever happens to the database, and the law that they must find kept: what was acknowledged is there,
//! and every other answer is 503 with `Retry-After`, in bounded time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::attempt::{Target, attempt};
use crate::nodes::person;
use crate::process::Server;
use crate::web;

const WRITERS: usize = 8;

/// A person as far as it was acknowledged.
struct Acknowledged {
    path: String,
    name: String,
    /// What the last acknowledged change said, and what later ones that got no success may have said.
    title: Option<String>,
    perhaps: Vec<String>,
}

pub(crate) struct Load {
    target: Target,
    is_over: Arc<AtomicBool>,
    writers: Vec<JoinHandle<Told>>,
}

#[derive(Default)]
struct Told {
    people: Vec<Acknowledged>,
    unavailable: usize,
    longest: Duration,
}

/// How the load went.
pub(crate) struct Outcome {
    pub(crate) acknowledged: usize,
    pub(crate) unavailable: usize,
}

impl Load {
    pub(crate) fn start(target: &Target) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let writers = (0..WRITERS).map(|writer| {
            let (target, is_over) = (target.clone(), Arc::clone(&is_over));
            std::thread::spawn(move || write(&target, writer, &is_over))
        });
        Self { target: target.clone(), writers: writers.collect(), is_over }
    }

    /// Ends the load while the database is well, and judges it. `longest`: in which time each answer must have come.
    pub(crate) fn finish(self, longest: Duration) -> Outcome {
        self.is_over.store(true, Ordering::Relaxed);
        let told: Vec<Told> = self.writers.into_iter().map(|writer| writer.join().unwrap()).collect();
        let mut outcome = Outcome { acknowledged: 0, unavailable: 0 };
        for told in told {
            assert!(told.longest < longest, "an answer took {:?}", told.longest);
            outcome.unavailable += told.unavailable;
            for one in told.people {
                outcome.acknowledged += 1;
                one.verify(&self.target);
            }
        }
        outcome
    }
}

impl Acknowledged {
    fn verify(&self, target: &Target) {
        let found = attempt(target, "GET", &self.path, None, "").unwrap();
        assert_eq!(found.status, 200, "{} was acknowledged and is lost: {}", self.path, found.body);
        let found = found.json();
        assert_eq!(found["userName"], self.name.as_str());
        let title = found["title"].as_str().map(str::to_owned);
        let is_explained = title == self.title || title.as_ref().is_some_and(|title| self.perhaps.contains(title));
        assert!(is_explained, "{}: {title:?}, not {:?} nor {:?}", self.path, self.title, self.perhaps);
    }
}

fn write(target: &Target, writer: usize, is_over: &AtomicBool) -> Told {
    let mut told = Told::default();
    let mut number = 0;
    while !is_over.load(Ordering::Relaxed) {
        number += 1;
        let name = format!("w{writer}-{number}");
        let Some(answer) = told.ask(target, "POST", "/Users", &person(&name), &[201]) else { continue };
        let path = format!("/Users/{}", answer["id"].as_str().unwrap());
        let mut one = Acknowledged { path, name, title: None, perhaps: Vec::new() };
        for turn in 0..2 {
            let title = format!("t{turn}");
            let change = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                "Operations": [{ "op": "replace", "path": "title", "value": title }] });
            // What got no success must not come after what did: the later one has waited for it.
            match told.ask(target, "PATCH", &one.path, &change.to_string(), &[200, 204]) {
                Some(_) => {
                    one.title = Some(title);
                    one.perhaps.clear();
                }
                None => one.perhaps.push(title),
            }
        }
        told.people.push(one);
    }
    told
}

impl Told {
    /// The body of a success, and null for one without; `None`: 503.
    fn ask(
        &mut self,
        target: &Target,
        method: &str,
        rest: &str,
        body: &str,
        successes: &[u16],
    ) -> Option<serde_json::Value> {
        let begun = Instant::now();
        let Some(answer) = attempt(target, method, rest, None, body) else {
            panic!("{method} {rest}: no answer, although the server itself is well")
        };
        self.longest = self.longest.max(begun.elapsed());
        if successes.contains(&answer.status) {
            return Some(if answer.body.is_empty() { serde_json::Value::Null } else { answer.json() });
        }
        assert_eq!(answer.status, 503, "{method} {rest}: {}", answer.body);
        assert!(answer.head.contains("\r\nretry-after: "), "{}", answer.head);
        self.unavailable += 1;
        std::thread::sleep(Duration::from_millis(50));
        None
    }
}

/// Waits until the server says that it is ready again, by itself.
pub(crate) fn wait_until_ready(server: &Server) {
    let begun = Instant::now();
    while web::get(&server.url, "/readyz").status != 200 {
        assert!(begun.elapsed() < Duration::from_mins(1), "it does not come back:\n{}", server.log());
        std::thread::sleep(Duration::from_millis(100));
    }
}
