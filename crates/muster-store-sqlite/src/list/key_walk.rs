//! All resources of a type in the order of an indexed attribute: along the index, and then, or before when descending,
//! those that have no entry in it.

use muster_model::ResourceId;
use muster_store::{Place, Scope, StoreError};
use scim::sort::{SortKey, SortOrder};

use super::Listing;
use super::indexed::bound_key;
use super::order::{sign, word};
use super::page::Pieces;
use super::statement::Statement;
use crate::columns::{IdBytes, IdColumn};
use crate::failure::damaged;
use crate::read::{self, column};
use crate::view::View;

pub(super) struct KeyWalk<'a> {
    pub(super) listing: Listing<'a>,
    /// In SCIM notation, as in the index.
    pub(super) attribute: &'a str,
}

#[derive(Clone, Copy, PartialEq)]
enum Region {
    Keyed,
    Missing,
}

impl Pieces for KeyWalk<'_> {
    fn read(
        &self,
        bound: Option<&Place>,
        direction: SortOrder,
        limit: u64,
        offset: u64,
    ) -> Result<Vec<Place>, StoreError> {
        let regions = match direction {
            SortOrder::Ascending => [Region::Keyed, Region::Missing],
            SortOrder::Descending => [Region::Missing, Region::Keyed],
        };
        let begins_in = bound.map(|place| if place.key.is_some() { Region::Keyed } else { Region::Missing });
        let mut places = Vec::new();
        let mut passed = begins_in.is_none();
        let mut offset = offset;
        for region in regions {
            let is_begin = begins_in == Some(region);
            passed |= is_begin;
            let wanted = limit.saturating_sub(places.len() as u64);
            if !passed || wanted == 0 {
                continue;
            }
            let found = self.read_region(region, bound.filter(|_| is_begin), direction, wanted, offset)?;
            if found.is_empty() && offset > 0 {
                offset = offset.saturating_sub(self.count(region)?);
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

impl KeyWalk<'_> {
    /// Who owns few of many would pass over everybody else's entries; sorting his few costs less.
    pub(super) fn is_worth_while(listing: Listing<'_>) -> Result<bool, StoreError> {
        if listing.view.owner().is_none() {
            return Ok(true);
        }
        let resource_type = listing.query.resource_type();
        let whole = View { scope: Scope::Tenant, ..listing.view };
        let own = read::count(listing.connection, listing.view, &resource_type)?;
        let all = read::count(listing.connection, whole, &resource_type)?;
        Ok(own.saturating_mul(MOST_FOREIGN) >= all)
    }

    /// Leaves out the entries of resources that are not seen.
    fn seen(&self, statement: &mut Statement<'_>) -> String {
        self.listing.view.owner().map_or_else(String::new, |owner| {
            let owner = statement.bind(owner.to_vec());
            format!("CROSS JOIN resource AS r ON r.tenant = ?1 AND r.id = k.id AND r.brought_by = {owner} ")
        })
    }

    fn read_region(
        &self,
        region: Region,
        bound: Option<&Place>,
        direction: SortOrder,
        limit: u64,
        offset: u64,
    ) -> Result<Vec<Place>, StoreError> {
        match region {
            Region::Keyed => self.keyed(bound, direction, limit, offset),
            // Looking for those that lack an entry means looking at all; counting is much cheaper, and mostly there are
            // none.
            Region::Missing if self.count(Region::Missing)? == 0 => Ok(Vec::new()),
            Region::Missing => self.missing(bound, direction, limit, offset),
        }
    }

    fn keyed(
        &self,
        bound: Option<&Place>,
        direction: SortOrder,
        limit: u64,
        offset: u64,
    ) -> Result<Vec<Place>, StoreError> {
        let (statement, sql) = self.keyed_sql(bound, direction, limit, offset);
        let mut places = Vec::new();
        statement.run(&sql, |row| {
            let id = ResourceId::from_bytes(column::<IdBytes>(row, 0)?);
            places.push(Place { key: Some(SortKey::Text(column(row, 1)?)), id });
            Ok(true)
        })?;
        Ok(places)
    }

    fn keyed_sql(
        &self,
        bound: Option<&Place>,
        direction: SortOrder,
        limit: u64,
        offset: u64,
    ) -> (Statement<'_>, String) {
        let mut statement = Statement::new(self.listing);
        let attribute = statement.bind(self.attribute.to_owned());
        // An entry with an empty text is no value. The `+` keeps that condition from leading, which would mean to begin at
        // the end of the index for each page.
        let range = match bound.and_then(|place| Some((bound_key(place)?, place.id))) {
            None => "k.value > ''".to_owned(),
            Some((key, id)) => format!(
                "(k.value, k.id) {} ({}, {}) AND +k.value > ''",
                sign(direction),
                statement.bind(key),
                statement.bind(id.bytes().to_vec())
            ),
        };
        let (word, window) = (word(direction), statement.window(limit, offset));
        let seen = self.seen(&mut statement);
        let sql = format!(
            "SELECT k.id, k.value FROM resource_key AS k {seen}\
             WHERE k.tenant = ?1 AND k.type = ?2 AND k.attribute = {attribute} AND {range} \
             ORDER BY k.value {word}, k.id {word} {window}"
        );
        (statement, sql)
    }

    fn missing(
        &self,
        bound: Option<&Place>,
        direction: SortOrder,
        limit: u64,
        offset: u64,
    ) -> Result<Vec<Place>, StoreError> {
        let (statement, sql) = self.missing_sql(bound, direction, limit, offset);
        let mut places = Vec::new();
        statement.run(&sql, |row| {
            places.push(Place { key: None, id: ResourceId::from_bytes(column::<IdBytes>(row, 0)?) });
            Ok(true)
        })?;
        Ok(places)
    }

    fn missing_sql(
        &self,
        bound: Option<&Place>,
        direction: SortOrder,
        limit: u64,
        offset: u64,
    ) -> (Statement<'_>, String) {
        let mut statement = Statement::new(self.listing);
        let attribute = statement.bind(self.attribute.to_owned());
        let behind = match bound {
            None => String::new(),
            Some(place) => format!(" AND r.id {} {}", sign(direction), statement.bind(place.id.bytes().to_vec())),
        };
        let (word, window) = (word(direction), statement.window(limit, offset));
        let rows = self.listing.plan.select();
        let sql = format!(
            "{rows}{behind} \
             AND NOT EXISTS (SELECT 1 FROM resource_key AS k INDEXED BY resource_key_of_resource \
                             WHERE k.tenant = ?1 AND k.id = r.id AND k.type = ?2 AND k.attribute = {attribute} \
                             AND k.value > '') \
             ORDER BY r.id {word} {window}"
        );
        (statement, sql)
    }

    fn count(&self, region: Region) -> Result<u64, StoreError> {
        let mut statement = Statement::new(self.listing);
        let (attribute, seen) = (statement.bind(self.attribute.to_owned()), self.seen(&mut statement));
        let sql = format!(
            "SELECT count(*) FROM resource_key AS k {seen}\
             WHERE k.tenant = ?1 AND k.type = ?2 AND k.attribute = {attribute} AND k.value > ''"
        );
        let mut keyed = None;
        statement.run(&sql, |row| {
            keyed = u64::try_from(column::<i64>(row, 0)?).ok();
            Ok(false)
        })?;
        let keyed = keyed.ok_or_else(|| damaged("count of index entries"))?;
        if region == Region::Keyed {
            return Ok(keyed);
        }
        let all = read::count(self.listing.connection, self.listing.view, &self.listing.query.resource_type())?;
        Ok(all.saturating_sub(keyed))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    use muster_model::{ConnectionId, TenantId};
    use muster_store::ResourceQuery;
    use rusqlite::Connection;
    use scim::schema::user_resource_schema;
    use uuid::Uuid;

    use super::*;
    use crate::pushdown::Plan;
    use crate::watch::Watch;

    #[test]
    fn the_walk_follows_the_indexes_and_sorts_nothing() {
        let mut connection = Connection::open_in_memory().unwrap();
        crate::migrate::migrate(&mut connection).unwrap();
        let query = ResourceQuery::first(user_resource_schema(), 10);
        let tenant = TenantId::from_uuid(Uuid::nil());
        let own = Scope::Connection(ConnectionId::from_uuid(Uuid::nil()));
        for (scope, index) in [(Scope::Tenant, "resource_by_type"), (own, "resource_by_owner")] {
            let view = View { tenant, scope };
            let (plan, watch) = (Plan::everything(view), Watch::new(None, Arc::new(AtomicBool::new(false))));
            let listing = Listing { connection: &connection, view, query: &query, plan: &plan, watch: &watch };
            follows_the_indexes(&KeyWalk { listing, attribute: "userName" }, index);
        }
    }

    fn follows_the_indexes(walk: &KeyWalk<'_>, index_of_resources: &str) {
        let place = Place { key: Some(SortKey::Text("m".to_owned())), id: ResourceId::from_uuid(Uuid::nil()) };
        for direction in [SortOrder::Ascending, SortOrder::Descending] {
            for bound in [None, Some(&place)] {
                let (statement, sql) = walk.keyed_sql(bound, direction, 10, 0);
                for line in statement.explain(&sql) {
                    let range = if bound.is_some() { "(value,id)" } else { "value>?" };
                    let is_by_key = line.contains(" r ") && line.contains("(tenant=? AND id=?)");
                    let is_walk = line.contains("USING PRIMARY KEY") && line.contains(range);
                    assert!(is_walk || is_by_key, "{direction:?}: {line}");
                }
                let (statement, sql) = walk.missing_sql(bound, direction, 10, 0);
                let lines = statement.explain(&sql).join("; ");
                let follows = lines.contains(index_of_resources) && !lines.contains("TEMP B-TREE");
                assert!(follows, "{direction:?}: {lines}");
                assert!(lines.contains("resource_key_of_resource (tenant=? AND id=?)"), "{lines}");
            }
        }
    }
}
