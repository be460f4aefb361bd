//! The bare things of the crate `muster-bench`, as processes.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::binary::{self, Profile, Selection};
use crate::command;
use crate::failure::{Explain, Failure, Outcome};

/// Builds the server and what it is compared with, and gives the places of `muster` and `muster-bench`.
pub(super) fn build() -> Outcome<(PathBuf, PathBuf)> {
    let muster = binary::build(Selection::Bench, Profile::Dist)?;
    let bare = muster.with_file_name("muster-bench");
    if bare.exists() { Ok((muster, bare)) } else { Err(Failure::new("cargo built no binary called `muster-bench`")) }
}

/// A bare server that is killed when it is forgotten.
pub(super) struct Running {
    process: Child,
    pub(super) address: SocketAddr,
}

impl Running {
    pub(super) fn hello(bare: &Path) -> Outcome<Self> {
        let mut command = Command::new(bare);
        command.arg("hello").stdin(Stdio::null()).stdout(Stdio::piped());
        let process = command.spawn().explain(|| "could not start the bare server".to_owned())?;
        let mut running = Self { process, address: SocketAddr::from(([127, 0, 0, 1], 0)) };
        let output = running.process.stdout.take().explain(|| "the bare server has no output".to_owned())?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line).explain(|| "the bare server did not start".to_owned())?;
        let address = line.trim().rsplit("http://").next().unwrap_or_default();
        running.address = address.parse().explain(|| "the bare server said no address".to_owned())?;
        Ok(running)
    }

    pub(super) fn process_id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only if the process is gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// One-row commits in a second to a database of its own beside the measured one.
pub(super) fn commits(bare: &Path, folder: &Path, seconds: u64) -> Outcome<f64> {
    let mut command = command::program(bare);
    command.args(["commits", "--seconds", &seconds.to_string(), "--database"]).arg(folder.join("commits.db"));
    let printed = command::capture(&mut command)?;
    printed.trim().parse().explain(|| "the bare commits printed no number".to_owned())
}
