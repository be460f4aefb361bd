//! `muster api-token`: who may call the management API.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use muster_app::api_tokens::{self, Lifetime, NewToken};
use muster_app::tenants;
use muster_model::{ApiToken, ApiTokenId, Permission, Permissions, Reach};
use serde_json::{Value, json};

use super::connection::{Opened, SharedFlags, date};
use crate::failure::Failure;
use crate::output;

/// Let programs call the management API: issue, list and revoke tokens.
///
/// A token is of the whole installation or of one tenant, and may do what it was given permissions for.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  muster api-token create ci --permission connections:read --permission connections:create"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Create(CreateArguments),
    List(ListArguments),
    Revoke(RevokeArguments),
    Permissions(PermissionsArguments),
}

/// Issue a token, shown this once.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  muster api-token create ci --tenant acme --permission connections:read --expires-in-days 90"
)]
struct CreateArguments {
    /// What it is for.
    name: String,
    /// What it may do; may be given several times. `muster api-token permissions` lists them.
    #[arg(long = "permission", value_name = "PERMISSION", required_unless_present = "all_permissions")]
    permissions: Vec<Permission>,
    /// Everything.
    #[arg(long, conflicts_with = "permissions")]
    all_permissions: bool,
    /// Only in this tenant.
    #[arg(long)]
    tenant: Option<String>,
    /// How long it lives.
    #[arg(long, value_name = "DAYS", default_value_t = api_tokens::LIFETIME_DAYS, conflicts_with = "never_expires")]
    expires_in_days: u32,
    /// It lives until somebody revokes it.
    #[arg(long)]
    never_expires: bool,
    #[command(flatten)]
    shared: SharedFlags,
}

/// List the tokens, never the secrets.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster api-token list --json")]
struct ListArguments {
    #[command(flatten)]
    shared: SharedFlags,
}

/// Revoke a token: it is refused from the next call on.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster api-token revoke tok_019a2b3c4d5e7f60718293a4b5c6d7e8")]
struct RevokeArguments {
    /// The token's id, as `muster api-token list` shows it.
    id: ApiTokenId,
    #[command(flatten)]
    shared: SharedFlags,
}

/// List what a token can be allowed to do.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster api-token permissions")]
struct PermissionsArguments {
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// As many are read together.
const PAGE: usize = 1000;

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    match arguments.action {
        Action::Create(arguments) => create(arguments).await,
        Action::List(ListArguments { shared }) => shared.with_installation(list).await,
        Action::Revoke(RevokeArguments { id, shared }) => {
            shared
                .with_installation(async |opened| {
                    api_tokens::revoke(&opened.app, &opened.access, id).await?;
                    if opened.json {
                        return output::print_json(&json!({ "id": id, "revoked": true }));
                    }
                    output::print(&format!("{id} is revoked."))
                })
                .await
        }
        Action::Permissions(PermissionsArguments { json }) => list_permissions(json),
    }?;
    Ok(ExitCode::SUCCESS)
}

async fn create(arguments: CreateArguments) -> Result<(), Failure> {
    let CreateArguments { name, permissions, all_permissions, tenant, expires_in_days, never_expires, shared } =
        arguments;
    let permissions = if all_permissions { Permissions::all() } else { permissions.into_iter().collect() };
    let lifetime = if never_expires { Lifetime::Unlimited } else { Lifetime::Days(expires_in_days) };
    shared
        .with_installation_made(async |opened| {
            let reach = match tenant {
                None => Reach::Environment,
                Some(name) => Reach::Tenant(tenants::find(&opened.app, &opened.access, name.into()).await?.id),
            };
            let new = NewToken { name, reach, permissions, lifetime };
            let issued = api_tokens::issue(&opened.app, &opened.access, new).await?;
            let record = &issued.record;
            if opened.json {
                let mut document = as_json(record);
                if let Some(document) = document.as_object_mut() {
                    document.insert("token".to_owned(), json!(issued.token.expose()));
                }
                return output::print_json(&document);
            }
            output::print(&format!(
                "API token    {}\nname         {}\nof           {}\nmay          {}\nexpires      {}\ntoken        {}\n\nThe \
                 token is shown this once and kept nowhere.",
                record.id,
                record.name,
                reach_in_words(record),
                record.permissions,
                date(record.expires),
                issued.token.expose(),
            ))
        })
        .await
}

async fn list(opened: &Opened) -> Result<(), Failure> {
    let mut found: Vec<ApiToken> = Vec::new();
    loop {
        let after = found.last().map(|token| token.id);
        let (page, has_more) = api_tokens::list(&opened.app, &opened.access, after, PAGE).await?;
        found.extend(page);
        if !has_more {
            break;
        }
    }
    if opened.json {
        return output::print_json(&json!({ "api_tokens": found.iter().map(as_json).collect::<Vec<_>>() }));
    }
    if found.is_empty() {
        return output::print("There are no API tokens; `muster api-token create NAME --permission …` issues one.");
    }
    let rows: Vec<_> = found
        .into_iter()
        .map(|token| {
            let (of, permissions) = (reach_in_words(&token), token.permissions.to_string());
            let last_used = date(token.last_used);
            [token.id.to_string(), token.name, of, token.last_four, date(token.expires), last_used, permissions]
        })
        .collect();
    let headings = ["ID", "NAME", "OF", "ENDS IN", "EXPIRES", "LAST USED", "MAY"];
    output::print(&output::table(headings, &rows))
}

fn list_permissions(is_json: bool) -> Result<(), Failure> {
    let all = Permission::ALL.iter();
    if is_json {
        let documents: Vec<_> = all.map(|one| json!({ "name": one.as_str(), "allows_to": one.words() })).collect();
        return output::print_json(&json!({ "permissions": documents }));
    }
    let rows: Vec<_> = all.map(|one| [one.to_string(), one.words().to_owned()]).collect();
    output::print(&output::table(["PERMISSION", "ALLOWS TO"], &rows))
}

fn reach_in_words(token: &ApiToken) -> String {
    token.reach.tenant().map_or_else(|| "the whole installation".to_owned(), |tenant| tenant.to_string())
}

fn as_json(token: &ApiToken) -> Value {
    json!({
        "id": token.id,
        "tenant": token.reach.tenant(),
        "name": token.name,
        "permissions": token.permissions.iter().map(Permission::as_str).collect::<Vec<_>>(),
        "last_four": token.last_four,
        "created": token.created.to_string(),
        "expires": token.expires.map(|at| at.to_string()),
        "last_used": token.last_used.map(|at| at.to_string()),
    })
}
