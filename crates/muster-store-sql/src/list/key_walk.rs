//! All resources of a type in the order of an indexed attribute: along the index, and then, or before when descending,
//! those that have no entry in it.

use muster_model::ResourceId;
use muster_store::{Place, Scope, StoreError};
use scim::sort::{SortKey, SortOrder};

use super::Listing;
use super::indexed::bound_key;
use super::order::{sign, word};
use super::page::{Piece, Pieces};
use super::statement::Statement;
use crate::{Session, View, damaged, resource_count};

pub(super) struct KeyWalk<'a, S> {
    pub(super) listing: Listing<'a, S>,
    /// In SCIM notation, as in the index.
    pub(super) attribute: &'a str,
}

#[derive(Clone, Copy, PartialEq)]
enum Region {
    Keyed,
    Missing,
}

impl<S: Session> Pieces for KeyWalk<'_, S> {
    async fn read(&self, piece: Piece<'_>) -> Result<Vec<Place>, StoreError> {
        let regions = match piece.direction {
            SortOrder::Ascending => [Region::Keyed, Region::Missing],
            SortOrder::Descending => [Region::Missing, Region::Keyed],
        };
        let begins_in = piece.bound.map(|place| if place.key.is_some() { Region::Keyed } else { Region::Missing });
        let mut places = Vec::new();
        let mut passed = begins_in.is_none();
        let mut offset = piece.offset;
        for region in regions {
            let is_begin = begins_in == Some(region);
            passed |= is_begin;
            let limit = piece.limit.saturating_sub(places.len() as u64);
            if !passed || limit == 0 {
                continue;
            }
            let bound = piece.bound.filter(|_| is_begin);
            let found = self.read_region(region, Piece { bound, limit, offset, ..piece }).await?;
            if found.is_empty() && offset > 0 {
                offset = offset.saturating_sub(self.count(region).await?);
            } else {
                offset = 0;
            }
            places.extend(found);
        }
        Ok(places)
    }
}

/// A walk passes over at most so many entries of others for each one of the scope, on average.
const MOST_FOREIGN: u64 = 16;

impl<S: Session> KeyWalk<'_, S> {
    /// Who owns few of many would pass over everybody else's entries; sorting his few costs less.
    pub(super) async fn is_worth_while(listing: Listing<'_, S>) -> Result<bool, StoreError> {
        if listing.view.owner().is_none() {
            return Ok(true);
        }
        let resource_type = listing.query.resource_type();
        let whole = View { scope: Scope::Tenant, ..listing.view };
        let own = resource_count::count(listing.session, listing.view, &resource_type).await?;
        let all = resource_count::count(listing.session, whole, &resource_type).await?;
        Ok(own.saturating_mul(MOST_FOREIGN) >= all)
    }

    /// Leaves out the entries of resources that are not seen.
    fn seen(&self, statement: &mut Statement<'_, S>) -> String {
        self.listing.view.owner().map_or_else(String::new, |owner| {
            let owner = statement.bind(owner);
            format!("CROSS JOIN resource AS r ON r.tenant = ?1 AND r.id = k.id AND r.brought_by IS NOT DISTINCT FROM {owner} ")
        })
    }

    async fn read_region(&self, region: Region, piece: Piece<'_>) -> Result<Vec<Place>, StoreError> {
        match region {
            Region::Keyed => self.keyed(piece).await,
            // Looking for those that lack an entry means looking at all; counting is much cheaper, and mostly there are
            // none.
            Region::Missing if self.count(Region::Missing).await? == 0 => Ok(Vec::new()),
            Region::Missing => self.missing(piece).await,
        }
    }

    async fn keyed(&self, piece: Piece<'_>) -> Result<Vec<Place>, StoreError> {
        let mut statement = Statement::new(self.listing);
        let attribute = statement.bind(self.attribute);
        // An entry with an empty text is no value. Said of an expression, so that this condition does not lead, which would
        // mean to begin at the end of the index for each page.
        let range = match piece.bound.and_then(|place| Some((bound_key(place)?, place.id))) {
            None => "k.value > ''".to_owned(),
            Some((key, id)) => format!(
                "(k.value, k.id) {} ({}, {}) AND (k.value || '') > ''",
                sign(piece.direction),
                statement.bind(key),
                statement.bind(id)
            ),
        };
        let (word, window) = (word(piece.direction), statement.window(piece.limit, piece.offset));
        let seen = self.seen(&mut statement);
        let sql = format!(
            "SELECT k.id, k.value FROM resource_key AS k {seen}\
             WHERE k.tenant = ?1 AND k.type = ?2 AND k.attribute = {attribute} AND {range} \
             ORDER BY k.value {word}, k.id {word} {window}"
        );
        let rows = statement.rows(&sql).await?;
        rows.into_iter().map(|mut row| Ok(Place { key: Some(SortKey::Text(row.take(1)?)), id: row.take(0)? })).collect()
    }

    async fn missing(&self, piece: Piece<'_>) -> Result<Vec<Place>, StoreError> {
        let mut statement = Statement::new(self.listing);
        let attribute = statement.bind(self.attribute);
        let behind = match piece.bound {
            None => String::new(),
            Some(place) => format!(" AND r.id {} {}", sign(piece.direction), statement.bind(place.id)),
        };
        let (word, window) = (word(piece.direction), statement.window(piece.limit, piece.offset));
        let rows = self.listing.plan.select();
        let sql = format!(
            "{rows}{behind} \
             AND NOT EXISTS (SELECT 1 FROM resource_key AS k INDEXED BY resource_key_of_resource \
                             WHERE k.tenant = ?1 AND k.id = r.id AND k.type IS NOT DISTINCT FROM ?2 \
                             AND k.attribute IS NOT DISTINCT FROM {attribute} \
                             AND k.value > '') \
             ORDER BY r.id {word} {window}"
        );
        let rows = statement.rows(&sql).await?;
        rows.into_iter().map(|mut row| Ok(Place { key: None, id: row.take::<ResourceId>(0)? })).collect()
    }

    async fn count(&self, region: Region) -> Result<u64, StoreError> {
        let mut statement = Statement::new(self.listing);
        let (attribute, seen) = (statement.bind(self.attribute), self.seen(&mut statement));
        let sql = format!(
            "SELECT count(*) FROM resource_key AS k {seen}\
             WHERE k.tenant = ?1 AND k.type = ?2 AND k.attribute = {attribute} AND k.value > ''"
        );
        let row = statement.rows(&sql).await?.into_iter().next();
        let keyed = row.map_or(Ok(0), |mut row| row.take::<i64>(0))?;
        let keyed = u64::try_from(keyed).map_err(|_| damaged("count of index entries"))?;
        if region == Region::Keyed {
            return Ok(keyed);
        }
        let all =
            resource_count::count(self.listing.session, self.listing.view, &self.listing.query.resource_type()).await?;
        Ok(all.saturating_sub(keyed))
    }
}
