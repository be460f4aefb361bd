//! How connections are told to people and programs.

use std::fmt::Write as _;

use jiff::Timestamp;
use muster_app::connections::CreatedConnection;
use muster_app::profile;
use muster_model::{Connection, OverrideChanges, Tenant};
use serde_json::{Map, Value, json};

use super::Opened;
use crate::failure::Failure;
use crate::output;

/// What every answer about a connection begins with.
pub(super) fn as_json(opened: &Opened, connection: &Connection, tenant: &Tenant) -> Map<String, Value> {
    let mut document = Map::new();
    document.insert("id".to_owned(), json!(connection.id.to_string()));
    document.insert("tenant".to_owned(), json!(tenant.name));
    document.insert("name".to_owned(), json!(connection.name));
    document.insert("provider".to_owned(), json!(connection.provider.as_str()));
    document.insert("overrides".to_owned(), json!(connection.overrides));
    document.insert("created".to_owned(), json!(connection.created.to_string()));
    document.insert("scim_base_url".to_owned(), json!(opened.scim_base_url(connection.id)));
    document.insert("scim_1_1_base_url".to_owned(), json!(opened.scim_1_1_base_url(connection.id)));
    document
}

/// The same for people, one fact a line.
pub(super) fn as_text(opened: &Opened, connection: &Connection, tenant: &Tenant) -> String {
    let mut text = format!(
        "connection     {}\nname           {}\nprovider       {}\ntenant         {}\nSCIM base URL  {}\nfor SCIM 1.1   {}\n",
        connection.id,
        connection.name,
        connection.provider,
        tenant.name,
        opened.scim_base_url(connection.id),
        opened.scim_1_1_base_url(connection.id),
    );
    for (knob, value) in connection.overrides.iter() {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "override       {knob}={value}");
    }
    text
}

/// Reads settings such as `members_in_lists=false`.
pub(super) fn knob_changes(settings: &[String]) -> Result<OverrideChanges, Failure> {
    profile::check_changes(settings.iter().map(String::as_str)).map_err(|problem| Failure::usage(problem.to_string()))
}

/// A connection with its new token: the only time that the token is shown.
pub(super) fn print_with_token(opened: &Opened, created: &CreatedConnection) -> Result<(), Failure> {
    let CreatedConnection { connection, tenant, token, credential } = created;
    let expires = credential.expires;
    if opened.json {
        let mut document = as_json(opened, connection, tenant);
        document.insert("token".to_owned(), json!(token.expose()));
        document.insert("token_expires".to_owned(), json!(expires.map(|at| at.to_string())));
        return output::print_json(&Value::Object(document));
    }
    let reach = if muster_config::network::is_loopback(&opened.public_url) {
        "\nThat SCIM base URL works on this machine only; for others set public_url, for example in muster.toml.\n"
    } else {
        ""
    };
    output::print(&format!(
        "{}token          {}\ntoken expires  {}\n\nThe token is shown this once and kept nowhere: give it to the identity \
         provider now.\nA lost one is replaced by: muster connection token rotate {}\n{reach}",
        as_text(opened, connection, tenant),
        token.expose(),
        date(expires),
        connection.id,
    ))
}

/// A moment for people: to the minute, in UTC.
pub(in crate::commands) fn date(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "never".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M UTC").to_string())
}
