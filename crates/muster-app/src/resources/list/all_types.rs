//! Queries over all types (RFC 7644 section 3.4.2.1). An attribute that a type does not have counts as having no value
//! there.
//!
//! Without an order of the client's, pages by index go through one type after the other. Sorted pages and pages by cursor
//! are merged: each type gives its part of the page, and the best of all parts are the page.

use std::collections::HashMap;
use std::sync::Arc;

use muster_model::{ResourceId, StoredResource};
use muster_store::{Directory, PageFill, PageStart, PlacePage, ResourceQuery};
use scim::filter::Filter;
use scim::message::SearchRequest;
use scim::projection::Projection;
use scim::sort::{Sort, SortOrder};
use scim::{Leniency, ResourceSchema, ScimType};

use super::merging::{Completed, Found, Merged, Merging};
use super::narrowing::{Narrowed, narrowed};
use super::walk::Walk;
use super::{
    Paging, ResourceList, addresses, counted, include_for, limit, note_filter_repairs, offset, parse, sort_order,
};
use crate::cursor::Binding;
use crate::{App, AppError, ScimCaller};

/// A sorted page by index is merged from everything before it; deeper ones must be walked to by cursor.
const DEEPEST_SORTED: u64 = 10_000;

/// A query on the base address.
pub async fn list_all_types(app: &App, caller: &ScimCaller, search: &SearchRequest) -> Result<ResourceList, AppError> {
    let leniency = &caller.profile().leniency;
    let schemas = caller.resource_schemas();
    // Without an attribute to sort by there is nothing that could be turned round.
    let order = search.sort_by.as_ref().and(Some(sort_order(search)?)).unwrap_or_default();
    let filter = parse(search, leniency)?;
    if let Some(filter) = &filter {
        refuse_unknown_names(schemas, filter, leniency)?;
    }
    if let Some(name) = search.sort_by.as_deref() {
        refuse_unknown_order(schemas, name, leniency)?;
    }
    let queries = queries(caller, search, filter.as_ref(), order)?;
    note_filter_repairs(app, caller, schemas, search);
    let types = AllTypes { directory: caller.directory(app), queries, order, limit: limit(caller.profile(), search) };
    if search.cursor.is_some() {
        let binding = Binding::of(caller, None, search, filter.as_ref())?;
        return types.walked(app, &Walk::begin_or_resume(app, search, binding, types.limit).await?).await;
    }
    let (total, resources) = match search.sort_by {
        None => types.in_turn(offset(search)).await?,
        Some(_) => types.sorted(offset(search)).await?,
    };
    Ok(ResourceList { paging: Paging::Index { total, start_index: offset(search).saturating_add(1) }, resources })
}

/// One query a type; none for a type of which nothing can match.
fn queries(
    caller: &ScimCaller,
    search: &SearchRequest,
    filter: Option<&Filter>,
    order: SortOrder,
) -> Result<Vec<ResourceQuery>, AppError> {
    let mut queries = Vec::new();
    let profile = caller.profile();
    let leniency = &profile.leniency;
    for schema in caller.resource_schemas() {
        let compiled = match filter {
            None => None,
            Some(filter) => {
                let compiled = addresses::on_ids(filter.compile_or_absent(schema, leniency)?, schema)?;
                match narrowed(compiled, schema) {
                    Narrowed::Nothing => continue,
                    rest => rest.into_filter(),
                }
            }
        };
        let sort = search.sort_by.as_deref();
        let sort = sort.map(|name| Sort::compile_or_absent_leniently(schema, name, order, leniency)).transpose()?;
        let projection =
            Projection::compile_leniently(schema, &search.attributes, &search.excluded_attributes, leniency)?;
        let projection = profile.shown_in_lists(projection);
        queries.push(ResourceQuery {
            filter: compiled,
            sort,
            include: include_for(schema, &projection),
            ..ResourceQuery::first(Arc::clone(schema), limit(profile, search))
        });
    }
    Ok(queries)
}

/// So many resources of a merged page are read at once.
const READ_AT_ONCE: usize = 50;

struct AllTypes {
    directory: Arc<dyn Directory>,
    queries: Vec<ResourceQuery>,
    order: SortOrder,
    limit: u64,
}

impl AllTypes {
    async fn part(
        &self,
        query: &ResourceQuery,
        start: PageStart,
        limit: u64,
        counts_all: bool,
    ) -> Result<PlacePage, AppError> {
        let query = ResourceQuery { start, limit, counts_all, ..query.clone() };
        Ok(self.directory.list_places(&query).await?)
    }

    /// The resources of a merged page, as many as fit on one.
    async fn completed(&self, mut page: Vec<Merging<'_>>, is_backward: bool) -> Result<Completed, AppError> {
        if is_backward {
            page.reverse();
        }
        let mut fill = PageFill::default();
        let mut complete = Completed { resources: Vec::with_capacity(page.len()), ..Completed::default() };
        for part in page.chunks(READ_AT_ONCE) {
            let mut found = self.found(part).await?;
            for (place, query) in part {
                // What was deleted in the meantime is not shown, but a walk goes on from its place.
                if let Some(resource) = found.remove(&place.id) {
                    if !fill.takes(&resource) {
                        complete.ended_early = true;
                        return Ok(complete.in_order(is_backward));
                    }
                    complete.resources.push((Arc::clone(&query.schema), resource));
                }
                complete.first.get_or_insert_with(|| place.clone());
                complete.last = Some(place.clone());
            }
        }
        Ok(complete.in_order(is_backward))
    }

