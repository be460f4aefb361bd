//! A query on one resource's address (RFC 7644 section 3.4.2.1): does it fulfil the filter?

use std::sync::Arc;

use muster_model::ResourceId;
use muster_store::{Include, ResourceQuery};
use scim::ResourceSchema;
use scim::filter::{CompareOperator, Comparison, CompiledFilter, TypedValue};
use scim::message::SearchRequest;
use scim::projection::Projection;
use scim::schema::ResolvedPath;

use super::super::{find, not_found};
use super::{Paging, ResourceList, addresses, counted, include_for, parse};
use crate::{App, AppError, ScimCaller};

/// The resource in a list of one, or an empty list when it does not fulfil the filter. An id that nobody has is refused
/// as it is without a filter.
pub async fn list_one_resource(
    app: &App,
    caller: &ScimCaller,
    schema: &Arc<ResourceSchema>,
    id: &str,
    search: &SearchRequest,
    projection: &Projection,
) -> Result<ResourceList, AppError> {
    let leniency = &caller.profile().leniency;
    let id = ResourceId::parse(id).ok_or_else(|| not_found(schema))?;
    let mut conditions = Vec::new();
    if let Some(filter) = parse(search, leniency)? {
        conditions.push(addresses::on_ids(filter.compile(schema, leniency)?, schema)?);
    }
    find(app, caller, schema, id, Include::default()).await?;
    if let Some(attribute) = schema.attribute("id") {
        let path = ResolvedPath { extension: None, attribute: Arc::clone(attribute), sub_attribute: None };
        let value = TypedValue::Exact(id.to_string());
        conditions.push(CompiledFilter::Compare(Comparison { path, operator: CompareOperator::Equal, value }));
    }
    let query = ResourceQuery {
        filter: Some(CompiledFilter::And(conditions)),
        include: include_for(schema, projection),
        ..ResourceQuery::first(Arc::clone(schema), 1)
    };
    let page = caller.directory(app).list_resources(&query).await?;
    let resources = page.resources.into_iter().map(|resource| (Arc::clone(schema), resource)).collect();
    Ok(ResourceList { paging: Paging::Index { total: counted(page.total)?, start_index: 1 }, resources })
}
