//! Queries (RFC 7644 sections 3.4.2 and 3.4.3, RFC 9865).

mod all_types;
mod merging;
mod narrowing;
mod one_resource;
mod walk;

use std::sync::Arc;

use muster_model::StoredResource;
use muster_store::{PageStart, ResourceQuery};
use scim::filter::{Filter, repairs_of};
use scim::message::{PageCursors, SearchRequest};
use scim::projection::Projection;
use scim::sort::{Sort, SortOrder};
use scim::{Leniency, ResourceSchema};

use super::{addresses, include_for, note_repairs};
use crate::cursor::Binding;
use crate::{App, AppError, Profile, ScimCaller};
use narrowing::narrowed;
use walk::Walk;

pub use all_types::list_all_types;
pub use one_resource::list_one_resource;

/// One page of a query's answer.
pub struct ResourceList {
    pub paging: Paging,
    /// Each with the schema of its type.
    pub resources: Vec<(Arc<ResourceSchema>, StoredResource)>,
}

/// How the client pages. Without a word from it by index, as before cursors came (RFC 9865 section 2.4).
pub enum Paging {
    Index {
        /// All matches, not only those of this page.
        total: u64,
        /// 1-based index of the first match of this page.
        start_index: u64,
    },
    Cursor {
        /// All matches; on later pages of a dear query those that there were on the first.
        total: Option<u64>,
        cursors: PageCursors,
    },
}

/// A query on one type's endpoint.
pub async fn list(
    app: &App,
    caller: &ScimCaller,
    schema: &Arc<ResourceSchema>,
    search: &SearchRequest,
    projection: &Projection,
) -> Result<ResourceList, AppError> {
    let leniency = &caller.profile().leniency;
    let order = sort_order(search)?;
    let sort =
        search.sort_by.as_deref().map(|name| Sort::compile_leniently(schema, name, order, leniency)).transpose()?;
    let filter = parse(search, leniency)?;
    let compiled = match &filter {
        None => None,
        Some(filter) => narrowed(addresses::on_ids(filter.compile(schema, leniency)?, schema)?, schema).into_filter(),
    };
    let mut query = ResourceQuery {
        filter: compiled,
        sort,
        include: include_for(schema, projection),
        ..ResourceQuery::first(Arc::clone(schema), limit(caller.profile(), search))
    };
    note_filter_repairs(app, caller, std::slice::from_ref(schema), search);
    let directory = caller.directory(app);
    let in_schema =
        |resources: Vec<StoredResource>| resources.into_iter().map(|resource| (Arc::clone(schema), resource)).collect();
    if search.cursor.is_none() {
        query.start = PageStart::Offset(offset(search));
        let page = directory.list_resources(&query).await?;
        let paging = Paging::Index { total: counted(page.total)?, start_index: offset(search).saturating_add(1) };
        return Ok(ResourceList { paging, resources: in_schema(page.resources) });
    }
    let binding = Binding::of(caller, Some(&schema.resource_type().name), search, filter.as_ref())?;
    let walk = Walk::begin_or_resume(app, search, binding, query.limit).await?;
    (query.start, query.counts_all) = (walk.start(), walk.counts_all());
    let mut page = directory.list_resources(&query).await?;
    let is_gone = page.resources.is_empty() && matches!(query.start, PageStart::Before(_));
    if is_gone {
        // What came before is gone, so the first page is the one before.
        query.start = PageStart::Offset(0);
        page = directory.list_resources(&query).await?;
    }
    let (first, last) = (page.first_place(), page.last_place());
    let total = page.total.or(walk.total());
    let cursors = walk.cursors(app, first.filter(|_| page.has_before), last.filter(|_| page.has_after), total).await?;
    Ok(ResourceList { paging: Paging::Cursor { total, cursors }, resources: in_schema(page.resources) })
}

/// The page size: what the client wants, up to the most that its profile allows (RFC 7644 section 3.4.2.4).
fn limit(profile: &Profile, search: &SearchRequest) -> u64 {
    search.count().unwrap_or(u64::from(profile.default_page_size)).min(u64::from(profile.max_page_size))
}

/// Names the liberties that the filter took, which was understood already.
fn note_filter_repairs(app: &App, caller: &ScimCaller, schemas: &[Arc<ResourceSchema>], search: &SearchRequest) {
    let Some(text) = &search.filter else { return };
    let mut repairs = scim::Repairs::new();
    for schema in schemas {
        for repair in repairs_of(text, schema, &caller.profile().leniency) {
            if !repairs.contains(&repair) {
                repairs.push(repair);
            }
        }
    }
    note_repairs(app, caller, &repairs);
}

/// How many matches lie before the page.
fn offset(search: &SearchRequest) -> u64 {
    search.start_index().saturating_sub(1)
}

/// A word that is no order is a mistake also where nothing is sorted.
fn sort_order(search: &SearchRequest) -> Result<SortOrder, scim::Error> {
    search.sort_order.as_deref().map_or(Ok(SortOrder::default()), SortOrder::parse)
}

fn parse(search: &SearchRequest, leniency: &Leniency) -> Result<Option<Filter>, scim::Error> {
    search.filter.as_deref().map(|text| Filter::parse(text, leniency)).transpose()
}

fn counted(total: Option<u64>) -> Result<u64, AppError> {
    total.ok_or_else(|| AppError::Internal("the store answered a list without counting it".into()))
}
