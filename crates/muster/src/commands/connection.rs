//! `muster connection`: inbound connections and their tokens.

mod create;
mod delete;
mod list;
mod release;
mod set;
mod show;
mod token;
mod words;

pub(super) use words::date;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use muster_app::webhooks::DeliverWebhooks;
use muster_app::{App, OperatorAccess, tenants};
use muster_config::{Settings, WebhookAddresses};
use muster_vault::{KEY_FILE_NAME, KeyOrigin};

use crate::failure::Failure;
use crate::flags::PlaceFlags;
use crate::running::{self, Found};
use crate::storage::Purpose;
use crate::{installation, output, telemetry, webhooks};

/// Connect identity providers: create, list, show, change and delete connections, replace their tokens, release what
/// they own.
///
/// These commands work on the database directly, with or without a running server; a running server honours the
/// change from its next request on.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster connection create --name okta --provider okta")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Create(create::Arguments),
    List(list::Arguments),
    Show(show::Arguments),
    Set(set::Arguments),
    Delete(delete::Arguments),
    Token(token::Arguments),
    Release(release::Arguments),
}

/// What every command takes that works on an installation.
#[derive(Args, Debug)]
pub(in crate::commands) struct SharedFlags {
    #[command(flatten)]
    place: PlaceFlags,
    /// Print JSON.
    #[arg(long)]
    pub(in crate::commands) json: bool,
}

/// The opened installation, as these commands need it.
pub(in crate::commands) struct Opened {
    pub(in crate::commands) app: Arc<App>,
    pub(in crate::commands) access: OperatorAccess,
    public_url: String,
    pub(in crate::commands) json: bool,
    /// Where the vault key is, or would be.
    pub(super) key_file: PathBuf,
    webhook_addresses: WebhookAddresses,
}

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    match arguments.action {
        Action::Create(arguments) => create::run(arguments).await,
        Action::List(arguments) => list::run(arguments).await,
        Action::Show(arguments) => show::run(arguments).await,
        Action::Set(arguments) => set::run(arguments).await,
        Action::Delete(arguments) => delete::run(arguments).await,
        Action::Token(arguments) => token::run(arguments).await,
        Action::Release(arguments) => release::run(arguments).await,
    }?;
    Ok(ExitCode::SUCCESS)
}

impl SharedFlags {
    /// Opens the installation, does the work and closes it again, whatever became of the work.
    pub(in crate::commands) async fn with_installation<T>(
        self,
        work: impl AsyncFnOnce(&Opened) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let settings = self.started_settings()?;
        let Some(app) = installation::open_existing(&settings, Purpose::Command).await? else {
            return Err(Failure::new(format!(
                "there is no installation in {}; `muster serve` or `muster connection create` makes one, and --data-dir \
                 names another folder",
                settings.data_dir.value.display()
            )));
        };
        self.with_app(&settings, app, work).await
    }

    /// The same, and makes the installation when there is none.
    pub(in crate::commands) async fn with_installation_made<T>(
        self,
        work: impl AsyncFnOnce(&Opened) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let settings = self.started_settings()?;
        let existing = installation::open_existing(&settings, Purpose::Command).await?;
        let app = match existing {
            Some(app) => {
                tenants::ensure_default(&app).await?;
                app
            }
            None => make(&settings).await?,
        };
        self.with_app(&settings, app, work).await
    }

    fn started_settings(&self) -> Result<Settings, Failure> {
        let settings = self.place.settings()?;
        telemetry::logs::start_for_command(&settings)?;
        Ok(settings)
    }

    async fn with_app<T>(
        self,
        settings: &Settings,
        app: Arc<App>,
        work: impl AsyncFnOnce(&Opened) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let opened = Opened {
            app,
            access: OperatorAccess::of_local_administrator(),
            public_url: public_url(settings),
            json: self.json,
            key_file: settings.data_dir.value.join(KEY_FILE_NAME),
            webhook_addresses: settings.webhook_addresses.value,
        };
        let result = work(&opened).await;
        installation::close(&opened.app).await;
        result
    }
}

async fn make(settings: &Settings) -> Result<Arc<App>, Failure> {
    let installation = installation::open(settings, Purpose::Command, false).await?;
    if installation.key_origin == KeyOrigin::Created {
        let path = settings.data_dir.value.join(KEY_FILE_NAME);
        output::note(&format!("A new vault key was made: {}. Keep a copy of it in a safe place.", path.display()));
    }
    Ok(installation.app)
}

impl Opened {
    /// What webhooks are made with.
    pub(super) fn webhook_tools(&self) -> Result<DeliverWebhooks, Failure> {
        webhooks::tools(&self.app, self.webhook_addresses)
    }

    /// The address that an identity provider is given.
    fn scim_base_url(&self, connection: muster_model::ConnectionId) -> String {
        let [canonical, _] = muster_scim_server::SCIM_PREFIXES;
        format!("{}{canonical}/{connection}", self.public_url)
    }

    /// The same for a provider that speaks SCIM 1.1.
    fn scim_1_1_base_url(&self, connection: muster_model::ConnectionId) -> String {
        format!("{}{}/{connection}", self.public_url, muster_scim_server::SCIM_1_1_PREFIX)
    }
}

/// What was set for this command, else what the running server tells everybody, else what a server started like this
/// would.
fn public_url(settings: &Settings) -> String {
    if let muster_config::PublicUrl::Given(url) = &settings.public_url.value {
        return url.clone();
    }
    match running::find_running(&settings.data_dir.value) {
        Some(Found::Ready(server)) => server.public_url,
        Some(Found::Starting) | None => {
            settings.public_url.value.resolve(settings.listen.value, settings.tls().is_some())
        }
    }
}
