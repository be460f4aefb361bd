//! Lists whose order must be evaluated: one pass over what the plan lets through, which keeps no more places than the
//! page needs.

use std::collections::BinaryHeap;
use std::ops::ControlFlow;

use muster_store::compose::composed;
use muster_store::{PageStart, Place, PlacePage, ResourceQuery, StoreError};
use scim::sort::{SortKey, SortOrder};

use super::Listing;
use crate::Session;

/// More matches than that are not sorted in memory: the page would take too long, and each of its followers as long.
const MOST_SORTED: u64 = 100_000;
/// Sort keys that are kept at the same time.
const MOST_KEY_BYTES: usize = 64 << 20;

pub(super) async fn places<S: Session>(listing: Listing<'_, S>) -> Result<PlacePage, StoreError> {
    let query = listing.query;
    let filter = query.filter.as_ref().filter(|_| !listing.plan.is_exact);
    let mut nearest = Nearest::new(query, listing.direction());
    listing
        .visit(None, SortOrder::Ascending, |resource| {
            let shown = composed(&query.schema, resource)?;
            if filter.is_none_or(|filter| filter.matches(&shown)) {
                let key = query.sort.as_ref().and_then(|sort| sort.key_of(&shown));
                nearest.offer(Place { key, id: resource.id });
                nearest.check()?;
            }
            Ok(ControlFlow::Continue(()))
        })
        .await?;
    Ok(PlacePage { total: Some(nearest.total), ..nearest.into_places() })
}

/// The places that lie nearest behind the place where the page begins (before which it ends, respectively).
struct Nearest<'a> {
    query: &'a ResourceQuery,
    /// The direction in which the page is read.
    direction: SortOrder,
    /// The farthest on top, so that it is the first to go.
    kept: BinaryHeap<Directed>,
    /// One more than the page has, so that it is known whether the list goes on.
    most: usize,
    /// Whether anything lies on the other side of the place.
    has_other_side: bool,
    key_bytes: usize,
    total: u64,
}

impl<'a> Nearest<'a> {
    fn new(query: &'a ResourceQuery, forward: SortOrder) -> Self {
        let (direction, passed) = match &query.start {
            PageStart::Offset(offset) => (forward, *offset),
            PageStart::After(_) => (forward, 0),
            PageStart::Before(_) => (forward.reversed(), 0),
        };
        let most = if query.limit == 0 { 0 } else { passed.saturating_add(query.limit).saturating_add(1) };
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        Self { query, direction, kept: BinaryHeap::new(), most, has_other_side: false, key_bytes: 0, total: 0 }
    }

    fn offer(&mut self, place: Place) {
        self.total = self.total.saturating_add(1);
        if let PageStart::After(bound) | PageStart::Before(bound) = &self.query.start {
            let order = self.direction.applied(place.cmp(bound));
            if order.is_le() {
                // The place itself belongs to the page that the client comes from.
                self.has_other_side = true;
                return;
            }
        }
        self.key_bytes = self.key_bytes.saturating_add(size(&place));
        self.kept.push(Directed { place, direction: self.direction });
        if self.kept.len() > self.most
            && let Some(farthest) = self.kept.pop()
        {
            self.key_bytes = self.key_bytes.saturating_sub(size(&farthest.place));
        }
    }

    fn check(&self) -> Result<(), StoreError> {
        if self.total > MOST_SORTED || self.key_bytes > MOST_KEY_BYTES { Err(StoreError::TooBroad) } else { Ok(()) }
    }

    fn into_places(self) -> PlacePage {
        if self.query.limit == 0 {
            return PlacePage::default();
        }
        let limit = usize::try_from(self.query.limit).unwrap_or(usize::MAX);
        let mut places: Vec<Place> = self.kept.into_sorted_vec().into_iter().map(|directed| directed.place).collect();
        match self.query.start {
            PageStart::Offset(offset) => {
                let passed = usize::try_from(offset).unwrap_or(usize::MAX).min(places.len());
                places.drain(..passed);
                let has_after = places.len() > limit;
                places.truncate(limit);
                PlacePage { total: None, places, has_before: offset > 0, has_after }
            }
            PageStart::After(_) => {
                let has_after = places.len() > limit;
                places.truncate(limit);
                PlacePage { total: None, places, has_before: self.has_other_side, has_after }
            }
            PageStart::Before(_) => {
                let has_before = places.len() > limit;
                places.truncate(limit);
                places.reverse();
                PlacePage { total: None, places, has_before, has_after: self.has_other_side }
            }
        }
    }
}

/// What a kept place takes, roughly.
fn size(place: &Place) -> usize {
    let text = match &place.key {
        Some(SortKey::Text(text)) => text.len(),
        _ => 0,
    };
    text.saturating_add(size_of::<Directed>())
}

/// A place in the order in which it is read.
struct Directed {
    place: Place,
    direction: SortOrder,
}

impl Ord for Directed {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.direction.applied(self.place.cmp(&other.place))
    }
}

impl PartialOrd for Directed {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Directed {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Directed {}
