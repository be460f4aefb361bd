//! The places of several types, merged into one page.

use std::sync::Arc;

use muster_model::StoredResource;
use muster_store::{Place, PlacePage, ResourceQuery};
use scim::ResourceSchema;
use scim::sort::SortOrder;

pub(super) type Found = Vec<(Arc<ResourceSchema>, StoredResource)>;
/// A place, and the query of the type that stands there.
pub(super) type Merging<'a> = (Place, &'a ResourceQuery);

#[derive(Default)]
pub(super) struct Completed {
    pub(super) resources: Found,
    /// The places between which the page lies, also where what stood there is gone by now.
    pub(super) first: Option<Place>,
    pub(super) last: Option<Place>,
    /// Because it holds so much.
    pub(super) ended_early: bool,
}

impl Completed {
    /// In the list's order, also when it was read backward.
    pub(super) fn in_order(mut self, is_backward: bool) -> Self {
        if is_backward {
            self.resources.reverse();
            std::mem::swap(&mut self.first, &mut self.last);
        }
        self
    }
}

pub(super) struct Merged<'a> {
    order: SortOrder,
    pub(super) places: Vec<Merging<'a>>,
    /// `None` as soon as one type does not know.
    pub(super) total: Option<u64>,
    pub(super) goes_on: bool,
}

impl<'a> Merged<'a> {
    pub(super) fn new(order: SortOrder) -> Self {
        Self { order, places: Vec::new(), total: Some(0), goes_on: false }
    }

    pub(super) fn add(&mut self, query: &'a ResourceQuery, page: PlacePage) {
        self.total = self.total.zip(page.total).map(|(sum, one)| sum.saturating_add(one));
        self.places.extend(page.places.into_iter().map(|place| (place, query)));
    }

    pub(super) fn in_order(mut self) -> Vec<Merging<'a>> {
        self.places.sort_by(|(left, _), (right, _)| self.order.applied(left.cmp(right)));
        self.places
    }
}
