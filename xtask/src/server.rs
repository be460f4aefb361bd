//! The built binary as a running process: started, waited for, killed or asked to stop.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};

use crate::command;
use crate::failure::{Explain, Failure, Outcome};
use crate::http;

/// A machine that builds at the same time is slow; a server that is not ready by then never will be.
const START_LIMIT: Duration = Duration::from_mins(1);
const STOP_LIMIT: Duration = Duration::from_mins(1);
const UNLIMITED: [&str; 2] = ["requests_per_second=0", "guard_percent=0"];
const READY_WORDS: &str = "Muster is ready at http://";

/// `muster`, the folder that it is started in, and the data folder that it works on.
#[derive(Debug, Clone)]
pub(crate) struct Installation {
    folder: PathBuf,
    pub(crate) muster: PathBuf,
    pub(crate) data_folder: PathBuf,
    /// PostgreSQL instead of the file in the data folder.
    database_url: Option<String>,
}

/// What `muster connection create --json` prints, as far as it is needed here.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub(crate) struct ProvisionedConnection {
    pub(crate) id: String,
    pub(crate) token: String,
    pub(crate) scim_base_url: String,
    pub(crate) scim_1_1_base_url: String,
}

#[derive(Debug, Deserialize)]
struct Diagnosis {
    ok: bool,
    checks: Vec<DiagnosisCheck>,
}

#[derive(Debug, Deserialize)]
struct DiagnosisCheck {
    name: String,
    ok: bool,
    message: String,
}

impl Installation {
    /// The data folder does not exist yet: its creation is the server's business.
    pub(crate) fn in_folder(folder: &Path, muster: &Path) -> Self {
        Self {
            folder: folder.to_path_buf(),
            muster: muster.to_path_buf(),
            data_folder: folder.join("data"),
            database_url: None,
        }
    }

    /// The same installation with its directory in PostgreSQL.
    pub(crate) fn on_database(mut self, url: String) -> Self {
        self.database_url = Some(url);
        self
    }

    /// The binary without the settings of the person who runs the tests: neither variables nor the `muster.toml` that
    /// may be in the checkout, which Muster reads where it is started.
    fn command(&self) -> Command {
        let mut command = command::program(&self.muster);
        let settings = std::env::vars_os().map(|(name, _)| name);
        for name in settings.filter(|name| name.to_string_lossy().starts_with("MUSTER_")) {
            command.env_remove(name);
        }
        command.current_dir(&self.folder).env("MUSTER_DATA_DIR", &self.data_folder);
        if let Some(url) = &self.database_url {
            command.env("MUSTER_DATABASE_URL", url);
        }
        command
    }

    /// Any command of `muster` on this installation.
    pub(crate) fn muster(&self, arguments: &[&str]) -> Command {
        let mut command = self.command();
        command.args(arguments);
        command
    }

    /// Starts the server and waits until it says that it is ready. Port 0 lets the system choose one.
    pub(crate) fn serve(&self, port: u16) -> Outcome<RunningServer> {
        let listen = format!("127.0.0.1:{port}");
        let mut serve = self.command();
        serve
            .args(["serve", "--listen", &listen, "--data-dir"])
            .arg(&self.data_folder)
            .env("MUSTER_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let process = serve.spawn().explain(|| format!("could not start `{}`", command::shown(&serve)))?;
        RunningServer::await_ready(process)
    }

    /// Creates a connection under the address at which the running server answers, without a limit on requests and
    /// without the guard: for who asks as fast as he can and deletes what he made.
    pub(crate) fn create_unlimited_connection(
        &self,
        provider: &str,
        name: &str,
        server: &RunningServer,
    ) -> Outcome<ProvisionedConnection> {
        self.create_connection_with(provider, &UNLIMITED, name, server)
    }

    /// The same before there is a server: `public_url` is the address that it will have.
    pub(crate) fn create_unlimited_connection_without_server(
        &self,
        provider: &str,
        name: &str,
        public_url: &str,
    ) -> Outcome<ProvisionedConnection> {
        self.create_connection_at(provider, &UNLIMITED, name, public_url)
    }

    /// The same as an operator creates it, with the limits of the profile.
    pub(crate) fn create_connection_of(
        &self,
        provider: &str,
        name: &str,
        server: &RunningServer,
    ) -> Outcome<ProvisionedConnection> {
        self.create_connection_with(provider, &[], name, server)
    }

    /// The same with knobs set otherwise than the profile has them: `any_format=true`.
    pub(crate) fn create_connection_with(
        &self,
        provider: &str,
        knobs: &[&str],
        name: &str,
        server: &RunningServer,
    ) -> Outcome<ProvisionedConnection> {
        self.create_connection_at(provider, knobs, name, &server.url())
    }

    fn create_connection_at(
        &self,
        provider: &str,
        knobs: &[&str],
        name: &str,
        public_url: &str,
    ) -> Outcome<ProvisionedConnection> {
        let mut create = self.muster(&["connection", "create", "--json", "--name", name, "--provider", provider]);
        create.args(["--public-url", public_url]);
        for knob in knobs {
            create.args(["--set", knob]);
        }
        let printed = command::capture(&mut create)?;
        serde_json::from_str(&printed).explain(|| "`muster connection create --json` printed something else".to_owned())
    }

    /// Asks `muster doctor` and fails with what it found wrong.
    pub(crate) fn diagnose(&self) -> Outcome<()> {
        let mut doctor = self.command();
        doctor.args(["doctor", "--json", "--data-dir"]).arg(&self.data_folder).stdin(Stdio::null());
        let output = doctor.output().explain(|| "could not start `muster doctor`".to_owned())?;
        let diagnosis: Diagnosis = serde_json::from_slice(&output.stdout)
            .explain(|| format!("`muster doctor --json` ended with {} and printed something else", output.status))?;
        if diagnosis.ok && output.status.success() {
            return Ok(());
        }
        let wrong = diagnosis.checks.iter().filter(|check| !check.ok);
        let findings: Vec<String> = wrong.map(|check| format!("{}: {}", check.name, check.message)).collect();
        Err(Failure::new(format!("`muster doctor` found: {}", findings.join("; "))))
    }
}

impl ProvisionedConnection {
    /// Opens one kept-alive connection to the SCIM base address.
    pub(crate) fn open(&self, server: &RunningServer) -> Outcome<http::Connection> {
        http::Connection::open(server.address, &self.base_path()?, &self.token)
    }

