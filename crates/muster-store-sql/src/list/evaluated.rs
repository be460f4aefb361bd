//! Lists in order of ids whose filter must be evaluated, one resource after another.

use std::ops::ControlFlow;

use muster_model::ResourceId;
use muster_store::compose::composed;
use muster_store::{PageStart, Place, PlacePage, StoreError};
use scim::filter::CompiledFilter;
use scim::sort::SortOrder;

use super::Listing;
use super::order::{Cut, SqlOrder, cut_of_ids};
use super::page::{Piece, Pieces, places_of};
use crate::Session;

pub(super) async fn places<S: Session>(
    listing: Listing<'_, S>,
    filter: &CompiledFilter,
    is_key: bool,
) -> Result<PlacePage, StoreError> {
    let matches = Matches { listing, filter, is_key };
    match listing.query.start {
        PageStart::Offset(offset) => matches.counted_page(offset).await,
        // A walk looks at no more than it shows, so that it costs as much as one list and not as much as a list a page.
        PageStart::After(_) | PageStart::Before(_) => {
            let total = if listing.query.counts_all { Some(matches.count().await?) } else { None };
            Ok(PlacePage { total, ..places_of(listing, &matches).await? })
        }
    }
}

struct Matches<'a, S> {
    listing: Listing<'a, S>,
    filter: &'a CompiledFilter,
    is_key: bool,
}

impl<S: Session> Matches<'_, S> {
    /// What comes through the plan is put together and evaluated.
    async fn visit(
        &self,
        bound: Option<&Place>,
        direction: SortOrder,
        mut visit: impl FnMut(ResourceId) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let bound = match cut_of_ids(self.is_key, bound, direction) {
            Cut::Nothing => return Ok(()),
            Cut::Everything => None,
            Cut::Behind(place) => Some(place.id),
        };
        let schema = &self.listing.query.schema;
        self.listing
            .visit(bound, direction, |resource| {
                let is_match = self.filter.matches(&composed(schema, resource)?);
                Ok(if is_match { visit(resource.id) } else { ControlFlow::Continue(()) })
            })
            .await
    }

    fn place(&self, id: ResourceId) -> Place {
        Place { key: SqlOrder::key_of_id(self.is_key, id), id }
    }

    /// A page by counting, and how many matches there are in all, in one pass.
    async fn counted_page(&self, offset: u64) -> Result<PlacePage, StoreError> {
        let limit = self.listing.query.limit;
        let (mut total, mut places) = (0_u64, Vec::new());
        self.visit(None, self.listing.direction(), |id| {
            if total >= offset && (places.len() as u64) < limit {
                places.push(self.place(id));
            }
            total = total.saturating_add(1);
            ControlFlow::Continue(())
        })
        .await?;
        let has_after = total > offset.saturating_add(places.len() as u64);
        Ok(PlacePage { total: Some(total), places, has_before: offset > 0, has_after })
    }

    async fn count(&self) -> Result<u64, StoreError> {
        let mut total = 0_u64;
        self.visit(None, SortOrder::Ascending, |_| {
            total = total.saturating_add(1);
            ControlFlow::Continue(())
        })
        .await?;
        Ok(total)
    }
}

impl<S: Session> Pieces for Matches<'_, S> {
    async fn read(&self, piece: Piece<'_>) -> Result<Vec<Place>, StoreError> {
        let (mut passed, mut places) = (0_u64, Vec::new());
        self.visit(piece.bound, piece.direction, |id| {
            if passed >= piece.offset {
                places.push(self.place(id));
            }
            passed = passed.saturating_add(1);
            let is_full = places.len() as u64 >= piece.limit;
            if is_full { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .await?;
        Ok(places)
    }
}
