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
use muster_store::{Include, PlacePage, ResourcePage, ResourceQuery, StoreError};
use rusqlite::Connection;

use crate::failure::damaged;
use crate::pushdown::Plan;
use crate::read;
use crate::view::View;
use crate::watch::Watch;
use order::SqlOrder;

/// A question, and what is at hand to answer it.
#[derive(Clone, Copy)]
pub(crate) struct Listing<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) view: View,
    pub(crate) query: &'a ResourceQuery,
    pub(crate) plan: &'a Plan,
    pub(crate) watch: &'a Watch,
}

/// Where the resources stand that the query asks for.
pub(crate) fn places(listing: Listing<'_>) -> Result<PlacePage, StoreError> {
    match (SqlOrder::of(listing.query), &listing.query.filter) {
        (Some(order), _) if listing.plan.is_exact => indexed::places(listing, &order),
        (Some(SqlOrder::Id { is_key }), Some(filter)) => evaluated::places(listing, filter, is_key),
        _ => sorted::places(listing),
    }
}

/// The resources themselves, as many as a page may hold.
pub(crate) fn resources(listing: Listing<'_>) -> Result<ResourcePage, StoreError> {
    page::with_resources(places(listing)?, listing)
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
