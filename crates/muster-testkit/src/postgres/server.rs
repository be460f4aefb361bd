//! One server in a folder of its own.

use std::fs::{self, File, OpenOptions};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::binaries::{self, Runner};
use super::output;

const PASSWORD: &str = "correct-horse";
/// How long a shared server waits for the next test.
const GRACE_SECONDS: u32 = 20;
const START_LIMIT: Duration = Duration::from_mins(1);

/// A running PostgreSQL. While it is not dropped, it is not stopped by its supervisor.
pub struct PostgresServer {
    folder: PathBuf,
    binaries: PathBuf,
    runner: Runner,
    port: u16,
    flushes: bool,
    /// Shared with all that use the server.
    users: File,
    /// Removes the folder of a server that nobody shares.
    own: Option<tempfile::TempDir>,
}

impl PostgresServer {
    /// The server of this checkout, started when it is not there.
    pub(super) fn shared() -> Self {
        // Short, because the path of a socket may not be long, and told apart by the checkout.
        let checkout = env!("CARGO_MANIFEST_DIR")
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        let user = rustix::process::geteuid().as_raw();
        let folder = std::env::temp_dir().join(format!("muster-postgres-{user}-{checkout:016x}"));
        fs::create_dir_all(&folder).expect("a folder for the test server");
        Self::in_folder(folder, None, false)
    }

    /// A server for one test alone, which may stop and kill it. `flushes`: whether it writes to disk before it answers.
    pub fn own(flushes: bool) -> Self {
        let folder = tempfile::Builder::new().prefix("muster-pg-").tempdir().expect("a folder for the test server");
        Self::in_folder(folder.path().to_owned(), Some(folder), flushes)
    }

    /// The same with its data below a folder that the test chooses, on a small disk for example.
    pub fn own_in(parent: &Path, flushes: bool) -> Self {
        let folder = tempfile::Builder::new().prefix("muster-pg-").tempdir_in(parent).expect("a folder for the server");
        Self::in_folder(folder.path().to_owned(), Some(folder), flushes)
    }

    fn in_folder(folder: PathBuf, own: Option<tempfile::TempDir>, flushes: bool) -> Self {
        let binaries = binaries::find();
        let runner = Runner::find();
        runner.give(&folder);
        let starting = File::create(folder.join("starting")).expect("a file to lock");
        starting.lock().expect("a lock");
        let users = OpenOptions::new().append(true).create(true).open(folder.join("users")).expect("a file to lock");
        // Waits while the supervisor stops a server that was idle.
        users.lock_shared().expect("a lock");
        let mut server = Self { folder, binaries, runner, port: 0, flushes, users, own };
        server.port =
            fs::read_to_string(server.folder.join("port")).ok().and_then(|port| port.parse().ok()).unwrap_or(0);
        if !server.is_up() {
            server.make();
            server.start();
        }
        server
    }

    fn make(&mut self) {
        let data = self.folder.join("data");
        if data.exists() {
            fs::remove_dir_all(&data).expect("the data of a former server removed");
        }
        let password = self.folder.join("password");
        fs::write(&password, PASSWORD).expect("a file for the password");
        let mut words = self.runner.words(&self.binaries.join("initdb"));
        words.extend(["--username=postgres", "--encoding=UTF8", "--no-locale", "--no-sync"].map(str::to_owned));
        words.extend(["--auth-local=trust", "--auth-host=scram-sha-256"].map(str::to_owned));
        words.push(format!("--pwfile={}", password.display()));
        words.push(format!("--pgdata={}", data.display()));
        output(&mut command(&words));
        let free = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
        self.port = free.expect("a free port").port();
        fs::write(self.folder.join("port"), self.port.to_string()).expect("a file for the port");
    }

