//! Which orders SQL can give, and where a place lies in them.

use muster_model::ResourceId;
use muster_store::keys::is_keyed;
use muster_store::{PageStart, Place, ResourceQuery};
use scim::schema::{AttributeType, ResolvedPath};
use scim::sort::{Sort, SortKey, SortOrder};

/// An order that comes from columns. It must agree with [`Sort::key_of`].
#[derive(Clone, Debug, PartialEq)]
pub(super) enum SqlOrder {
    /// By id; `is_key`: because the query sorts by `id`, so that the id is the sort key too.
    Id { is_key: bool },
    /// By a time of the narrow row.
    Time(&'static str),
    /// By an entry of the look-up index, of which each resource has at most one.
    Key(String),
}

/// How a place cuts the list in two, for the rows of one type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cut<'a> {
    /// All rows lie behind the place.
    Everything,
    /// No row lies behind the place.
    Nothing,
    Behind(&'a Place),
}

impl SqlOrder {
    pub(super) fn of(query: &ResourceQuery) -> Option<Self> {
        let order = match query.sort.as_ref().and_then(Sort::path) {
            None => Self::Id { is_key: false },
            Some(path) => Self::of_path(path)?,
        };
        let fits = match &query.start {
            PageStart::Offset(_) => true,
            PageStart::After(place) | PageStart::Before(place) => order.fits(place.key.as_ref()),
        };
        fits.then_some(order)
    }

    fn of_path(path: &ResolvedPath) -> Option<Self> {
        let sub_attribute = path.sub_attribute.as_ref();
        if path.extension.is_none() {
            match (path.attribute.name.as_str(), sub_attribute.map(|sub| sub.name.as_str())) {
                ("id", None) => return Some(Self::Id { is_key: true }),
                ("meta", Some("created")) => return Some(Self::Time("r.created")),
                ("meta", Some("lastModified")) => return Some(Self::Time("r.last_modified")),
                _ => {}
            }
        }
        let has_one_value = !path.attribute.multi_valued && sub_attribute.is_none_or(|sub| !sub.multi_valued);
        let is_text = matches!(path.definition().attribute_type, AttributeType::String | AttributeType::Reference);
        (has_one_value && is_text && is_keyed(path)).then(|| Self::Key(path.notation()))
    }

    /// Whether a place has a key of this order's kind. A query over several types may meet one of another kind; then the
    /// order is evaluated.
    fn fits(&self, key: Option<&SortKey>) -> bool {
        match self {
            Self::Id { is_key: false } => true,
            Self::Id { is_key: true } => matches!(key, Some(SortKey::Text(_))),
            Self::Time(_) => matches!(key, Some(SortKey::Instant(_))),
            Self::Key(_) => matches!(key, None | Some(SortKey::Text(_))),
        }
    }

    /// The sort key of a row that is ordered by its id.
    pub(super) fn key_of_id(is_key: bool, id: ResourceId) -> Option<SortKey> {
        is_key.then(|| SortKey::Text(id.to_string()))
    }
}

/// Where a place lies among rows that are ordered by id.
pub(super) fn cut_of_ids(is_key: bool, place: Option<&Place>, direction: SortOrder) -> Cut<'_> {
    match place {
        None => Cut::Everything,
        // The rows have no key, and such rows come last when ascending.
        Some(place) if !is_key && place.key.is_some() => match direction {
            SortOrder::Ascending => Cut::Everything,
            SortOrder::Descending => Cut::Nothing,
        },
        Some(place) => Cut::Behind(place),
    }
}

pub(super) fn word(direction: SortOrder) -> &'static str {
    match direction {
        SortOrder::Ascending => "ASC",
        SortOrder::Descending => "DESC",
    }
}

/// The comparison that holds for rows behind a place.
pub(super) fn sign(direction: SortOrder) -> &'static str {
    match direction {
        SortOrder::Ascending => ">",
        SortOrder::Descending => "<",
    }
}
