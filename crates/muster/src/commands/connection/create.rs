//! `muster connection create`.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use muster_app::connections::{self, NewConnection};
use muster_model::Provider;

use super::{SharedFlags, words};
use crate::failure::Failure;

/// Create a connection; prints its SCIM base URL and, this once, its token.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  muster connection create --name okta --provider okta --public-url https://scim.example.com"
)]
pub(super) struct Arguments {
    /// What you call it; unique in its tenant.
    #[arg(long)]
    name: String,
    /// Tenant that it provisions into [default: default]
    #[arg(long)]
    tenant: Option<String>,
    /// Identity provider that will call; chooses which of its habits are accepted.
    #[arg(long, default_value = Provider::Generic.as_str(), value_parser = provider_parser())]
    provider: Provider,
    /// Set a knob otherwise than the provider's profile; may be given several times.
    #[arg(long, value_name = "KNOB=VALUE")]
    set: Vec<String>,
    #[command(flatten)]
    shared: SharedFlags,
}

pub(super) fn provider_parser() -> impl TypedValueParser<Value = Provider> {
    PossibleValuesParser::new(Provider::ALL.map(Provider::as_str)).try_map(|name| name.parse::<Provider>())
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { name, tenant, provider, set, shared } = arguments;
    let overrides = words::knob_changes(&set)?;
    shared
        .with_installation_made(async |opened| {
            let new = NewConnection { tenant: tenant.map(Into::into), name, provider, overrides };
            let created = connections::create(&opened.app, &opened.access, new).await?;
            words::print_with_token(opened, &created)
        })
        .await
}
