//! SCIM servers that others wrote, started for the conformance suite.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::checkout;
use crate::command;
use crate::failure::{Explain, Failure, Outcome};
use crate::{node, python};

const START_LIMIT: Duration = Duration::from_mins(1);
const NODE_SCRIPT: &str = "scimmy_server.mjs";
/// These servers live for a minute on the loopback interface, with people who do not exist.
pub(crate) const TOKEN: &str = "third-party";

/// A running server; it is killed when it is forgotten.
pub(crate) struct ThirdParty {
    process: Child,
    pub(crate) address: SocketAddr,
    /// What comes before `/Users`.
    pub(crate) path: &'static str,
    pub(crate) base: String,
}

/// Starts the server of that name in `expected-faults.json`.
pub(crate) fn start(name: &str) -> Outcome<ThirdParty> {
    let address = free_address()?;
    let (mut program, path) = match name {
        "scim2-server" => (scim2_server(address)?, ""),
        "scimmy-routers" => (scimmy_routers(address)?, "/scim"),
        other => return Err(Failure::new(format!("nobody knows how to start {other}"))),
    };
    program.env("THIRD_PARTY_TOKEN", TOKEN).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let process = program.spawn().explain(|| format!("could not start `{}`", command::shown(&program)))?;
    let mut server = ThirdParty { process, address, path, base: format!("http://{address}{path}") };
    server.await_ready(address)?;
    Ok(server)
}

fn scim2_server(address: SocketAddr) -> Outcome<Command> {
    let requirements = checkout::root().join("tests").join("real-clients").join("requirements.txt");
    let python = python::environment(&requirements)?;
    let mut server = command::program(python.with_file_name("scim2-server"));
    server.args(["--port", &address.port().to_string(), "--bearer-token", TOKEN]);
    Ok(server)
}

fn scimmy_routers(address: SocketAddr) -> Outcome<Command> {
    let sources = checkout::root().join("tests").join("third-party");
    let folder = node::environment(&sources, &[NODE_SCRIPT])?;
    let mut server = command::program(node::find()?);
    server.arg(folder.join(Path::new(NODE_SCRIPT))).arg(address.port().to_string());
    Ok(server)
}

/// Another program could take the port in between; then the server does not start, and the step says so.
fn free_address() -> Outcome<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").explain(|| "no port is free".to_owned())?;
    listener.local_addr().explain(|| "no port is free".to_owned())
}

impl ThirdParty {
    pub(crate) fn process_id(&self) -> u32 {
        self.process.id()
    }

    fn await_ready(&mut self, address: SocketAddr) -> Outcome<()> {
        let begun = Instant::now();
        while TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_err() {
            let ended = self.process.try_wait().explain(|| "could not wait for the server".to_owned())?;
            if let Some(status) = ended {
                return Err(Failure::new(format!("the server ended with {status}")));
            }
            if begun.elapsed() > START_LIMIT {
                return Err(Failure::new("the server did not answer within a minute"));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

impl Drop for ThirdParty {
    fn drop(&mut self) {
        // Both fail only if the process is gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
