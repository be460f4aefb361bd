//! A PostgreSQL of our own from Debian's programs, with its flushes to disk, for measurements and campaigns.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::checkout;
use crate::command;
use crate::failure::{Explain, Failure, Outcome};

const START_LIMIT: Duration = Duration::from_mins(1);

/// A running server, stopped when it is forgotten. Its data stay for the next time.
pub(crate) struct Postgresql {
    process: Child,
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
}

impl Postgresql {
    /// Starts the server whose data are in the folder, which is made when it is not there. The server does not run as
    /// root, so the folder must be where somebody without rights may go.
    pub(crate) fn start(folder: &Path, settings: &[&str]) -> Outcome<Self> {
        let programs = programs()?;
        let runner = runner();
        if !folder.join("data/PG_VERSION").exists() {
            make(folder, &programs, runner)?;
        }
        let free = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
        let port = free.explain(|| "there is no free port".to_owned())?.port();
        let mut server = as_runner(runner, &programs.join("postgres"));
        server.arg("-D").arg(folder.join("data")).args(["-c", "listen_addresses=127.0.0.1"]);
        server.args(["-c", &format!("port={port}"), "-c", &format!("unix_socket_directories={}", folder.display())]);
        for setting in settings {
            server.args(["-c", setting]);
        }
        let log = fs::File::create(folder.join("log")).explain(|| "could not make the server's log".to_owned())?;
        let process = server
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .explain(|| "could not start PostgreSQL".to_owned())?;
        let server = Self { process, programs, folder: folder.to_path_buf(), port };
        let began = Instant::now();
        while server.sql("postgres", "SELECT 1").is_err() {
            if began.elapsed() > START_LIMIT {
                let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
                return Err(Failure::new(format!("PostgreSQL did not start:\n{log}")));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(server)
    }

    /// The folder for data that outlive a run: one for each checkout, outside of it, since a checkout may be in a place
    /// where only its owner may go.
    pub(crate) fn lasting_folder(purpose: &str) -> PathBuf {
        let checkout = checkout::root().display().to_string();
        let number = checkout
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        std::env::temp_dir().join(format!("muster-{purpose}-{number:016x}"))
    }

    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// The first process of the server, the parent of the others.
    pub(crate) fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// Runs statements as the server's owner and gives what they print.
    pub(crate) fn sql(&self, database: &str, statements: &str) -> Outcome<String> {
        let mut psql = command::program(self.programs.join("psql"));
        psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]);
        psql.arg("--host").arg(&self.folder).args(["--port", &self.port.to_string(), "--username=postgres"]);
        psql.args(["--dbname", database, "--command", statements]);
        Ok(command::capture(&mut psql)?.trim().to_owned())
    }

    /// `pgbench` on a database, as `psql` would connect to it.
    pub(crate) fn pgbench(&self, database: &str) -> Command {
        let mut pgbench = command::program(self.programs.join("pgbench"));
        pgbench.arg("--host").arg("127.0.0.1").args(["--port", &self.port.to_string(), "--username=postgres"]);
        pgbench.arg(database);
        pgbench
    }
}

impl Drop for Postgresql {
    fn drop(&mut self) {
        // A fast shutdown: connections are cut, data are flushed. Who cannot be asked is gone already.
        let _ = Command::new("kill").args(["-INT", &self.process.id().to_string()]).status();
        let _ = self.process.wait();
    }
}

fn make(folder: &Path, programs: &Path, runner: Option<&str>) -> Outcome<()> {
    checkout::create_folder(folder)?;
    if let Some(user) = runner {
        command::capture(Command::new("chown").arg(user).arg(folder))?;
    }
    let mut initdb = as_runner(runner, &programs.join("initdb"));
    initdb.args(["--username=postgres", "--encoding=UTF8", "--no-locale", "--auth=trust", "--pgdata"]);
    command::capture(initdb.arg(folder.join("data")).current_dir("/"))?;
    Ok(())
}

/// The newest version that Debian has installed, else the one in `PATH`.
fn programs() -> Outcome<PathBuf> {
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let versions = debian.filter_map(|entry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path())));
    let newest = versions.max().map(|(_, path)| path.join("bin")).filter(|folder| folder.join("initdb").exists());
    let in_path = || command::find_program("initdb").and_then(|initdb| Some(initdb.parent()?.to_path_buf()));
    newest.or_else(in_path).explain(|| "PostgreSQL was not found; on Debian: apt-get install postgresql".to_owned())
}

/// PostgreSQL refuses to run as root, so there it runs as somebody who has no rights.
fn runner() -> Option<&'static str> {
    let is_there = |user: &&str| command::succeeds(Command::new("id").arg(user));
    rustix::process::geteuid().is_root().then(|| ["postgres", "nobody"].into_iter().find(is_there)).flatten()
}

fn as_runner(runner: Option<&str>, program: &Path) -> Command {
    let Some(user) = runner else { return Command::new(program) };
    let mut command = Command::new("setpriv");
    command.args(["--reuid", user, "--regid", if user == "nobody" { "nogroup" } else { user }]);
    command.args(["--clear-groups", "--"]).arg(program);
    command
}
