//! `muster held show`.

use std::fmt::Write as _;

use clap::Args;
use muster_app::held::{self, Selection};
use muster_model::{HeldId, Member};
use serde_json::{Value, json};

use super::super::connection::{SharedFlags, date};
use super::words;
use crate::failure::Failure;
use crate::output;

/// Show one held change, with every member whom it concerns.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster held show hld_019a2b3c4d5e7f60718293a4b5c6d7e8")]
pub(super) struct Arguments {
    /// Id of the held change, as `muster held list` shows it.
    id: HeldId,
    #[command(flatten)]
    shared: SharedFlags,
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { id, shared } = arguments;
    shared
        .with_installation(async |opened| {
            let found = held::list(&opened.app, &opened.access, &Selection::Ids(vec![id])).await?;
            let mut shown = Vec::with_capacity(found.len());
            for one in &found {
                shown.push((one, held::members(&opened.app, &opened.access, one).await?));
            }
            if opened.json {
                let documents = shown.iter().map(|(one, members)| {
                    let mut document = words::json_of(one);
                    if let Value::Object(document) = &mut document {
                        document.insert("members".to_owned(), members.iter().map(member_json).collect());
                    }
                    document
                });
                return output::print_json(&json!({ "held": documents.collect::<Vec<_>>() }));
            }
            let mut text = String::new();
            for (one, members) in &shown {
                let operation = &one.operation;
                // Writing to a String cannot fail.
                let _ = writeln!(
                    text,
                    "held           {}\nwhat           {}\nresource       {}\nconnection     {} {}\ntenant         {}\nsince          \
                     {}\nrequest        {}",
                    operation.id,
                    words::what(one),
                    operation.resource,
                    operation.connection,
                    words::quoted(&one.connection.name),
                    one.tenant.name,
                    date(Some(operation.at)),
                    operation.request.as_deref().unwrap_or("unknown"),
                );
                for member in members {
                    let name = member.display.as_deref().map(words::quoted).unwrap_or_default();
                    let _ = writeln!(text, "member         {} {name}", member.id);
                }
            }
            output::print(&text)
        })
        .await
}

fn member_json(member: &Member) -> Value {
    json!({ "id": member.id.to_string(), "type": member.resource_type.as_str(), "label": member.display })
}
