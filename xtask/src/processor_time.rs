//! How much processor time a process and everything that it started has had, as the kernel's scheduler counts it.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use crate::failure::{Explain, Outcome};

/// The processor time of each process of a tree at one moment.
#[derive(Debug, Clone)]
pub(crate) struct Reading(BTreeMap<u32, Duration>);

impl Reading {
    /// Reads the root and its descendants. Threads that ended are not counted any more, so what is measured must not be
    /// done by threads that come and go.
    pub(crate) fn of(root: u32) -> Outcome<Self> {
        let mut times = BTreeMap::new();
        let parents = parents();
        for process in with_descendants(root, &parents) {
            if let Some(time) = time_of(process) {
                times.insert(process, time);
            }
        }
        times.contains_key(&root).then_some(Self(times)).explain(|| "the measured process is gone".to_owned())
    }

    /// The same with the threads that have ended, for a server that makes one for each request. Counted in hundredths of a
    /// second.
    pub(crate) fn with_ended_threads(root: u32) -> Outcome<Self> {
        let parents = parents();
        let processes = with_descendants(root, &parents).into_iter();
        let times: BTreeMap<_, _> = processes.filter_map(|process| Some((process, whole_time_of(process)?))).collect();
        times.contains_key(&root).then_some(Self(times)).explain(|| "the measured process is gone".to_owned())
    }

    /// What was used since an earlier reading. A process that was not there then has used all that it has.
    pub(crate) fn since(&self, earlier: &Self) -> Duration {
        let used = self
            .0
            .iter()
            .map(|(process, time)| time.saturating_sub(earlier.0.get(process).copied().unwrap_or_default()));
        used.sum()
    }
}

fn with_descendants(root: u32, parents: &[(u32, u32)]) -> Vec<u32> {
    let mut found = vec![root];
    let mut position = 0;
    while let Some(parent) = found.get(position).copied() {
        found.extend(parents.iter().filter(|(_, its_parent)| *its_parent == parent).map(|(process, _)| *process));
        position += 1;
    }
    found
}

/// Each process with its parent.
fn parents() -> Vec<(u32, u32)> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    numbers
        .filter_map(|process| {
            let status = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
            // The name stands in brackets and may hold anything, brackets too.
            let parent = status.rsplit_once(')')?.1.split_whitespace().nth(1)?;
            Some((process, parent.parse().ok()?))
        })
        .collect()
}

/// The sum over the threads, in the scheduler's nanoseconds. Nothing for a process that is gone.
fn time_of(process: u32) -> Option<Duration> {
    let threads = fs::read_dir(format!("/proc/{process}/task")).ok()?.flatten();
    let nanoseconds = threads.filter_map(|thread| {
        let told = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        told.split_whitespace().next()?.parse::<u64>().ok()
    });
    Some(Duration::from_nanos(nanoseconds.sum()))
}

/// proc(5): `utime` and `stime`, in ticks of a hundredth of a second on every machine that we measure on.
fn whole_time_of(process: u32) -> Option<Duration> {
    let status = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let mut after_state = status.rsplit_once(')')?.1.split_whitespace().skip(11);
    let (user, system) = (after_state.next()?.parse::<u64>().ok()?, after_state.next()?.parse::<u64>().ok()?);
    Some(Duration::from_millis((user + system) * 10))
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::time::Instant;

    use super::*;

    #[test]
    fn work_counts_and_sleep_does_not() {
        let mut child = Command::new("sh").args(["-c", "sh -c 'while :; do :; done' & sleep 60"]).spawn().unwrap();
        let first = Reading::of(child.id()).unwrap();
        let began = Instant::now();
        let mut used = Duration::ZERO;
        while used < Duration::from_millis(50) && began.elapsed() < Duration::from_secs(30) {
            std::thread::sleep(Duration::from_millis(20));
            used = Reading::of(child.id()).unwrap().since(&first);
        }
        let elapsed = began.elapsed();
        for (process, _) in parents().into_iter().filter(|(_, parent)| *parent == child.id()) {
            Command::new("kill").args(["-9", &process.to_string()]).status().unwrap();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(used >= Duration::from_millis(50), "the grandchild's work counts: {used:?}");
        assert!(used < elapsed + Duration::from_millis(200), "one of the two slept: {used:?} in {elapsed:?}");
    }

    #[test]
    fn the_work_of_a_thread_that_has_ended_counts() {
        let own = std::process::id();
        let first = Reading::with_ended_threads(own).unwrap();
        let began = Instant::now();
        let mut used = Duration::ZERO;
        while used < Duration::from_millis(50) && began.elapsed() < Duration::from_secs(30) {
            let work = || {
                let began = Instant::now();
                while began.elapsed() < Duration::from_millis(60) {}
            };
            std::thread::spawn(work).join().unwrap();
            used = Reading::with_ended_threads(own).unwrap().since(&first);
        }
        assert!(used >= Duration::from_millis(50), "{used:?}");
    }

    #[test]
    fn descendants_are_found_however_deep() {
        assert_eq!(with_descendants(1, &[(2, 1), (3, 2), (4, 9), (5, 3)]), [1, 2, 3, 5]);
    }
}
