//! Puts a page together from pieces of a list that can be read forward and backward from any place.

use muster_store::{PageFill, PageStart, Place, PlacePage, ResourcePage, StoreError};
use scim::sort::{Sort, SortOrder};

use super::Listing;

/// A list that can be read piece by piece.
pub(super) trait Pieces {
    /// At most `limit` places from behind `bound` on in that direction, after passing over `offset`.
    fn read(
        &self,
        bound: Option<&Place>,
        direction: SortOrder,
        limit: u64,
        offset: u64,
    ) -> Result<Vec<Place>, StoreError>;
}

/// The page of a list that is read piece by piece; how many there are in all is left open.
pub(super) fn places_of(listing: Listing<'_>, pieces: &impl Pieces) -> Result<PlacePage, StoreError> {
    let limit = listing.query.limit;
    if limit == 0 {
        return Ok(PlacePage::default());
    }
    let forward = listing.direction();
    let backward = forward.reversed();
    // One more than wanted tells whether the list goes on.
    let wanted = limit.saturating_add(1);
    let mut places = match &listing.query.start {
        PageStart::Offset(offset) => pieces.read(None, forward, wanted, *offset)?,
        PageStart::After(place) => pieces.read(Some(place), forward, wanted, 0)?,
        PageStart::Before(place) => pieces.read(Some(place), backward, wanted, 0)?,
    };
    let goes_on = places.len() as u64 > limit;
    places.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let is_there = |edge: Option<&Place>, direction| match edge {
        Some(edge) => pieces.read(Some(edge), direction, 1, 0).map(|found| !found.is_empty()),
        None => Ok(false),
    };
    let (has_before, has_after) = match &listing.query.start {
        PageStart::Offset(offset) => (*offset > 0, goes_on),
        PageStart::After(_) => (is_there(places.first(), backward)?, goes_on),
        PageStart::Before(_) => {
            places.reverse();
            (goes_on, is_there(places.last(), forward)?)
        }
    };
    Ok(PlacePage { total: None, places, has_before, has_after })
}

/// Reads the resources that stand at the places, as many as a page may hold: those that are nearest to where the page
/// begins, or to where it ends when it is read backward.
pub(super) fn with_resources(mut page: PlacePage, listing: Listing<'_>) -> Result<ResourcePage, StoreError> {
    let is_read_backward = matches!(listing.query.start, PageStart::Before(_));
    if is_read_backward {
        page.places.reverse();
    }
    let mut fill = PageFill::default();
    let mut resources = Vec::with_capacity(page.places.len());
    let mut keys = Vec::with_capacity(page.places.len());
    for place in page.places {
        listing.watch.check()?;
        let resource = listing.expect(place.id, listing.query.include)?;
        if !fill.takes(&resource) {
            break;
        }
        resources.push(resource);
        keys.push(place.key);
    }
    if is_read_backward {
        resources.reverse();
        keys.reverse();
    }
    let (has_before, has_after) = if is_read_backward {
        (page.has_before || fill.is_full(), page.has_after)
    } else {
        (page.has_before, page.has_after || fill.is_full())
    };
    Ok(ResourcePage { total: page.total, resources, keys, has_before, has_after })
}

impl Listing<'_> {
    pub(super) fn direction(self) -> SortOrder {
        self.query.sort.as_ref().map_or(SortOrder::Ascending, Sort::order)
    }
}
