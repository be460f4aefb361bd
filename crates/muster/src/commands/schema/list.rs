//! `muster schema list`.

use clap::Args;
use muster_app::schemas::{self, Origin, Overview};
use serde_json::{Value, json};

use super::TenantFlags;
use crate::failure::Failure;
use crate::output;

/// List a tenant's resource types and schemas, where each comes from, and the packs.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster schema list --tenant default --json")]
pub(super) struct Arguments {
    #[command(flatten)]
    flags: TenantFlags,
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let TenantFlags { tenant, shared } = arguments.flags;
    shared
        .with_installation(async |opened| {
            let overview = schemas::list(&opened.app, &opened.access, tenant.as_deref()).await?;
            if opened.json { output::print_json(&as_json(&overview)) } else { output::print(&as_text(&overview)) }
        })
        .await
}

fn as_json(overview: &Overview) -> Value {
    let types = overview.resource_types.iter().map(|listed| {
        json!({
            "name": listed.resource_type.name,
            "endpoint": listed.resource_type.endpoint,
            "schema": listed.resource_type.schema,
            "schemaExtensions": listed.resource_type.schema_extensions,
            "from": origin(listed.origin),
        })
    });
    let schemas = overview.schemas.iter().map(|listed| {
        json!({
            "id": listed.schema.id,
            "name": listed.schema.name,
            "attributes": listed.schema.attributes.len(),
            "used_by": listed.used_by,
            "from": origin(listed.origin),
        })
    });
    let packs = overview
        .packs
        .iter()
        .map(|(pack, is_enabled)| json!({ "name": pack.name, "title": pack.title, "enabled": is_enabled }));
    json!({
        "tenant": overview.tenant.name,
        "resource_types": types.collect::<Vec<_>>(),
        "schemas": schemas.collect::<Vec<_>>(),
        "packs": packs.collect::<Vec<_>>(),
    })
}

fn as_text(overview: &Overview) -> String {
    let types: Vec<_> = overview
        .resource_types
        .iter()
        .map(|listed| {
            let one = &listed.resource_type;
            [one.name.clone(), one.endpoint.clone(), one.schema.clone(), origin(listed.origin)]
        })
        .collect();
    let schemas: Vec<_> = overview
        .schemas
        .iter()
        .map(|listed| {
            let used_by = if listed.used_by.is_empty() { "-".to_owned() } else { listed.used_by.join(", ") };
            [listed.schema.id.clone(), used_by, origin(listed.origin)]
        })
        .collect();
    let packs: Vec<_> = overview
        .packs
        .iter()
        .map(|(pack, is_enabled)| {
            [pack.name.to_owned(), if *is_enabled { "on" } else { "off" }.to_owned(), pack.title.to_owned()]
        })
        .collect();
    format!(
        "{}\n{}\n{}",
        output::table(["RESOURCE TYPE", "ENDPOINT", "SCHEMA", "FROM"], &types),
        output::table(["SCHEMA", "USED BY", "FROM"], &schemas),
        output::table(["PACK", "IS", "WHAT IT BRINGS"], &packs),
    )
}

fn origin(origin: Origin) -> String {
    match origin {
        Origin::BuiltIn => "Muster".to_owned(),
        Origin::Pack(name) => format!("pack {name}"),
        Origin::Own => "this tenant".to_owned(),
    }
}
