//! The parts of several types, merged into one page.

use std::sync::Arc;

use muster_model::StoredResource;
use muster_store::{Place, ResourcePage};
use scim::ResourceSchema;
use scim::sort::SortOrder;

pub(super) type Found = Vec<(Arc<ResourceSchema>, StoredResource)>;
pub(super) type Merging = (Place, (Arc<ResourceSchema>, StoredResource));

#[derive(Default)]
pub(super) struct Completed {
    pub(super) resources: Found,
    /// The places between which the page lies, also where what stood there is gone by now.
    pub(super) first: Option<Place>,
    pub(super) last: Option<Place>,
    /// Because it holds so many members and groups.
    pub(super) ended_early: bool,
}

pub(super) struct Merged {
    order: SortOrder,
    pub(super) resources: Vec<Merging>,
    /// `None` as soon as one type does not know.
    pub(super) total: Option<u64>,
    pub(super) goes_on: bool,
}

impl Merged {
    pub(super) fn new(order: SortOrder) -> Self {
        Self { order, resources: Vec::new(), total: Some(0), goes_on: false }
    }

    pub(super) fn add(&mut self, schema: &Arc<ResourceSchema>, page: ResourcePage) {
        self.total = self.total.zip(page.total).map(|(sum, one)| sum.saturating_add(one));
        self.resources.extend(page.resources.into_iter().zip(page.keys).map(|(resource, key)| {
            let place = Place { key, id: resource.id };
            (place, (Arc::clone(schema), resource))
        }));
    }

    pub(super) fn in_order(mut self) -> Vec<Merging> {
        self.resources.sort_by(|(left, _), (right, _)| self.order.applied(left.cmp(right)));
        self.resources
    }
}
