//! Lists in order of ids whose filter must be evaluated, one resource after another.

use std::ops::ControlFlow;

use muster_model::{ResourceId, StoredResource};
use muster_store::compose::composed;
use muster_store::{PageStart, Place, PlacePage, StoreError};
use scim::filter::CompiledFilter;
use scim::sort::SortOrder;

use super::Listing;
use super::order::{Cut, SqlOrder, cut_of_ids, sign, word};
use super::page::{Pieces, places_of};
use super::statement::Statement;
use crate::columns::{IdBytes, IdColumn};
use crate::read::column;

pub(super) fn places(listing: Listing<'_>, filter: &CompiledFilter, is_key: bool) -> Result<PlacePage, StoreError> {
    let matches = Matches { listing, filter, is_key };
    match listing.query.start {
        PageStart::Offset(offset) => matches.counted_page(offset),
        // A walk looks at no more than it shows, so that it costs as much as one list and not as much as a list a page.
        PageStart::After(_) | PageStart::Before(_) => {
            let total = if listing.query.counts_all { Some(matches.count()?) } else { None };
            Ok(PlacePage { total, ..places_of(listing, &matches)? })
        }
    }
}

struct Matches<'a> {
    listing: Listing<'a>,
    filter: &'a CompiledFilter,
    is_key: bool,
}

impl Matches<'_> {
    /// What comes through the plan is put together and evaluated.
    fn visit(
        &self,
        bound: Option<&Place>,
        direction: SortOrder,
        mut visit: impl FnMut(StoredResource) -> Result<ControlFlow<()>, StoreError>,
    ) -> Result<(), StoreError> {
        let listing = self.listing;
        let needed = listing.needed();
        let mut statement = Statement::new(listing);
        let behind = match cut_of_ids(self.is_key, bound, direction) {
            Cut::Nothing => return Ok(()),
            Cut::Everything => String::new(),
            Cut::Behind(place) => {
                format!(" AND r.id {} {}", sign(direction), statement.bind(place.id.bytes().to_vec()))
            }
        };
        let sql = format!("{}{behind} ORDER BY r.id {}", listing.plan.select(), word(direction));
        statement.run(&sql, |row| {
            listing.watch.check()?;
            let id = ResourceId::from_bytes(column::<IdBytes>(row, 0)?);
            let resource = listing.expect(id, needed)?;
            if !self.filter.matches(&composed(&listing.query.schema, &resource)) {
                return Ok(true);
            }
            visit(resource).map(|flow| flow.is_continue())
        })
    }

    /// A page by counting, and how many matches there are in all, in one pass.
    fn counted_page(&self, offset: u64) -> Result<PlacePage, StoreError> {
        let limit = self.listing.query.limit;
        let (mut total, mut places) = (0_u64, Vec::new());
        self.visit(None, self.listing.direction(), |resource| {
            if total >= offset && (places.len() as u64) < limit {
                places.push(Place { key: SqlOrder::key_of_id(self.is_key, resource.id), id: resource.id });
            }
            total = total.saturating_add(1);
            Ok(ControlFlow::Continue(()))
        })?;
        let has_after = total > offset.saturating_add(places.len() as u64);
        Ok(PlacePage { total: Some(total), places, has_before: offset > 0, has_after })
    }

    fn count(&self) -> Result<u64, StoreError> {
        let mut total = 0_u64;
        self.visit(None, SortOrder::Ascending, |_| {
            total = total.saturating_add(1);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(total)
    }
}

impl Pieces for Matches<'_> {
    fn read(
        &self,
        bound: Option<&Place>,
        direction: SortOrder,
        limit: u64,
        offset: u64,
    ) -> Result<Vec<Place>, StoreError> {
        let (mut passed, mut places) = (0_u64, Vec::new());
        self.visit(bound, direction, |resource| {
            if passed >= offset {
                places.push(Place { key: SqlOrder::key_of_id(self.is_key, resource.id), id: resource.id });
            }
            passed = passed.saturating_add(1);
            let is_full = places.len() as u64 >= limit;
            Ok(if is_full { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        Ok(places)
    }
}
