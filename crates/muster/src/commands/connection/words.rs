//! How connections are told to people and programs.

use jiff::Timestamp;
use muster_app::connections::CreatedConnection;
use muster_model::{Connection, Tenant};
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
    document.insert("created".to_owned(), json!(connection.created.to_string()));
    document.insert("scim_base_url".to_owned(), json!(opened.scim_base_url(connection.id)));
    document
}

/// The same for people, one fact a line.
pub(super) fn as_text(opened: &Opened, connection: &Connection, tenant: &Tenant) -> String {
    format!(
        "connection     {}\nname           {}\nprovider       {}\ntenant         {}\nSCIM base URL  {}\n",
        connection.id,
        connection.name,
        connection.provider,
        tenant.name,
        opened.scim_base_url(connection.id),
    )
}

/// A connection with its new token: the only time that the token is shown.
pub(super) fn print_with_token(opened: &Opened, created: &CreatedConnection) -> Result<(), Failure> {
    let CreatedConnection { connection, tenant, token, expires } = created;
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
        date(*expires),
        connection.id,
    ))
}

/// A moment for people: to the minute, in UTC.
pub(super) fn date(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "never".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M UTC").to_string())
}
