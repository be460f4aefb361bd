//! `muster tenant`: the tenants of an installation.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use muster_app::tenants;
use muster_model::Tenant;
use serde_json::{Value, json};

use super::connection::{Opened, SharedFlags, date};
use crate::failure::Failure;
use crate::output;

/// Keep directories apart: create, list and rename tenants.
///
/// Each tenant has connections, people and groups of its own; nothing of one is seen in another.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster tenant create acme")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Create(CreateArguments),
    List(ListArguments),
    Rename(RenameArguments),
}

/// Create a tenant.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster tenant create acme --json")]
struct CreateArguments {
    /// What it is called; unique in the installation.
    name: String,
    #[command(flatten)]
    shared: SharedFlags,
}

/// List the tenants.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster tenant list --json")]
struct ListArguments {
    #[command(flatten)]
    shared: SharedFlags,
}

/// Rename a tenant. The tenant "default" keeps its name.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster tenant rename acme acme-europe")]
struct RenameArguments {
    /// What it is called.
    name: String,
    /// What it is to be called.
    new_name: String,
    #[command(flatten)]
    shared: SharedFlags,
}

/// As many are read together.
const PAGE: usize = 1000;

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    match arguments.action {
        Action::Create(CreateArguments { name, shared }) => {
            shared
                .with_installation_made(async |opened| {
                    let tenant = tenants::create(&opened.app, &opened.access, &name).await?;
                    print(opened, &tenant)
                })
                .await
        }
        Action::List(ListArguments { shared }) => shared.with_installation(list).await,
        Action::Rename(RenameArguments { name, new_name, shared }) => {
            shared
                .with_installation(async |opened| {
                    let tenant = tenants::find(&opened.app, &opened.access, name.into()).await?;
                    let renamed = tenants::rename(&opened.app, &opened.access, tenant.id, &new_name).await?;
                    print(opened, &renamed)
                })
                .await
        }
    }?;
    Ok(ExitCode::SUCCESS)
}

async fn list(opened: &Opened) -> Result<(), Failure> {
    let mut found: Vec<Tenant> = Vec::new();
    loop {
        let after = found.last().map(|tenant| tenant.id);
        let (page, has_more) = tenants::page(&opened.app, &opened.access, after, PAGE).await?;
        found.extend(page);
        if !has_more {
            break;
        }
    }
    if opened.json {
        return output::print_json(&json!({ "tenants": found.iter().map(as_json).collect::<Vec<_>>() }));
    }
    let rows: Vec<_> =
        found.into_iter().map(|tenant| [tenant.id.to_string(), tenant.name, date(Some(tenant.created))]).collect();
    output::print(&output::table(["ID", "NAME", "CREATED"], &rows))
}

fn as_json(tenant: &Tenant) -> Value {
    json!({ "id": tenant.id, "name": tenant.name, "created": tenant.created.to_string() })
}

fn print(opened: &Opened, tenant: &Tenant) -> Result<(), Failure> {
    if opened.json {
        return output::print_json(&as_json(tenant));
    }
    output::print(&format!("tenant   {}\nname     {}\ncreated  {}", tenant.id, tenant.name, date(Some(tenant.created))))
}