    async fn found(&self, part: &[Merging<'_>]) -> Result<HashMap<ResourceId, StoredResource>, AppError> {
        let mut found = HashMap::new();
        for query in &self.queries {
            let of_type = part.iter().filter(|(_, one)| std::ptr::eq(*one, query));
            let ids: Vec<ResourceId> = of_type.map(|(place, _)| place.id).collect();
            if !ids.is_empty() {
                let resources = self.directory.find_resources(&query.resource_type(), &ids, query.include).await?;
                found.extend(resources.into_iter().map(|resource| (resource.id, resource)));
            }
        }
        Ok(found)
    }

    /// One type after the other.
    async fn in_turn(&self, mut offset: u64) -> Result<(u64, Found), AppError> {
        let (mut total, mut found, mut limit) = (0_u64, Vec::new(), self.limit);
        for query in &self.queries {
            let query = ResourceQuery { start: PageStart::Offset(offset), limit, ..query.clone() };
            let page = self.directory.list_resources(&query).await?;
            let count = counted(page.total)?;
            total = total.saturating_add(count);
            offset = offset.saturating_sub(count);
            // A page that ended early goes on with this type before the next one's turn comes.
            limit = if page.has_after { 0 } else { limit.saturating_sub(page.resources.len() as u64) };
            found.extend(page.resources.into_iter().map(|resource| (Arc::clone(&query.schema), resource)));
        }
        Ok((total, found))
    }

    async fn sorted(&self, offset: u64) -> Result<(u64, Found), AppError> {
        let wanted = if self.limit == 0 { 0 } else { offset.saturating_add(self.limit) };
        if wanted > DEEPEST_SORTED {
            return Err(AppError::Scim(scim::Error::new(
                ScimType::TooMany,
                format!(
                    "a sorted query over all types shows the first {DEEPEST_SORTED} results by startIndex; \
                     go on by cursor, or query one type"
                ),
            )));
        }
        let mut merged = Merged::new(self.order);
        for query in &self.queries {
            merged.add(query, self.part(query, PageStart::Offset(0), wanted, true).await?);
        }
        let total = counted(merged.total)?;
        let passed = usize::try_from(offset).unwrap_or(usize::MAX);
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let page = merged.in_order().into_iter().skip(passed).take(limit).collect();
        Ok((total, self.completed(page, false).await?.resources))
    }

    async fn walked(&self, app: &App, walk: &Walk) -> Result<ResourceList, AppError> {
        let mut start = walk.start();
        let mut merged = self.merged(&start, walk.counts_all()).await?;
        if merged.places.is_empty() && matches!(start, PageStart::Before(_)) {
            // What came before is gone, so the first page is the one before.
            start = PageStart::Offset(0);
            merged = self.merged(&start, false).await?;
        }
        let total = merged.total.or(walk.total());
        let goes_on = merged.goes_on;
        let mut page = merged.in_order();
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let is_backward = matches!(start, PageStart::Before(_));
        let is_cut = page.len() > limit;
        if is_backward {
            page.drain(..page.len().saturating_sub(limit));
        } else {
            page.truncate(limit);
        }
        let page = self.completed(page, is_backward).await?;
        let goes_on = goes_on || is_cut || page.ended_early;
        // A page that was reached by a cursor has the page where that cursor came from on its other side.
        let (has_before, has_after) = match start {
            PageStart::Offset(_) => (false, goes_on),
            PageStart::After(_) => (true, goes_on),
            PageStart::Before(_) => (goes_on, true),
        };
        let (first, last) = (page.first.filter(|_| has_before), page.last.filter(|_| has_after));
        let cursors = walk.cursors(app, first, last, total).await?;
        Ok(ResourceList { paging: Paging::Cursor { total, cursors }, resources: page.resources })
    }

    /// The part of each type, put together.
    async fn merged(&self, start: &PageStart, counts_all: bool) -> Result<Merged<'_>, AppError> {
        let mut merged = Merged::new(self.order);
        for query in &self.queries {
            let page = self.part(query, start.clone(), self.limit, counts_all).await?;
            merged.goes_on |= match start {
                PageStart::Before(_) => page.has_before,
                PageStart::Offset(_) | PageStart::After(_) => page.has_after,
            };
            merged.add(query, page);
        }
        Ok(merged)
    }
}

/// A condition that no type can answer names something unknown, which is a mistake and not an absent value.
fn refuse_unknown_names(schemas: &[Arc<ResourceSchema>], filter: &Filter, leniency: &Leniency) -> Result<(), AppError> {
    for condition in filter.conditions() {
        first_success(schemas, |schema| condition.compile(schema, leniency).map(drop))?;
    }
    Ok(())
}

/// The same of what is sorted by.
fn refuse_unknown_order(schemas: &[Arc<ResourceSchema>], name: &str, leniency: &Leniency) -> Result<(), AppError> {
    first_success(schemas, |schema| Sort::compile_leniently(schema, name, SortOrder::Ascending, leniency).map(drop))
}

/// Fails with the first mistake when no type is content.
fn first_success(
    schemas: &[Arc<ResourceSchema>],
    check: impl Fn(&ResourceSchema) -> scim::Result<()>,
) -> Result<(), AppError> {
    let mut mistake = None;
    for schema in schemas {
        match check(schema) {
            Ok(()) => return Ok(()),
            Err(error) => {
                mistake.get_or_insert(error);
            }
        }
    }
    mistake.map_or(Ok(()), |mistake| Err(AppError::Scim(mistake)))
}
