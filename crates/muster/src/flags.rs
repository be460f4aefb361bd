//! Flags that several commands share, and how they become settings.

use std::path::PathBuf;

use clap::Args;
use muster_config::{Inputs, Setting, Settings};

use crate::failure::Failure;

/// Where the installation is. Enough for commands that only touch the database.
#[derive(Args, Debug)]
#[expect(clippy::doc_markdown, reason = "clap shows these comments to people as they are")]
pub(crate) struct PlaceFlags {
    /// Configuration file [default: muster.toml, if there is one] [env: MUSTER_CONFIG]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder of the database, the vault key and everything else that is kept [default: the folder of the database
    /// that --database-url names, else muster-data]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<String>,
    /// Database: sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE [default: sqlite:DATA_DIR/muster.db]
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// Address under which identity providers reach this server, for example https://scim.example.com
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
}

/// All settings of `muster serve`.
#[derive(Args, Debug)]
#[expect(clippy::doc_markdown, reason = "clap shows these comments to people as they are")]
#[command(next_help_heading = "Settings (each also as MUSTER_… variable and as key in the configuration file)")]
pub(crate) struct SettingFlags {
    #[command(flatten)]
    place: PlaceFlags,
    /// Address and port to listen on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Certificate chain in PEM form; read again when the file changes
    #[arg(long, value_name = "FILE")]
    tls_cert: Option<String>,
    /// Private key of the certificate in PEM form
    #[arg(long, value_name = "FILE")]
    tls_key: Option<String>,
    /// Proxies whose X-Forwarded-For or Forwarded header is believed, for example 10.0.0.0/8
    #[arg(long, value_name = "NET", value_delimiter = ',')]
    trusted_proxy: Vec<String>,
    /// Which log lines are written: error, warn, info, debug, trace, or by crate, for example
    /// info,muster_app=debug. Debug and trace concern Muster's own crates only [default: info]
    #[arg(long, value_name = "FILTER")]
    log: Option<String>,
    /// Form of log lines: human or json [default: human]
    #[arg(long, value_name = "FORM")]
    log_format: Option<String>,
    /// Largest request body, for example 10MiB [default: 10MiB]
    #[arg(long, value_name = "SIZE")]
    max_body_bytes: Option<String>,
    /// Longest time for one request, for example 60s [default: 60s]
    #[arg(long, value_name = "TIME")]
    request_timeout: Option<String>,
    /// Longest time to wait for running requests when stopping [default: 25s]
    #[arg(long, value_name = "TIME")]
    drain_timeout: Option<String>,
    /// What this server does of several on one database: all; web (answers requests and leaves background work to
    /// others); worker (background work only, with /healthz, /readyz and /metrics) [default: all]
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
    /// Days for which the request log is kept, 7 at least [default: 30]
    #[arg(long, value_name = "DAYS")]
    request_log_days: Option<String>,
    /// Size that the request log may have, in MiB; beyond it the oldest requests are forgotten [default: 1024]
    #[arg(long, value_name = "MIB")]
    request_log_mib: Option<String>,
    /// Whether the request log keeps bodies, without their secrets: on or off [default: on]
    #[arg(long, value_name = "SWITCH")]
    request_log_bodies: Option<String>,
    /// SCIM attributes whose values are masked in the request log, for example emails.value,name.familyName
    #[arg(long, value_name = "ATTRIBUTES", value_delimiter = ',')]
    request_log_mask: Vec<String>,
    /// Where webhooks may be sent: public (public addresses over https); private (also this machine and private
    /// networks, also without TLS) [default: public]
    #[arg(long, value_name = "WHERE")]
    webhook_addresses: Option<String>,
}

impl PlaceFlags {
    pub(crate) fn settings(&self) -> Result<Settings, Failure> {
        resolve(self.config.clone(), self.given())
    }

    fn given(&self) -> Vec<(Setting, Option<String>)> {
        vec![
            (Setting::DataDir, self.data_dir.clone()),
            (Setting::DatabaseUrl, self.database_url.clone()),
            (Setting::PublicUrl, self.public_url.clone()),
        ]
    }
}

impl SettingFlags {
    pub(crate) fn settings(self) -> Result<Settings, Failure> {
        let config_file = self.place.config.clone();
        let mut given = self.place.given();
        given.extend([
            (Setting::Listen, self.listen),
            (Setting::TlsCert, self.tls_cert),
            (Setting::TlsKey, self.tls_key),
            (Setting::TrustedProxy, (!self.trusted_proxy.is_empty()).then(|| self.trusted_proxy.join(","))),
            (Setting::Log, self.log),
            (Setting::LogFormat, self.log_format),
            (Setting::MaxBodyBytes, self.max_body_bytes),
            (Setting::RequestTimeout, self.request_timeout),
            (Setting::DrainTimeout, self.drain_timeout),
            (Setting::Role, self.role),
            (Setting::RequestLogDays, self.request_log_days),
            (Setting::RequestLogMib, self.request_log_mib),
            (Setting::RequestLogBodies, self.request_log_bodies),
            (Setting::RequestLogMask, (!self.request_log_mask.is_empty()).then(|| self.request_log_mask.join(","))),
            (Setting::WebhookAddresses, self.webhook_addresses),
        ]);
        resolve(config_file, given)
    }
}

/// The settings of a command that names its databases itself.
pub(crate) fn settings_of_file(config_file: Option<PathBuf>) -> Result<Settings, Failure> {
    resolve(config_file, Vec::new())
}

fn resolve(config_file: Option<PathBuf>, given: Vec<(Setting, Option<String>)>) -> Result<Settings, Failure> {
    let working_folder = std::env::current_dir()
        .map_err(|error| Failure::new("the working folder is gone; start Muster in one that exists").because(error))?;
    let settings = Settings::resolve(Inputs {
        flags: given.into_iter().filter_map(|(setting, text)| Some((setting, text?))).collect(),
        config_file,
        environment: std::env::vars_os(),
        working_folder,
    })?;
    Ok(settings)
}
