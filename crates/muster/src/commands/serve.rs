//! `muster serve`: the server.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use metrics_exporter_prometheus::PrometheusHandle;
use muster_app::{App, OperatorAccess, connections};
use muster_config::network::{is_loopback, local_url};
use muster_config::{PublicUrl, Settings, Source};
use muster_scim_server::{BulkLimits, ScimSettings};
use muster_store::Store;
use muster_vault::{KEY_FILE_NAME, KeyOrigin};
use tokio::net::TcpListener;

use crate::edge::{self, EdgeSettings};
use crate::failure::Failure;
use crate::flags::SettingFlags;
use crate::running::{RunningServer, ServeLock};
use crate::server::stop::{self, StopSignals};
use crate::server::{accept, tls};
use crate::storage::Purpose;
use crate::system::SystemRng;
use crate::telemetry::metrics::HELD;
use crate::worker::Worker;
use crate::{installation, output, telemetry, webhooks};

/// Histograms keep raw samples until they are read or swept.
const METRICS_SWEEP: Duration = Duration::from_secs(5);

/// Run the server. The first start makes the data folder, the database, the tenant "default" and the vault key.
///
/// Log lines go to standard error. On standard output it says how to connect an identity provider and, when requests are
/// answered, "Muster is ready at ADDRESS". Ctrl-C or SIGTERM stop it in order, a second one at once.
///
/// Beside SCIM it answers /healthz (the process lives), /readyz (the database answers) and /metrics (for Prometheus; do
/// not let a proxy make it public).
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster serve --listen 0.0.0.0:443 --tls-cert chain.pem --tls-key key.pem \
                  --public-url https://scim.example.com")]
pub(crate) struct Arguments {
    #[command(flatten)]
    settings: SettingFlags,
    /// Fail when a migration is missing instead of applying it, for those who run `muster migrate`
    #[arg(long)]
    no_migrate: bool,
}

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let settings = arguments.settings.settings()?;
    telemetry::logs::start(&settings)?;
    let metrics = telemetry::metrics::start()?;
    // What can be wrong with the call comes before anything is made.
    refuse_plain_http(&settings)?;
    let tls = settings.tls().map(tls::acceptor).transpose()?;
    let mut signals = StopSignals::listen()?;

    installation::create_data_folder(&settings.data_dir.value)?;
    let mut lock = ServeLock::take(&settings.data_dir.value)?;
    let (listener, local) = listen(settings.listen.value).await?;
    let installation = tokio::select! {
        opened = installation::open(&settings, Purpose::Server, !arguments.no_migrate) => opened?,
        // A migration may take long; what it has not committed is undone by itself.
        signal = signals.next() => {
            tracing::info!(signal, "stopped before it was ready");
            return Ok(ExitCode::SUCCESS);
        }
    };
    let app = installation.app;
    let webhooks = webhooks::tools_of_server(&app, settings.webhook_addresses.value);

    let server = RunningServer {
        process: std::process::id(),
        local_url: local_url(local, tls.is_some()),
        public_url: settings.public_url.value.resolve(local, tls.is_some()),
    };
    lock.announce(&server)?;
    tokio::spawn(sweep(metrics.clone(), Arc::clone(app.store())));
    let edge = EdgeSettings {
        scim: ScimSettings {
            public_url: server.public_url.clone(),
            max_body_bytes: settings.max_body_bytes.value,
            bulk: BulkLimits::default(),
        },
        request_timeout: settings.request_timeout.value,
        trusted_proxies: settings.trusted_proxy.value.clone(),
        carrier: webhooks.as_ref().map(|work| Arc::clone(&work.carrier)),
    };
    let role = settings.role.value;
    let router = if role.answers_requests() {
        edge::router(Arc::clone(&app), edge, metrics, Arc::new(SystemRng))
    } else {
        edge::router_of_worker(&app, edge, metrics, Arc::new(SystemRng))
    };
    welcome(&settings, &app, installation.key_origin, &server).await?;
    warn_of_unfit_public_url(&settings, local, &server.public_url);
    let worker = role.does_background_work().then(|| Worker::start(&app, webhooks));
    output::print(&format!("Muster is ready at {}", server.local_url))?;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), listen = %local, server.public_url, %role, "ready");

    accept::serve(listener, tls, router, &mut signals, settings.drain_timeout.value).await;
    if let Some(worker) = worker {
        worker.stop().await;
    }
    stop::close_unless_asked_again(installation::close(&app), signals.next()).await;
    drop(lock);
    Ok(ExitCode::SUCCESS)
}

