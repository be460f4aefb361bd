//! Somebody who follows the change log, as a program of an operator would: `muster changes --follow --json`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::model::members_of;
use crate::process::muster;

const PATIENCE: Duration = Duration::from_mins(1);

pub(super) struct Consumer {
    child: Child,
    lines: Receiver<String>,
}

impl Consumer {
    pub(super) fn start(folder: &Path, url: &str) -> Self {
        let mut child = muster(folder)
            .args(["changes", "--follow", "--json", "--database-url", url])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = channel();
        let stdout = child.stdout.take().unwrap();
        std::thread::spawn(move || {
            BufReader::new(stdout).lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        Self { child, lines }
    }

    /// What was read until the last version of each of these resources was there.
    pub(super) fn finish(mut self, awaited: &[(&String, u64)]) -> Vec<Value> {
        let begun = Instant::now();
        let mut changes: Vec<Value> = Vec::new();
        let mut last: BTreeMap<String, u64> = BTreeMap::new();
        while awaited.iter().any(|(id, version)| last.get(*id).is_none_or(|last| last < version)) {
            let left = PATIENCE.saturating_sub(begun.elapsed());
            let Ok(line) = self.lines.recv_timeout(left) else {
                panic!("not all changes came: {last:?} of {awaited:?}")
            };
            let change: Value = serde_json::from_str(&line).unwrap();
            last.insert(change["resource"].as_str().unwrap().to_owned(), change["version"].as_u64().unwrap());
            changes.push(change);
        }
        // Nothing comes after the last.
        std::thread::sleep(Duration::from_secs(1));
        changes.extend(self.lines.try_iter().map(|line| serde_json::from_str::<Value>(&line).unwrap()));
        let _ = self.child.kill();
        let _ = self.child.wait();
        changes
    }
}

impl Drop for Consumer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Every change once, in order: the log's numbers one after another, each resource's versions one after another, and who
/// joined and left one after another gives who is there.
pub(super) fn verify(changes: &[Value], group: &Value, group_id: &str) {
    let mut versions: BTreeMap<&str, u64> = BTreeMap::new();
    let mut members = BTreeSet::new();
    for (place, change) in changes.iter().enumerate() {
        assert_eq!(change["sequence"].as_u64(), Some(place as u64 + 1), "a number is missing or comes twice");
        let resource = change["resource"].as_str().unwrap();
        let version = versions.entry(resource).or_default();
        *version += 1;
        assert_eq!(change["version"].as_u64(), Some(*version), "a version of {resource} is missing or comes twice");
        if resource == group_id {
            for joined in change["joined"].as_array().unwrap() {
                assert!(members.insert(joined.as_str().unwrap().to_owned()), "joined twice");
            }
            for left in change["left"].as_array().unwrap() {
                assert!(members.remove(left.as_str().unwrap()), "left without being there");
            }
        }
    }
    assert_eq!(members, members_of(group));
}
