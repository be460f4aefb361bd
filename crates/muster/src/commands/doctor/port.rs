//! The port: free, or held by a Muster that runs on this data folder.

use std::io::ErrorKind;
use std::net::TcpListener;

use muster_config::Settings;

use super::check::Check;
use crate::running::{self, Found};

const NAME: &str = "port";

pub(super) fn check(settings: &Settings) -> Check {
    match running::find_running(&settings.data_dir.value) {
        Some(Found::Ready(server)) => {
            return Check::ok(NAME, format!("Muster is running (process {}) at {}", server.process, server.local_url));
        }
        Some(Found::Starting) => return Check::ok(NAME, "a server is starting"),
        None => {}
    }
    let wanted = settings.listen.value;
    match TcpListener::bind(wanted) {
        Ok(_) => Check::ok(NAME, format!("{wanted} is free")),
        Err(error) if error.kind() == ErrorKind::AddrInUse => Check::wrong(
            NAME,
            format!(
                "{wanted} is used by another program, or by a Muster with another data folder; choose another with --listen"
            ),
        ),
        Err(error) => {
            Check::wrong(NAME, format!("{wanted} cannot be listened on: {error}; choose another with --listen"))
        }
    }
}
