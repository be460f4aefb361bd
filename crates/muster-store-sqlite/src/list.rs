//! Lists of resources: places first, from an index where there is one; then each resource by its key.
//!
//! Three ways, from cheap to dear: [`indexed`] when SQL answers both filter and order; [`evaluated`] when the filter must
//! be evaluated but the order is that of ids; [`sorted`] when the order must be evaluated too.

mod evaluated;
mod indexed;
mod key_walk;
mod order;
mod page;
mod sorted;
mod statement;

use muster_model::{ResourceId, StoredResource};
use muster_store::{Include, ResourcePage, ResourceQuery, StoreError};
use rusqlite::Connection;

use crate::failure::damaged;
use crate::pushdown::Plan;
use crate::read;
use crate::view::View;
use crate::watch::Watch;
use order::SqlOrder;

pub(crate) fn list_resources(
    connection: &Connection,
    view: View,
    query: &ResourceQuery,
    plan: &Plan,
    watch: &Watch,
) -> Result<ResourcePage, StoreError> {
    let listing = Listing { connection, view, query, plan, watch };
    match (SqlOrder::of(query), &query.filter) {
        (Some(order), _) if plan.is_exact => indexed::page(listing, &order),
        (Some(SqlOrder::Id { is_key }), Some(filter)) => evaluated::page(listing, filter, is_key),
        _ => sorted::page(listing),
    }
}

#[derive(Clone, Copy)]
struct Listing<'a> {
    connection: &'a Connection,
    view: View,
    query: &'a ResourceQuery,
    plan: &'a Plan,
    watch: &'a Watch,
}

impl Listing<'_> {
    /// A resource whose id was read in the same snapshot.
    fn expect(self, id: ResourceId, include: Include) -> Result<StoredResource, StoreError> {
        let resource_type = self.query.resource_type();
        read::find_resource(self.connection, self.view, &resource_type, id, include)?
            .ok_or_else(|| damaged("resource: its document is missing"))
    }

    /// The rows that filter and order need beside the document.
    fn needed(self) -> Include {
        let is_needed = |attribute: &str| {
            self.query.filter.as_ref().is_some_and(|filter| filter.mentions(attribute))
                || self.query.sort.as_ref().is_some_and(|sort| sort.mentions(attribute))
        };
        Include { members: is_needed("members"), groups: is_needed("groups") }
    }
}
