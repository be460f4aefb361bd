//! Lists whose filter and order SQL answers.

use muster_model::ResourceId;
use muster_store::{PageStart, Place, PlacePage, StoreError};
use rusqlite::{Row, types};
use scim::sort::{SortKey, SortOrder};

use super::Listing;
use super::key_walk::KeyWalk;
use super::order::{Cut, SqlOrder, cut_of_ids, sign, word};
use super::page::{Pieces, places_of};
use super::statement::Statement;
use crate::columns::{IdBytes, IdColumn, microseconds, timestamp};
use crate::failure::damaged;
use crate::read::{self, column};

pub(super) fn places(listing: Listing<'_>, order: &SqlOrder) -> Result<PlacePage, StoreError> {
    let is_whole_type = listing.plan.candidates.is_none() && listing.plan.condition.is_none();
    let page = match order {
        SqlOrder::Id { is_key } => places_of(listing, &ById { listing, is_key: *is_key }),
        SqlOrder::Key(attribute) if is_whole_type && KeyWalk::is_worth_while(listing)? => {
            places_of(listing, &KeyWalk { listing, attribute })
        }
        SqlOrder::Key(attribute) => places_of(listing, &ByColumn { listing, column: Column::Key(attribute) }),
        SqlOrder::Time(column) => places_of(listing, &ByColumn { listing, column: Column::Time(column) }),
    }?;
    Ok(PlacePage { total: total(listing, &page)?, ..page })
}

fn total(listing: Listing<'_>, page: &PlacePage) -> Result<Option<u64>, StoreError> {
    let query = listing.query;
    let found = page.places.len() as u64;
    match query.start {
        // The last page says how many there are.
        PageStart::Offset(offset) if query.limit > 0 && !page.has_after && (found > 0 || offset == 0) => {
            Ok(Some(offset.saturating_add(found)))
        }
        _ if query.filter.is_none() => read::count(listing.connection, listing.view, &query.resource_type()).map(Some),
        _ if query.counts_all || listing.plan.is_few => count_by_query(listing).map(Some),
        _ => Ok(None),
    }
}

fn count_by_query(listing: Listing<'_>) -> Result<u64, StoreError> {
    let mut count = None;
    Statement::new(listing).run(&format!("SELECT count(*) FROM ({})", listing.plan.select()), |row| {
        count = u64::try_from(column::<i64>(row, 0)?).ok();
        Ok(false)
    })?;
    count.ok_or_else(|| damaged("count"))
}

/// In order of ids.
struct ById<'a> {
    listing: Listing<'a>,
    is_key: bool,
}

impl Pieces for ById<'_> {
    fn read(
        &self,
        bound: Option<&Place>,
        direction: SortOrder,
        limit: u64,
        offset: u64,
    ) -> Result<Vec<Place>, StoreError> {
        let mut statement = Statement::new(self.listing);
        let behind = match cut_of_ids(self.is_key, bound, direction) {
            Cut::Nothing => return Ok(Vec::new()),
            Cut::Everything => String::new(),
            Cut::Behind(place) => {
                format!(" AND r.id {} {}", sign(direction), statement.bind(place.id.bytes().to_vec()))
            }
        };
        let (rows, window) = (self.listing.plan.select(), statement.window(limit, offset));
        let sql = format!("{rows}{behind} ORDER BY r.id {} {window}", word(direction));
        let mut places = Vec::new();
        statement.run(&sql, |row| {
            let id = ResourceId::from_bytes(column::<IdBytes>(row, 0)?);
            places.push(Place { key: SqlOrder::key_of_id(self.is_key, id), id });
            Ok(true)
        })?;
        Ok(places)
    }
}

#[derive(Clone, Copy)]
enum Column<'a> {
    Time(&'a str),
    Key(&'a str),
}

/// In order of a column, which SQLite sorts.
struct ByColumn<'a> {
    listing: Listing<'a>,
    column: Column<'a>,
}

impl ByColumn<'_> {
    fn expression(&self, statement: &mut Statement<'_>) -> String {
        match self.column {
            Column::Time(column) => column.to_owned(),
            // Each resource has at most one entry of the attribute; the empty text is no value.
            Column::Key(attribute) => format!(
                "(SELECT k.value FROM resource_key AS k INDEXED BY resource_key_of_resource \
                  WHERE k.tenant = ?1 AND k.id = r.id AND k.type = ?2 AND k.attribute = {} AND k.value > '')",
                statement.bind(attribute.to_owned())
            ),
        }
    }

    /// Who has no value comes last when ascending, first when descending.
    fn behind(statement: &mut Statement<'_>, place: &Place, direction: SortOrder) -> String {
        let id = statement.bind(place.id.bytes().to_vec());
        let sign = sign(direction);
        match (bound_key(place), direction) {
            (None, SortOrder::Ascending) => format!("sort_key IS NULL AND id > {id}"),
            (None, SortOrder::Descending) => format!("sort_key IS NOT NULL OR id < {id}"),
            (Some(key), _) => {
                let key = statement.bind(key);
                let rest = if direction == SortOrder::Ascending { " OR sort_key IS NULL" } else { "" };
                format!("sort_key {sign} {key} OR (sort_key = {key} AND id {sign} {id}){rest}")
            }
        }
    }

    fn key(&self, row: &Row<'_>) -> Result<Option<SortKey>, StoreError> {
        match self.column {
            Column::Time(_) => timestamp(column(row, 1)?).map(SortKey::Instant).map(Some),
            Column::Key(_) => Ok(column::<Option<String>>(row, 1)?.map(SortKey::Text)),
        }
    }
}

impl Pieces for ByColumn<'_> {
    fn read(
        &self,
        bound: Option<&Place>,
        direction: SortOrder,
        limit: u64,
        offset: u64,
    ) -> Result<Vec<Place>, StoreError> {
        let mut statement = Statement::new(self.listing);
        let expression = self.expression(&mut statement);
        let rows = self.listing.plan.selecting(&format!("r.id AS id, {expression} AS sort_key"));
        let condition = match bound {
            None => String::new(),
            Some(place) => format!(" WHERE {}", Self::behind(&mut statement, place, direction)),
        };
        let word = word(direction);
        let window = statement.window(limit, offset);
        let sql = format!(
            "SELECT id, sort_key FROM ({rows}){condition} \
             ORDER BY sort_key IS NULL {word}, sort_key {word}, id {word} {window}"
        );
        let mut places = Vec::new();
        statement.run(&sql, |row| {
            places.push(Place { key: self.key(row)?, id: ResourceId::from_bytes(column::<IdBytes>(row, 0)?) });
            Ok(true)
        })?;
        Ok(places)
    }
}

/// A sort key as it stands in a column.
pub(super) fn bound_key(place: &Place) -> Option<types::Value> {
    match place.key.as_ref()? {
        SortKey::Text(text) => Some(types::Value::from(text.clone())),
        SortKey::Instant(time) => Some(types::Value::from(microseconds(*time))),
        // No column has such keys; `SqlOrder::of` leaves them to the evaluator.
        SortKey::Boolean(_) | SortKey::Number(_) => None,
    }
}
