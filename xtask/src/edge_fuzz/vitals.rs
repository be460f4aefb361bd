//! What the operating system says of the server's process while it works.

use std::path::PathBuf;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use crate::failure::{Explain, Failure, Outcome};

const BETWEEN_LOOKS: Duration = Duration::from_millis(250);

#[derive(Debug)]
pub(super) struct Vitals {
    /// Resident memory.
    pub(super) least_kib: u64,
    pub(super) most_kib: u64,
    /// Open at the end.
    pub(super) files: usize,
}

impl Vitals {
    pub(super) fn memory(&self) -> String {
        format!("{} to {} MiB", self.least_kib / 1024, self.most_kib / 1024)
    }
}

/// Does the work and looks at the process from time to time meanwhile.
pub(super) fn during<T>(process: u32, work: impl FnOnce() -> T) -> (T, Outcome<Vitals>) {
    let (done, is_done) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let watcher = scope.spawn(move || watch(process, &is_done));
        let result = work();
        drop(done);
        let vitals = watcher.join().unwrap_or_else(|_| Err(Failure::new("the watching thread broke")));
        (result, vitals)
    })
}

fn watch(process: u32, is_done: &mpsc::Receiver<()>) -> Outcome<Vitals> {
    let first = resident_kib(process)?;
    let mut vitals = Vitals { least_kib: first, most_kib: first, files: 0 };
    loop {
        let waited = is_done.recv_timeout(BETWEEN_LOOKS);
        let now = resident_kib(process)?;
        vitals.least_kib = vitals.least_kib.min(now);
        vitals.most_kib = vitals.most_kib.max(now);
        if waited != Err(RecvTimeoutError::Timeout) {
            vitals.files = open_files(process)?;
            return Ok(vitals);
        }
    }
}

fn folder(process: u32) -> PathBuf {
    PathBuf::from(format!("/proc/{process}"))
}

fn resident_kib(process: u32) -> Outcome<u64> {
    let status = std::fs::read_to_string(folder(process).join("status")).explain(|| "the server is gone".to_owned())?;
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    resident
        .and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok())
        .explain(|| "the server's memory is not told".to_owned())
}

fn open_files(process: u32) -> Outcome<usize> {
    let files =
        std::fs::read_dir(folder(process).join("fd")).explain(|| "the server's files cannot be listed".to_owned())?;
    Ok(files.count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_knows_its_memory_and_files() {
        let (answer, before) = during(std::process::id(), || 1);
        let before = before.unwrap();
        assert_eq!(answer, 1);
        assert!(before.least_kib > 100 && before.most_kib >= before.least_kib && before.files > 2, "{before:?}");
        let file = std::fs::File::open("/proc/self/status").unwrap();
        assert!(during(std::process::id(), || 2).1.unwrap().files > before.files);
        drop(file);
    }
}