    /// The paths of the base addresses for SCIM 2.0 and 1.1.
    pub(crate) fn base_paths(&self) -> Outcome<Vec<String>> {
        Ok(vec![path_of(&self.scim_base_url)?, path_of(&self.scim_1_1_base_url)?])
    }

    fn base_path(&self) -> Outcome<String> {
        path_of(&self.scim_base_url)
    }
}

fn path_of(url: &str) -> Outcome<String> {
    let after_scheme = url.split_once("://").map(|(_, rest)| rest);
    let path = after_scheme.and_then(|rest| rest.split_once('/')).map(|(_, path)| path);
    let path = path.explain(|| "the connection's address has no path".to_owned())?;
    Ok(format!("/{}", path.trim_end_matches('/')))
}

/// A server that is killed when it is forgotten, so that no failed test leaves one behind.
pub(crate) struct RunningServer {
    process: Child,
    pub(crate) address: SocketAddr,
}

impl RunningServer {
    fn await_ready(process: Child) -> Outcome<Self> {
        // The guard exists before the first thing that can fail.
        let mut server = Self { process, address: SocketAddr::from(([127, 0, 0, 1], 0)) };
        let output = server.process.stdout.take().explain(|| "the server has no output to read".to_owned())?;
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            // Read to the end: a server must not stall on a full pipe.
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let _ = line.strip_prefix(READY_WORDS).map(|address| sender.send(address.trim().to_owned()));
            }
        });
        let address = receiver
            .recv_timeout(START_LIMIT)
            .map_err(|_| Failure::new("the server did not say that it is ready; its log is above"))?;
        server.address =
            address.trim_end_matches('/').parse().explain(|| "the server's address is no address".to_owned())?;
        Ok(server)
    }

    pub(crate) fn process_id(&self) -> u32 {
        self.process.id()
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Ends the process as a power cut would: SIGKILL, with no chance to finish anything.
    pub(crate) fn kill(mut self) -> Outcome<()> {
        self.process.kill().explain(|| "could not kill the server".to_owned())?;
        self.process.wait().explain(|| "could not wait for the killed server".to_owned())?;
        Ok(())
    }

    /// Asks the server to stop (SIGTERM) and fails unless it does so in time and with success.
    pub(crate) fn stop(mut self) -> Outcome<()> {
        let id = i32::try_from(self.process.id()).ok().and_then(Pid::from_raw);
        let id = id.explain(|| "the server has no process id".to_owned())?;
        kill_process(id, Signal::TERM).explain(|| "could not ask the server to stop".to_owned())?;
        let status = self.await_exit()?;
        if status.success() { Ok(()) } else { Err(Failure::new(format!("the server stopped with {status}"))) }
    }

    fn await_exit(&mut self) -> Outcome<ExitStatus> {
        let asked = Instant::now();
        loop {
            let status = self.process.try_wait().explain(|| "could not wait for the server".to_owned())?;
            if let Some(status) = status {
                return Ok(status);
            }
            if asked.elapsed() > STOP_LIMIT {
                return Err(Failure::new("the server did not stop within a minute"));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for RunningServer {
    fn drop(&mut self) {
        // Both fail only if the process is gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_command_is_started_in_the_checkout_where_a_muster_toml_may_be() {
        let installation = Installation::in_folder(Path::new("/srv/run"), Path::new("/srv/muster"));
        assert_eq!(installation.command().get_current_dir(), Some(Path::new("/srv/run")));
    }

    #[test]
    fn the_base_path_is_what_follows_the_host() {
        let connection = |url: &str| ProvisionedConnection {
            id: String::new(),
            token: String::new(),
            scim_base_url: url.to_owned(),
            scim_1_1_base_url: String::new(),
        };
        assert_eq!(connection("http://127.0.0.1:1/scim/v2/con_1/").base_path().unwrap(), "/scim/v2/con_1");
        assert!(connection("nonsense").base_path().is_err());
    }
}
