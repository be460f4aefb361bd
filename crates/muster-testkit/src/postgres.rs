//! A real PostgreSQL for tests, from Debian's programs.
//!
//! Making one takes a second, and the test runner gives each test a process of its own, so all test processes of one
//! checkout share a server: the first starts it, and a supervising shell (`supervise.sh`) ends it when nobody has used
//! it for a while. Both rest on locks of files, which the kernel gives back however a process ends.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test cannot go on without its server, and says why by stopping"
)]

mod binaries;
mod server;

use std::fs::File;
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

pub use server::PostgresServer;

static SHARED: OnceLock<PostgresServer> = OnceLock::new();
static NEXT_DATABASE: AtomicU32 = AtomicU32::new(0);

/// A database of one test; dropping it removes it.
pub struct TestDatabase {
    /// For TCP, with a password.
    pub url: String,
    name: String,
    server: &'static PostgresServer,
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        self.server.leave_sql(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}

/// The server that all test processes of this checkout share. It does not flush to disk.
pub fn shared_server() -> &'static PostgresServer {
    SHARED.get_or_init(PostgresServer::shared)
}

/// An empty database on the shared server.
pub fn empty_database() -> TestDatabase {
    create("template0")
}

/// A database on the shared server that is a copy of a template. `fingerprint` names the template, and `fill` makes it when
/// there is none of that name.
pub async fn database_like<F>(fingerprint: &str, fill: impl FnOnce(String) -> F) -> TestDatabase
where
    F: Future<Output = ()>,
{
    let server = shared_server();
    let template = format!("template_{fingerprint}");
    {
        let lock = File::create(server.folder().join("templates")).expect("a file to lock");
        lock.lock().expect("a lock");
        let asked = format!("SELECT 1 FROM pg_database WHERE datname = '{template}'");
        if server.sql(&asked).is_empty() {
            let raw = format!("{template}_raw");
            server.sql(&format!("DROP DATABASE IF EXISTS {raw} WITH (FORCE)"));
            server.sql(&format!("CREATE DATABASE {raw} TEMPLATE template0"));
            fill(server.url(&raw)).await;
            // Whoever filled it may not be quite gone, and nobody may be there when it is copied.
            server.sql(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{raw}'"));
            server.sql(&format!("ALTER DATABASE {raw} RENAME TO {template}"));
        }
    }
    create(&template)
}

fn create(template: &str) -> TestDatabase {
    let server = shared_server();
    let name = format!("t_{}_{}", std::process::id(), NEXT_DATABASE.fetch_add(1, Ordering::Relaxed));
    server.sql(&format!("CREATE DATABASE {name} TEMPLATE {template}"));
    TestDatabase { url: server.url(&name), name, server }
}

fn output(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