async fn listen(wanted: SocketAddr) -> Result<(TcpListener, SocketAddr), Failure> {
    let bound = async {
        let listener = TcpListener::bind(wanted).await?;
        let local = listener.local_addr()?;
        Ok::<_, std::io::Error>((listener, local))
    };
    bound.await.map_err(|error| {
        let remedy = match error.kind() {
            std::io::ErrorKind::AddrInUse => "another program uses it; stop that one or choose another with --listen",
            std::io::ErrorKind::PermissionDenied => "ports below 1024 need a right; choose a higher one with --listen",
            std::io::ErrorKind::AddrNotAvailable => {
                "this machine does not have that address; choose another with --listen"
            }
            _ => "choose another address with --listen",
        };
        Failure::new(format!("cannot listen on {wanted}: {remedy}")).because(error)
    })
}

/// What a person wants to know now: where everything is, and how to connect the first identity provider.
async fn welcome(settings: &Settings, app: &App, key: KeyOrigin, server: &RunningServer) -> Result<(), Failure> {
    let data_folder = settings.data_dir.value.display().to_string();
    let mut text = format!(
        "Muster {}\n  address      {}\n  public URL   {}\n  data folder  {data_folder}\n",
        env!("CARGO_PKG_VERSION"),
        server.local_url,
        server.public_url,
    );
    if key == KeyOrigin::Created {
        let path = settings.data_dir.value.join(KEY_FILE_NAME).display().to_string();
        text.extend([
            "\nThis is the first start: the tenant \"default\" and a new vault key were made. Keep a copy of\n",
            &path,
            " in a safe place, apart from the backups of the database.\n",
        ]);
    }
    if connections::list(app, &OperatorAccess::of_local_administrator(), None).await?.is_empty() {
        text.extend([
            "\nTo connect an identity provider, run this in another shell; it prints the SCIM base URL and a token:\n  ",
            &program(),
            " connection create --name okta --provider okta --data-dir ",
            &quoted(&data_folder),
        ]);
        if settings.database.source != Source::Default {
            text.extend([" --database-url ", &quoted(&settings.database.value.display())]);
        }
        text.push('\n');
    }
    output::print(&text)
}

/// As the person called it, so that the line can be copied.
fn program() -> String {
    std::env::args_os().next().map_or_else(|| "muster".to_owned(), |program| quoted(&program.to_string_lossy()))
}

/// For a POSIX shell.
fn quoted(text: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-+:=@%".contains(letter);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// Tokens and people's data travel encrypted (RFC 7644 section 7.2): an address that other machines are told begins with
/// https, whether this server speaks TLS itself or a proxy does it. On this machine alone nothing travels.
fn refuse_plain_http(settings: &Settings) -> Result<(), Failure> {
    if !settings.role.value.answers_requests() {
        return Ok(());
    }
    let public_url = settings.public_url.value.resolve(settings.listen.value, settings.tls().is_some());
    if is_loopback(&public_url) || public_url.starts_with("https://") {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "identity providers would be told {public_url}, where tokens travel unencrypted; set tls_cert and tls_key, or let a \
         proxy speak TLS and set public_url to its https:// address"
    )))
}

/// What works on this machine and will not do for the world.
fn warn_of_unfit_public_url(settings: &Settings, local: SocketAddr, public_url: &str) {
    let is_told = settings.role.value.answers_requests();
    if is_told && settings.public_url.value == PublicUrl::Derived && !local.ip().is_loopback() {
        tracing::warn!(
            public_url,
            "public_url is not set; identity providers are told an address that may not reach this server"
        );
    }
}

async fn sweep(metrics: PrometheusHandle, store: Arc<dyn Store>) {
    let mut turns = tokio::time::interval(METRICS_SWEEP);
    loop {
        turns.tick().await;
        metrics.run_upkeep();
        // Counted in the database, because other nodes and commands change it too. Without an answer the last one stands.
        if let Ok(held) = store.count_held().await {
            #[expect(clippy::cast_precision_loss, reason = "a gauge is a float, and so many changes nobody counts")]
            metrics::gauge!(HELD).set(held as f64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_printed_command_can_be_copied_into_a_shell() {
        assert_eq!(quoted("/srv/muster-data"), "/srv/muster-data");
        assert_eq!(quoted("my data"), "'my data'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
