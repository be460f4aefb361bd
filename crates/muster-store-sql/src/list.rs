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
mod visit;

use muster_model::{ResourceId, StoredResource};
use muster_store::{Include, PlacePage, ResourcePage, ResourceQuery, StoreError};

use crate::{Plan, Session, View, damaged};
use order::SqlOrder;

/// A question, and what is at hand to answer it.
pub struct Listing<'a, S> {
    /// On one snapshot of the database.
    pub session: &'a S,
    pub view: View,
    pub query: &'a ResourceQuery,
    pub plan: &'a Plan,
}

impl<S> Clone for Listing<'_, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for Listing<'_, S> {}

/// Where the resources stand that the query asks for.
pub async fn places<S: Session>(listing: Listing<'_, S>) -> Result<PlacePage, StoreError> {
    match (SqlOrder::of(listing.query), &listing.query.filter) {
        (Some(order), _) if listing.plan.is_exact => indexed::places(listing, &order).await,
        (Some(SqlOrder::Id { is_key }), Some(filter)) => evaluated::places(listing, filter, is_key).await,
        _ => sorted::places(listing).await,
    }
}

/// The resources themselves, as many as a page may hold.
pub async fn resources<S: Session>(listing: Listing<'_, S>) -> Result<ResourcePage, StoreError> {
    page::with_resources(places(listing).await?, listing).await
}

impl<S: Session> Listing<'_, S> {
    /// Resources whose ids were read in the same snapshot.
    async fn read(self, ids: &[ResourceId], include: Include) -> Result<Vec<StoredResource>, StoreError> {
        self.session.check()?;
        let resource_type = self.query.resource_type();
        let resources = self.session.resources(self.view, &resource_type, ids, include).await?;
        if resources.len() == ids.len() { Ok(resources) } else { Err(damaged("resource: its document is missing")) }
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
