//! The server that is spoken to, and what commands that speak to one take.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use muster_egress::{AddressPolicy, Egress, Limits};
use tokio::runtime::Runtime;

use super::transport::EgressTransport;
use crate::failure::Failure;

/// How to reach the server.
#[derive(Args, Debug)]
pub(crate) struct TargetFlags {
    /// Bearer token. In the environment nobody else on the machine sees it.
    #[arg(long, env = "SCIM_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub(crate) token: Option<String>,
    /// PEM file with a certificate authority to trust besides those of the system.
    #[arg(long, value_name = "FILE")]
    ca_cert: Option<PathBuf>,
    /// Longest wait for one answer, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    timeout: u64,
}

impl TargetFlags {
    pub(crate) fn transport(&self, runtime: Runtime) -> Result<EgressTransport, Failure> {
        let authorities = self
            .ca_cert
            .as_ref()
            .map(|path| {
                std::fs::read(path)
                    .map_err(|error| Failure::usage(format!("cannot read {}", path.display())).because(error))
            })
            .transpose()?;
        let limits = Limits { total: Duration::from_secs(self.timeout.max(1)), ..Limits::default() };
        let egress = Egress::new(AddressPolicy::of_local_administrator(), limits, authorities.as_deref())
            .map_err(|error| Failure::new("cannot speak to other servers").because(error))?;
        Ok(EgressTransport::new(runtime, egress))
    }
}
