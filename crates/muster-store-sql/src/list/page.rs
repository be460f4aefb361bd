//! Puts a page together from pieces of a list that can be read forward and backward from any place.

use std::future::Future;

use muster_model::ResourceId;
use muster_store::{PageFill, PageStart, Place, PlacePage, ResourcePage, StoreError};
use scim::sort::{Sort, SortOrder};

use super::Listing;
use crate::Session;

/// A list that can be read piece by piece.
pub(super) trait Pieces {
    fn read(&self, piece: Piece<'_>) -> impl Future<Output = Result<Vec<Place>, StoreError>>;
}

/// At most `limit` places from behind `bound` on in that direction, after passing over `offset`.
#[derive(Clone, Copy)]
pub(super) struct Piece<'a> {
    pub(super) bound: Option<&'a Place>,
    pub(super) direction: SortOrder,
    pub(super) limit: u64,
    pub(super) offset: u64,
}

/// The page of a list that is read piece by piece; how many there are in all is left open.
pub(super) async fn places_of<S: Session>(
    listing: Listing<'_, S>,
    pieces: &impl Pieces,
) -> Result<PlacePage, StoreError> {
    let limit = listing.query.limit;
    if limit == 0 {
        return Ok(PlacePage::default());
    }
    let forward = listing.direction();
    let backward = forward.reversed();
    // One more than wanted tells whether the list goes on.
    let piece = Piece { bound: None, direction: forward, limit: limit.saturating_add(1), offset: 0 };
    let mut places = match &listing.query.start {
        PageStart::Offset(offset) => pieces.read(Piece { offset: *offset, ..piece }).await?,
        PageStart::After(place) => pieces.read(Piece { bound: Some(place), ..piece }).await?,
        PageStart::Before(place) => pieces.read(Piece { bound: Some(place), direction: backward, ..piece }).await?,
    };
    let goes_on = places.len() as u64 > limit;
    places.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let (has_before, has_after) = match &listing.query.start {
        PageStart::Offset(offset) => (*offset > 0, goes_on),
        PageStart::After(_) => (is_anything_behind(pieces, places.first(), backward).await?, goes_on),
        PageStart::Before(_) => {
            places.reverse();
            (goes_on, is_anything_behind(pieces, places.last(), forward).await?)
        }
    };
    Ok(PlacePage { total: None, places, has_before, has_after })
}

async fn is_anything_behind(
    pieces: &impl Pieces,
    edge: Option<&Place>,
    direction: SortOrder,
) -> Result<bool, StoreError> {
    match edge {
        Some(edge) => {
            let next = pieces.read(Piece { bound: Some(edge), direction, limit: 1, offset: 0 }).await?;
            Ok(!next.is_empty())
        }
        None => Ok(false),
    }
}

/// So many resources are read at once: few, so that a page that is full soon has not read many in vain.
const READ_AT_ONCE: usize = 50;

/// Reads the resources that stand at the places, as many as a page may hold: those that are nearest to where the page
/// begins, or to where it ends when it is read backward.
pub(super) async fn with_resources<S: Session>(
    mut page: PlacePage,
    listing: Listing<'_, S>,
) -> Result<ResourcePage, StoreError> {
    let is_read_backward = matches!(listing.query.start, PageStart::Before(_));
    if is_read_backward {
        page.places.reverse();
    }
    let mut fill = PageFill::default();
    let mut resources = Vec::with_capacity(page.places.len());
    for places in page.places.chunks(READ_AT_ONCE) {
        let ids: Vec<ResourceId> = places.iter().map(|place| place.id).collect();
        resources
            .extend(listing.read(&ids, listing.query.include).await?.into_iter().take_while(|one| fill.takes(one)));
        if fill.is_full() {
            break;
        }
    }
    page.places.truncate(resources.len());
    let mut keys: Vec<_> = page.places.into_iter().map(|place| place.key).collect();
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

impl<S: Session> Listing<'_, S> {
    pub(super) fn direction(self) -> SortOrder {
        self.query.sort.as_ref().map_or(SortOrder::Ascending, Sort::order)
    }
}
