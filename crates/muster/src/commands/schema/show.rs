//! `muster schema show`.

use std::fmt::Write as _;

use clap::Args;
use muster_app::schemas::{self, Shown};
use scim::Schema;
use scim::schema::{Attribute, RESOURCE_TYPE, ResourceType, SCHEMA};
use serde_json::{Value, json};

use super::TenantFlags;
use crate::failure::Failure;
use crate::output;

/// Show one schema with its attributes, or one resource type; with --json the document, which `add` takes again.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster schema show urn:ietf:params:scim:schemas:core:2.0:User --json")]
pub(super) struct Arguments {
    /// The schema's URN or the resource type's name, as `muster schema list` shows it.
    name: String,
    #[command(flatten)]
    flags: TenantFlags,
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { name, flags: TenantFlags { tenant, shared } } = arguments;
    shared
        .with_installation(async |opened| {
            match schemas::show(&opened.app, &opened.access, tenant.as_deref(), &name).await? {
                Shown::Schema(schema) if opened.json => print_document(SCHEMA, serde_json::to_value(&*schema)),
                Shown::ResourceType(one) if opened.json => print_document(RESOURCE_TYPE, serde_json::to_value(one)),
                Shown::Schema(schema) => output::print(&schema_as_text(&schema)),
                Shown::ResourceType(one) => output::print(&type_as_text(&one)),
            }
        })
        .await
}

fn print_document(urn: &str, document: Result<Value, serde_json::Error>) -> Result<(), Failure> {
    let document = document.map_err(|error| Failure::new("the document could not be written").because(error))?;
    let mut whole = serde_json::Map::new();
    whole.insert("schemas".to_owned(), json!([urn]));
    if let Value::Object(members) = document {
        whole.extend(members);
    }
    output::print_json(&Value::Object(whole))
}

fn type_as_text(one: &ResourceType) -> String {
    let mut text = format!(
        "resource type  {}\nendpoint       {}\nfor            {}\nschema         {}\n",
        one.name, one.endpoint, one.description, one.schema
    );
    for extension in &one.schema_extensions {
        let required = if extension.required { "required" } else { "optional" };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "extension      {} ({required})", extension.schema);
    }
    text
}

fn schema_as_text(schema: &Schema) -> String {
    let mut rows = Vec::new();
    for attribute in &schema.attributes {
        rows.push(row(attribute, ""));
        rows.extend(attribute.sub_attributes.iter().map(|sub| row(sub, "  .")));
    }
    format!(
        "schema  {}\nname    {}\nfor     {}\n\n{}",
        schema.id,
        schema.name,
        schema.description,
        output::table(["ATTRIBUTE", "TYPE", "REQUIRED", "MUTABILITY", "RETURNED", "UNIQUE IN"], &rows)
    )
}

fn row(attribute: &Attribute, indent: &str) -> [String; 6] {
    let list = if attribute.multi_valued { "list of " } else { "" };
    let required = if attribute.required { "yes" } else { "no" };
    [
        format!("{indent}{}", attribute.name),
        format!("{list}{}", word(&attribute.attribute_type)),
        required.to_owned(),
        word(&attribute.mutability),
        word(&attribute.returned),
        word(&attribute.uniqueness),
    ]
}

/// The standard's word for a characteristic.
fn word(characteristic: &impl serde::Serialize) -> String {
    match serde_json::to_value(characteristic) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}
