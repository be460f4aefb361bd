//! Whoever is deleted is nobody's manager any more (RFC 7644 section 3.6): the reference to him goes with him.

use std::sync::Arc;

use muster_model::ResourceId;
use muster_store::{ResourceQuery, Write, keys};
use scim::filter::Filter;
use scim::schema::{ENTERPRISE_USER, USER};
use scim::{Document, Leniency, ResourceSchema};
use serde_json::Value;

use super::{content_instead, type_name};
use crate::{App, AppError, ScimCaller};

/// As many people lose their manager in one batch. A batch holds up the other writers while it is applied.
const MOST_REPORTS: u64 = 1000;

/// Whom a deletion leaves without a manager.
pub(super) struct Reports {
    /// Takes the reference out of their documents; empty for almost everybody.
    pub(super) writes: Vec<Write>,
    /// There may be more, which the next look finds once these are written.
    pub(super) are_all: bool,
}

/// Finds those whose manager is `id`. `schema` is the type of the one to be deleted: only people are managers.
pub(super) async fn reports(
    app: &App,
    caller: &ScimCaller,
    schema: &Arc<ResourceSchema>,
    id: ResourceId,
) -> Result<Reports, AppError> {
    if schema.base().id != USER || schema.extension(ENTERPRISE_USER).is_none() {
        return Ok(Reports { writes: Vec::new(), are_all: true });
    }
    let strict = Leniency::STRICT;
    let filter = Filter::parse(&format!("{} eq \"{id}\"", keys::MANAGER), &strict)?.compile(schema, &strict)?;
    let query = ResourceQuery {
        filter: Some(filter),
        counts_all: false,
        ..ResourceQuery::first(Arc::clone(schema), MOST_REPORTS)
    };
    let found = caller.directory(app).list_resources(&query).await?.resources;
    let are_all = (found.len() as u64) < MOST_REPORTS;
    let mut writes = Vec::with_capacity(found.len());
    for report in found {
        // Who is deleted himself needs no new version before.
        if report.id == id {
            continue;
        }
        let before = report.document.into_document()?;
        let mut document = before.clone();
        take_manager(&mut document);
        writes.push(Write::Update {
            id: report.id,
            resource_type: type_name(schema),
            expected: Some(report.version),
            content: Some(content_instead(schema, &before, document, &caller.profile().leniency)?),
            members: None,
        });
    }
    Ok(Reports { writes, are_all })
}

fn take_manager(document: &mut Document) {
    let Some(Value::Object(extension)) = document.get_mut(ENTERPRISE_USER) else { return };
    extension.shift_remove("manager");
    // The normal form has nothing empty.
    if extension.is_empty() {
        document.shift_remove(ENTERPRISE_USER);
    }
}
