//! Files for what is put aside, the file of bad lines, and how far the load is.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use muster_app::load::{LoadCounts, LoadPhase, LoadSurroundings};

use crate::failure::Failure;
use crate::progress::Ticker;

pub(super) struct Surroundings {
    folder: PathBuf,
    scratch_files: Vec<PathBuf>,
    rejected: Option<BufWriter<File>>,
    /// Of the whole input, where that is known.
    bytes: Option<u64>,
    begun: Instant,
    ticker: Ticker,
}

impl Surroundings {
    pub(super) fn new(folder: PathBuf, rejected: Option<&Path>, bytes: Option<u64>) -> Result<Self, Failure> {
        let rejected = rejected.map(|path| {
            private_file(path).map(BufWriter::new).map_err(|error| {
                let shown = path.display();
                Failure::usage(format!("{shown} cannot be made; it must not be there yet")).because(error)
            })
        });
        Ok(Self {
            folder,
            scratch_files: Vec::new(),
            rejected: rejected.transpose()?,
            bytes,
            begun: Instant::now(),
            ticker: Ticker::on_standard_error(),
        })
    }

    pub(super) fn finish(mut self) -> Result<(), Failure> {
        let flushed = self.rejected.as_mut().map_or(Ok(()), Write::flush);
        flushed.map_err(|error| Failure::new("the file of bad lines cannot be written").because(error))
    }

    fn words(&self, phase: LoadPhase, counts: &LoadCounts) -> String {
        let seconds = self.begun.elapsed().as_secs().max(1);
        let done = counts.created + counts.already_there;
        match phase {
            LoadPhase::Resources => {
                let left = self.bytes.filter(|_| counts.bytes > 0).map(|bytes| {
                    let left = u128::from(bytes.saturating_sub(counts.bytes)) * u128::from(seconds);
                    format!(", about {} s left", left / u128::from(counts.bytes.max(1)))
                });
                let rate = counts.lines / seconds;
                format!("{} lines, {rate} a second{}", counts.lines, left.unwrap_or_default())
            }
            LoadPhase::Groups => format!("groups: {done} resources are there"),
            LoadPhase::References => format!("members and managers: {} resources completed", counts.completed),
        }
    }
}

impl LoadSurroundings for Surroundings {
    fn scratch_file(&mut self) -> io::Result<File> {
        // In the data folder, where personal data is expected and nobody else may look.
        let name = format!("load-{}-{}.tmp", std::process::id(), self.scratch_files.len());
        let path = self.folder.join(name);
        // A process that had this number before and was killed may have left one.
        remove(&path);
        let file = private_file(&path)?;
        // An open file needs no name, and without one nothing is left of it however the process ends.
        #[cfg(unix)]
        remove(&path);
        self.scratch_files.push(path);
        Ok(file)
    }

    fn keeps_rejected(&self) -> bool {
        self.rejected.is_some()
    }

    fn rejected(&mut self, line: &[u8]) -> io::Result<()> {
        let Some(file) = &mut self.rejected else { return Ok(()) };
        file.write_all(line)?;
        if line.ends_with(b"\n") { Ok(()) } else { file.write_all(b"\n") }
    }

    fn progress(&mut self, phase: LoadPhase, counts: &LoadCounts) {
        let words = self.words(phase, counts);
        self.ticker.tell(|| words);
    }
}

impl Drop for Surroundings {
    fn drop(&mut self) {
        #[cfg(not(unix))]
        self.scratch_files.iter().for_each(|path| remove(path));
    }
}

/// A new file with rights for its owner alone.
fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn remove(path: &Path) {
    // It is not there, or it is a file of a process that is gone and somebody else's; then making it says so.
    let _ = fs::remove_file(path);
}
