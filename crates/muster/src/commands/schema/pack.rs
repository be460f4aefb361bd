//! `muster schema enable` and `muster schema disable`.

use clap::Args;
use clap::builder::PossibleValuesParser;
use muster_app::schemas::{self, PACKS};

use super::{TenantFlags, print_changes};
use crate::failure::Failure;

/// Enable a pack: schemas and resource types that come with Muster.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster schema enable pam")]
pub(super) struct EnableArguments {
    /// The pack, as `muster schema list` shows it.
    #[arg(value_parser = PossibleValuesParser::new(PACKS.map(|pack| pack.name)))]
    pack: String,
    #[command(flatten)]
    flags: TenantFlags,
}

/// Disable a pack. Refused while resources use what it brought.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster schema disable pam")]
pub(super) struct DisableArguments {
    /// The pack, as `muster schema list` shows it.
    #[arg(value_parser = PossibleValuesParser::new(PACKS.map(|pack| pack.name)))]
    pack: String,
    #[command(flatten)]
    flags: TenantFlags,
}

pub(super) async fn enable(arguments: EnableArguments) -> Result<(), Failure> {
    let EnableArguments { pack, flags: TenantFlags { tenant, shared } } = arguments;
    shared
        .with_installation(async |opened| {
            let enabled = schemas::enable(&opened.app, &opened.access, tenant.as_deref(), &pack).await?;
            print_changes(opened.json, "enabled", &enabled, &format!("The pack {pack} is enabled already."))
        })
        .await
}

pub(super) async fn disable(arguments: DisableArguments) -> Result<(), Failure> {
    let DisableArguments { pack, flags: TenantFlags { tenant, shared } } = arguments;
    shared
        .with_installation(async |opened| {
            let disabled = schemas::disable(&opened.app, &opened.access, tenant.as_deref(), &pack).await?;
            print_changes(opened.json, "disabled", &disabled, &format!("The pack {pack} is not enabled."))
        })
        .await
}
