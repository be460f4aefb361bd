//! Lists of resources.

use std::cmp::Ordering;
use std::sync::Arc;

use muster_model::{ResourceId, StoredResource, TypeName};
use scim::ResourceSchema;
use scim::filter::CompiledFilter;
use scim::sort::{Sort, SortKey, compare_keys};

/// Which rows beside the document are wanted. Leaving out a large group's members is what makes
/// `excludedAttributes=members` cheap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Include {
    pub members: bool,
    pub groups: bool,
}

/// Where a resource stands in a list: by its sort key, then by its id. A place stays meaningful when the resource that
/// stood there has changed or is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// `None` when the list is not sorted by an attribute, or the resource has no value there.
    pub key: Option<SortKey>,
    pub id: ResourceId,
}

impl Ord for Place {
    /// The ascending order; a descending list is its exact reverse.
    fn cmp(&self, other: &Self) -> Ordering {
        compare_keys(self.key.as_ref(), other.key.as_ref()).then_with(|| self.id.cmp(&other.id))
    }
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Where a page begins or ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageStart {
    /// How many matches to pass over.
    Offset(u64),
    /// The page begins with the first match behind that place, in the list's order.
    After(Place),
    /// The page ends with the last match before that place, in the list's order.
    Before(Place),
}

/// A question for a page of one type's resources.
#[derive(Clone, Debug)]
pub struct ResourceQuery {
    pub schema: Arc<ResourceSchema>,
    pub filter: Option<CompiledFilter>,
    /// `None`: in order of ids, which is the order of creation.
    pub sort: Option<Sort>,
    pub start: PageStart,
    /// How many matches to return at most; 0 only counts. It may be fewer: see [`ResourcePage::MOST_ROWS`] and
    /// [`ResourcePage::MOST_BYTES`].
    pub limit: u64,
    pub include: Include,
    /// Whether [`ResourcePage::total`] must be there, also when that means to look at every resource.
    pub counts_all: bool,
}

impl ResourceQuery {
    /// The first resources of a type: no filter, in order of ids, without rows beside the document.
    pub fn first(schema: Arc<ResourceSchema>, limit: u64) -> Self {
        Self {
            schema,
            filter: None,
            sort: None,
            start: PageStart::Offset(0),
            limit,
            include: Include::default(),
            counts_all: true,
        }
    }

    pub fn resource_type(&self) -> TypeName {
        TypeName::new(&self.schema.resource_type().name)
    }
}

/// A page of a list without its resources: cheap to merge with others, however large the resources are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlacePage {
    /// As [`ResourcePage::total`].
    pub total: Option<u64>,
    pub places: Vec<Place>,
    /// As [`ResourcePage::has_before`].
    pub has_before: bool,
    /// As [`ResourcePage::has_after`].
    pub has_after: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ResourcePage {
    /// All matches, not only those of this page. `None` only where the query did not insist and no index knows.
    pub total: Option<u64>,
    pub resources: Vec<StoredResource>,
    /// The sort key of each resource, in the same order.
    pub keys: Vec<Option<SortKey>>,
    /// Whether the list has matches before this page. Of a page that is empty nothing is said.
    pub has_before: bool,
    /// Whether the list has matches behind this page. Of a page that is empty nothing is said.
    pub has_after: bool,
}

impl ResourcePage {
    /// How many rows of members and groups a page holds at most, counted over its resources. A page ends early rather
    /// than hold more, which RFC 7644 section 3.4.2.4 allows (`itemsPerPage` may be less than `count`); then it has fewer
    /// resources than the limit although the list goes on behind it (before it, when the query said
    /// [`PageStart::Before`]). A resource that has more rows by itself is a page by itself.
    pub const MOST_ROWS: u64 = 50_000;

    /// How many bytes of memory the documents and labels of a page take at most, roughly; a page ends early as by
    /// [`Self::MOST_ROWS`]. A thousand people of the usual kind take a tenth of it.
    pub const MOST_BYTES: usize = 32 << 20;

    /// Where the first resource of the page stands.
    pub fn first_place(&self) -> Option<Place> {
        Some(Place { id: self.resources.first()?.id, key: self.keys.first()?.clone() })
    }

    /// Where the last resource of the page stands.
    pub fn last_place(&self) -> Option<Place> {
        Some(Place { id: self.resources.last()?.id, key: self.keys.last()?.clone() })
    }
}
