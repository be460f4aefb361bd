//! `muster webhook`: addresses that events are sent to.

mod change;
mod create;
mod deliveries;
mod list;
mod sending;
mod words;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use muster_app::webhooks::EndpointOf;
use muster_model::WebhookEndpointId;

use crate::failure::Failure;

/// Send a tenant's events to addresses: create, list, show, change and delete endpoints, rotate their keys, and look at what
/// is on its way.
///
/// A running server sends; these commands work on the database, with or without one. docs/webhooks.md tells how messages look
/// and how a receiver checks them.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster webhook create --url https://example.com/muster --type 'directory.user.*'")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Create(create::Arguments),
    List(list::Arguments),
    Show(list::ShowArguments),
    Set(change::SetArguments),
    Delete(change::DeleteArguments),
    Enable(change::EnableArguments),
    Disable(change::DisableArguments),
    Rotate(create::RotateArguments),
    Deliveries(deliveries::Arguments),
    Delivery(deliveries::ShowArguments),
    Test(sending::TestArguments),
    Resend(sending::ResendArguments),
    Recover(sending::RecoverArguments),
}

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    match arguments.action {
        Action::Create(arguments) => create::run(arguments).await,
        Action::List(arguments) => list::run(arguments).await,
        Action::Show(arguments) => list::show(arguments).await,
        Action::Set(arguments) => change::set(arguments).await,
        Action::Delete(arguments) => change::delete(arguments).await,
        Action::Enable(arguments) => change::enable(arguments).await,
        Action::Disable(arguments) => change::disable(arguments).await,
        Action::Rotate(arguments) => create::rotate(arguments).await,
        Action::Deliveries(arguments) => deliveries::list(arguments).await,
        Action::Delivery(arguments) => deliveries::show(arguments).await,
        Action::Test(arguments) => sending::test(arguments).await,
        Action::Resend(arguments) => sending::resend(arguments).await,
        Action::Recover(arguments) => sending::recover(arguments).await,
    }?;
    Ok(ExitCode::SUCCESS)
}

fn endpoint_of(tenant: String, id: WebhookEndpointId) -> EndpointOf {
    EndpointOf { tenant: Some(tenant.into()), id }
}