    /// Starts the server on its data, after it was killed.
    pub fn start(&self) {
        let mut words = vec!["sh".to_owned(), "-c".to_owned(), include_str!("supervise.sh").to_owned()];
        words.push("supervise".to_owned());
        words.push(self.folder.display().to_string());
        words.push(if self.own.is_some() { "0".to_owned() } else { GRACE_SECONDS.to_string() });
        words.extend(self.runner.words(&self.binaries.join("postgres")));
        words.push("-D".to_owned());
        words.push(self.folder.join("data").display().to_string());
        let flush = if self.flushes { "on" } else { "off" };
        for setting in [
            format!("port={}", self.port),
            format!("unix_socket_directories={}", self.folder.display()),
            "listen_addresses=127.0.0.1".to_owned(),
            "max_connections=200".to_owned(),
            "shared_buffers=64MB".to_owned(),
            format!("fsync={flush}"),
            format!("full_page_writes={flush}"),
            "log_min_messages=warning".to_owned(),
        ] {
            words.extend(["-c".to_owned(), setting]);
        }
        let mut supervisor = command(&words);
        // In a group of its own, so that what stops a test does not stop the server of the others.
        supervisor.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        drop(supervisor.spawn().expect("the supervising shell"));
        let began = Instant::now();
        while !self.is_up() {
            let log = || fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            assert!(began.elapsed() < START_LIMIT, "PostgreSQL did not start: {}", log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Starts a server that gave up by itself; one that still recovers is waited for.
    pub fn start_unless_up(&self) {
        let began = Instant::now();
        let data = self.folder.join("data").display().to_string();
        while !self.is_up() {
            if !is_used(&data) {
                drop(fs::remove_file(self.folder.join("data/postmaster.pid")));
                self.start();
            }
            assert!(began.elapsed() < START_LIMIT, "PostgreSQL does not come back");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Ends the server as a crash would, without a word to anybody, and waits until all of its processes are gone.
    pub fn kill(&self) {
        let pid = fs::read_to_string(self.folder.join("data/postmaster.pid")).unwrap_or_default();
        let pid = pid.lines().next().expect("a server that runs").to_owned();
        output(Command::new("kill").args(["-9", &pid]));
        // The other processes of the server end when they find their parent gone; only then may it start again.
        let data = self.folder.join("data").display().to_string();
        let began = Instant::now();
        while is_used(&data) {
            assert!(began.elapsed() < START_LIMIT, "processes of the killed server stay");
            std::thread::sleep(Duration::from_millis(20));
        }
        fs::remove_file(self.folder.join("data/postmaster.pid")).expect("the file of a server that is gone");
    }

    /// The URL of a database, by TCP and with a password.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres:{PASSWORD}@127.0.0.1:{}/{database}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Runs statements as the server's owner, in the database `postgres`.
    pub fn sql(&self, statements: &str) -> String {
        output(&mut self.psql("postgres", statements))
    }

    /// Runs statements in a database.
    pub fn sql_in(&self, database: &str, statements: &str) -> String {
        output(&mut self.psql(database, statements))
    }

    /// Runs statements and does not wait. A test's runtime may be stopped while its connections are half open, and the server
    /// would wait for them as long as this thread waited for the server.
    pub(super) fn leave_sql(&self, statements: &str) {
        let mut psql = self.psql("postgres", statements);
        psql.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        // When it fails, what it would have removed goes with the server.
        drop(psql.spawn());
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    fn is_up(&self) -> bool {
        self.port != 0 && self.psql("postgres", "SELECT 1").output().is_ok_and(|output| output.status.success())
    }

    fn psql(&self, database: &str, statements: &str) -> Command {
        let mut psql = Command::new(self.binaries.join("psql"));
        psql.env_clear().args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]);
        psql.arg("--host").arg(&self.folder).args(["--port", &self.port.to_string(), "--username=postgres"]);
        psql.args(["--dbname", database, "--command", statements]);
        psql
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        if self.own.is_some() {
            // Nobody else waits for it, and its folder goes now.
            let pid = fs::read_to_string(self.folder.join("data/postmaster.pid")).unwrap_or_default();
            if let Some(pid) = pid.lines().next() {
                drop(Command::new("kill").args(["-INT", pid]).output());
            }
        }
        drop(self.users.unlock());
    }
}

/// Whether a process has the data open, by the parent that it names.
fn is_used(data: &str) -> bool {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes.into_iter().any(|entry| fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd == Path::new(data)))
}

fn command(words: &[String]) -> Command {
    let (program, arguments) = words.split_first().expect("a program");
    let mut command = Command::new(program);
    command.args(arguments).current_dir("/");
    command
}
