//! What may happen to PostgreSQL and to the network before it, under load. A server that is killed is in `nodes`.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use muster_testkit::FaultyNetwork;
use muster_testkit::postgres::PostgresServer;

use crate::attempt::Target;
use crate::load_under_faults::{Load, wait_until_ready};
use crate::nodes::{base, created};
use crate::process::{Server, run_json};

/// `--request-timeout` of these servers, so that a network that swallows everything is noticed in the time of a test.
const REQUEST_LIMIT: Duration = Duration::from_secs(5);
/// Of each answer: the limit, and what a busy machine takes.
const LONGEST_ANSWER: Duration = Duration::from_secs(15);

struct Installation {
    server: Server,
    target: Target,
    _folder: tempfile::TempDir,
}

/// A server whose way to the database is that URL.
fn installation(url: &str) -> Installation {
    let folder = tempfile::tempdir().unwrap();
    let (id, token) = created(folder.path(), url);
    let unlimited = ["connection", "set", &id, "requests_per_second=0", "--json", "--database-url", url];
    run_json(folder.path(), &unlimited);
    let server = Server::start(folder.path(), &["--request-timeout", "5s", "--database-url", url]);
    let target = Target { base: base(&server, &id), token };
    Installation { server, target, _folder: folder }
}

fn pause(milliseconds: u64) {
    std::thread::sleep(Duration::from_millis(milliseconds));
}

#[test]
fn slow_cut_connections_lose_nothing() {
    let postgresql = PostgresServer::own(true);
    let installed = installation(&postgresql.url("postgres"));
    let load = Load::start(&installed.target);
    for _ in 0..10 {
        pause(500);
        postgresql.sql(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
             WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'",
        );
    }
    wait_until_ready(&installed.server);
    pause(500);
    let outcome = load.finish(LONGEST_ANSWER);
    println!("{} people, {} times unavailable", outcome.acknowledged, outcome.unavailable);
    assert!(outcome.acknowledged > 20, "hardly anything was written");
}

#[test]
fn slow_a_network_that_delays_swallows_and_cuts_loses_nothing() {
    let postgresql = PostgresServer::own(true);
    let network = FaultyNetwork::before(postgresql.port());
    let url = postgresql.url("postgres").replace(&format!(":{}/", postgresql.port()), &format!(":{}/", network.port()));
    let installed = installation(&url);
    let load = Load::start(&installed.target);
    pause(1_000);
    network.delay(Duration::from_millis(20), Duration::from_millis(50));
    pause(2_000);
    for _ in 0..3 {
        network.cut();
        pause(700);
        network.mend();
        pause(700);
    }
    // Short: whoever waits goes on as if nothing had been.
    network.swallow();
    pause(1_000);
    network.mend();
    pause(1_000);
    // Longer than a request may take.
    network.swallow();
    std::thread::sleep(REQUEST_LIMIT * 2);
    network.mend();
    wait_until_ready(&installed.server);
    pause(1_000);
    let outcome = load.finish(LONGEST_ANSWER);
    println!("{} people, {} times unavailable", outcome.acknowledged, outcome.unavailable);
    assert!(outcome.acknowledged > 20, "hardly anything was written");
    assert!(outcome.unavailable > 0, "nobody noticed that the database was away");
}

/// A file system of that many megabytes; taken away when it is dropped.
struct SmallFileSystem(PathBuf);

impl SmallFileSystem {
    /// `None`: this user may not make one.
    fn make(megabytes: u32) -> Option<Self> {
        let folder = tempfile::Builder::new().prefix("muster-small-").tempdir().unwrap().keep();
        let options = format!("size={megabytes}m,mode=755");
        // The folder above is this user's alone, and the database runs as another one.
        Command::new("chmod").arg("755").arg(&folder).status().unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(&folder).output();
        if mounted.is_ok_and(|mounted| mounted.status.success()) {
            return Some(Self(folder));
        }
        std::fs::remove_dir(&folder).unwrap();
        None
    }

    /// Writes until there is no room; removing the file makes room again.
    fn fill(&self) -> PathBuf {
        let path = self.0.join("ballast");
        let mut file = std::fs::File::create(&path).unwrap();
        let block = vec![7; 1 << 16];
        while std::io::Write::write_all(&mut file, &block).is_ok() {}
        path
    }
}

impl Drop for SmallFileSystem {
    fn drop(&mut self) {
        // What still has a file open lets go of it when it ends.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
        let _ = std::fs::remove_dir(&self.0);
    }
}

#[test]
fn slow_a_full_disk_loses_nothing() {
    let Some(disk) = SmallFileSystem::make(192) else {
        println!("left out: only root may make the small file system that this test fills up");
        return;
    };
    let postgresql = PostgresServer::own_in(&disk.0, true);
    let installed = installation(&postgresql.url("postgres"));
    let load = Load::start(&installed.target);
    for _ in 0..2 {
        pause(1_500);
        let ballast = disk.fill();
        pause(3_000);
        std::fs::remove_file(ballast).unwrap();
        // Without room for its log PostgreSQL gives up as a whole, and whoever looks after it starts it again.
        postgresql.start_unless_up();
        wait_until_ready(&installed.server);
    }
    pause(1_000);
    let outcome = load.finish(LONGEST_ANSWER);
    println!("{} people, {} times unavailable", outcome.acknowledged, outcome.unavailable);
    assert!(outcome.acknowledged > 20, "hardly anything was written");
    drop(installed);
    drop(postgresql);
}
