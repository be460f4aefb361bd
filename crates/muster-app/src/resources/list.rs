//! Queries (RFC 7644 sections 3.4.2 and 3.4.3).

use std::sync::Arc;

use muster_model::StoredResource;
use muster_store::ResourceQuery;
use scim::filter::{CompiledFilter, Filter};
use scim::message::SearchRequest;
use scim::projection::Projection;
use scim::{Leniency, ResourceSchema};

use super::include_for;
use crate::{App, AppError, ScimCaller};

/// How many resources a page has when the client does not say.
pub const DEFAULT_COUNT: u64 = 100;
/// How many resources a page has at most (`filter.maxResults`).
pub const MAX_RESULTS: u64 = 1000;

/// One page of a query's answer.
pub struct ResourceList {
    /// All matches, not only those of this page.
    pub total: u64,
    /// 1-based index of the first match of this page.
    pub start_index: u64,
    /// Each with the schema of its type and the projection compiled for it.
    pub resources: Vec<(Arc<ResourceSchema>, StoredResource)>,
}

/// A query on one type's endpoint.
pub async fn list(
    app: &App,
    caller: &ScimCaller,
    schema: &Arc<ResourceSchema>,
    search: &SearchRequest,
    projection: &Projection,
) -> Result<ResourceList, AppError> {
    let page = page_of(search)?;
    let filter = parse(search, &caller.profile().leniency)?
        .map(|filter| filter.compile(schema, &caller.profile().leniency))
        .transpose()?;
    let (total, resources) = find(app, caller, schema, filter, page.offset, page.limit, projection).await?;
    let resources = resources.into_iter().map(|resource| (Arc::clone(schema), resource)).collect();
    Ok(ResourceList { total, start_index: page.offset + 1, resources })
}

/// A query over all types (RFC 7644 section 3.4.2.1). An attribute that a type does not have counts as having no value
/// there.
pub async fn list_all_types(app: &App, caller: &ScimCaller, search: &SearchRequest) -> Result<ResourceList, AppError> {
    let page = page_of(search)?;
    let leniency = &caller.profile().leniency;
    let filter = parse(search, leniency)?;
    if let Some(filter) = &filter {
        refuse_unknown_names(app, filter)?;
    }
    let mut list = ResourceList { total: 0, start_index: page.offset + 1, resources: Vec::new() };
    let (mut offset, mut limit) = (page.offset, page.limit);
    for schema in app.resource_schemas() {
        let compiled = filter.as_ref().map(|filter| filter.compile_or_absent(schema, leniency)).transpose()?;
        let projection = Projection::compile(schema, &search.attributes, &search.excluded_attributes)?;
        let (total, found) = find(app, caller, schema, compiled, offset, limit, &projection).await?;
        list.total += total;
        offset = offset.saturating_sub(total);
        limit = limit.saturating_sub(found.len() as u64);
        list.resources.extend(found.into_iter().map(|resource| (Arc::clone(schema), resource)));
    }
    Ok(list)
}

/// A name that no type knows is a mistake, not an absent value.
fn refuse_unknown_names(app: &App, filter: &Filter) -> Result<(), AppError> {
    let mut mistake = None;
    for name in filter.paths() {
        let known = app.resource_schemas().iter().any(|schema| match schema.resolve(name) {
            Ok(_) => true,
            Err(error) => {
                mistake.get_or_insert(error);
                false
            }
        });
        if !known {
            break;
        }
        mistake = None;
    }
    match mistake {
        None => Ok(()),
        Some(error) => Err(AppError::Scim(scim::Error::invalid_filter(error.detail))),
    }
}

struct Page {
    offset: u64,
    limit: u64,
}

fn page_of(search: &SearchRequest) -> Result<Page, AppError> {
    if search.sort_by.is_some() {
        return Err(AppError::NotSupported(
            "sorting is not supported (see sort.supported in /ServiceProviderConfig); leave out sortBy",
        ));
    }
    let limit = search.count().unwrap_or(DEFAULT_COUNT).min(MAX_RESULTS);
    Ok(Page { offset: search.start_index().saturating_sub(1), limit })
}

fn parse(search: &SearchRequest, leniency: &Leniency) -> Result<Option<Filter>, AppError> {
    Ok(search.filter.as_deref().map(|text| Filter::parse(text, leniency)).transpose()?)
}

async fn find(
    app: &App,
    caller: &ScimCaller,
    schema: &Arc<ResourceSchema>,
    filter: Option<CompiledFilter>,
    offset: u64,
    limit: u64,
    projection: &Projection,
) -> Result<(u64, Vec<StoredResource>), AppError> {
    let query =
        ResourceQuery { schema: Arc::clone(schema), filter, offset, limit, include: include_for(schema, projection) };
    let page = caller.directory(app).list_resources(&query).await?;
    Ok((page.total, page.resources))
}
