//! Lists whose filter and order SQL answers.

use muster_model::ResourceId;
use muster_store::{PageStart, Place, PlacePage, StoreError};
use scim::sort::{SortKey, SortOrder};

use super::Listing;
use super::key_walk::KeyWalk;
use super::order::{Cut, SqlOrder, cut_of_ids, sign, word};
use super::page::{Piece, Pieces, places_of};
use super::statement::Statement;
use crate::columns::{microseconds, timestamp};
use crate::{Row, Session, Value, damaged, resource_count};

pub(super) async fn places<S: Session>(listing: Listing<'_, S>, order: &SqlOrder) -> Result<PlacePage, StoreError> {
    let is_whole_type = listing.plan.candidates.is_none() && listing.plan.condition.is_none();
    let page = match order {
        SqlOrder::Id { is_key } => places_of(listing, &ById { listing, is_key: *is_key }).await,
        SqlOrder::Key(attribute) if is_whole_type && KeyWalk::is_worth_while(listing).await? => {
            places_of(listing, &KeyWalk { listing, attribute }).await
        }
        SqlOrder::Key(attribute) => places_of(listing, &ByColumn { listing, column: Column::Key(attribute) }).await,
        SqlOrder::Time(column) => places_of(listing, &ByColumn { listing, column: Column::Time(column) }).await,
    }?;
    Ok(PlacePage { total: total(listing, &page).await?, ..page })
}

async fn total<S: Session>(listing: Listing<'_, S>, page: &PlacePage) -> Result<Option<u64>, StoreError> {
    let query = listing.query;
    let found = page.places.len() as u64;
    match query.start {
        // The last page says how many there are.
        PageStart::Offset(offset) if query.limit > 0 && !page.has_after && (found > 0 || offset == 0) => {
            Ok(Some(offset.saturating_add(found)))
        }
        _ if query.filter.is_none() => {
            resource_count::count(listing.session, listing.view, &query.resource_type()).await.map(Some)
        }
        _ if query.counts_all || listing.plan.is_few => count_by_query(listing).await.map(Some),
        _ => Ok(None),
    }
}

async fn count_by_query<S: Session>(listing: Listing<'_, S>) -> Result<u64, StoreError> {
    let sql = format!("SELECT count(*) FROM ({}) AS matching", listing.plan.select());
    let rows = Statement::new(listing).rows(&sql).await?;
    let count = rows.into_iter().next().map_or(Ok(0), |mut row| row.take::<i64>(0))?;
    u64::try_from(count).map_err(|_| damaged("count"))
}

/// In order of ids.
struct ById<'a, S> {
    listing: Listing<'a, S>,
    is_key: bool,
}

impl<S: Session> Pieces for ById<'_, S> {
    async fn read(&self, piece: Piece<'_>) -> Result<Vec<Place>, StoreError> {
        let mut statement = Statement::new(self.listing);
        let behind = match cut_of_ids(self.is_key, piece.bound, piece.direction) {
            Cut::Nothing => return Ok(Vec::new()),
            Cut::Everything => String::new(),
            Cut::Behind(place) => format!(" AND r.id {} {}", sign(piece.direction), statement.bind(place.id)),
        };
        let (rows, window) = (self.listing.plan.select(), statement.window(piece.limit, piece.offset));
        let sql = format!("{rows}{behind} ORDER BY r.id {} {window}", word(piece.direction));
        let rows = statement.rows(&sql).await?;
        rows.into_iter()
            .map(|mut row| {
                let id: ResourceId = row.take(0)?;
                Ok(Place { key: SqlOrder::key_of_id(self.is_key, id), id })
            })
            .collect()
    }
}

#[derive(Clone, Copy)]
enum Column<'a> {
    Time(&'a str),
    Key(&'a str),
}

/// In order of a column, which the database sorts.
struct ByColumn<'a, S> {
    listing: Listing<'a, S>,
    column: Column<'a>,
}

impl<S: Session> ByColumn<'_, S> {
    fn expression(&self, statement: &mut Statement<'_, S>) -> String {
        match self.column {
            Column::Time(column) => column.to_owned(),
            // Each resource has at most one entry of the attribute; the empty text is no value.
            Column::Key(attribute) => format!(
                "(SELECT k.value FROM resource_key AS k INDEXED BY resource_key_of_resource \
                  WHERE k.tenant = ?1 AND k.id = r.id AND k.type IS NOT DISTINCT FROM ?2 \
                  AND k.attribute IS NOT DISTINCT FROM {} AND k.value > '')",
                statement.bind(attribute)
            ),
        }
    }

    /// Who has no value comes last when ascending, first when descending.
    fn behind(statement: &mut Statement<'_, S>, place: &Place, direction: SortOrder) -> String {
        let id = statement.bind(place.id);
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

    fn key(&self, row: &mut Row) -> Result<Option<SortKey>, StoreError> {
        match self.column {
            Column::Time(_) => timestamp(row.take(1)?).map(SortKey::Instant).map(Some),
            Column::Key(_) => Ok(row.take::<Option<String>>(1)?.map(SortKey::Text)),
        }
    }
}

impl<S: Session> Pieces for ByColumn<'_, S> {
    async fn read(&self, piece: Piece<'_>) -> Result<Vec<Place>, StoreError> {
        let mut statement = Statement::new(self.listing);
        let expression = self.expression(&mut statement);
        let rows = self.listing.plan.selecting(&format!("r.id AS id, {expression} AS sort_key"));
        let condition = match piece.bound {
            None => String::new(),
            Some(place) => format!(" WHERE {}", Self::behind(&mut statement, place, piece.direction)),
        };
        let word = word(piece.direction);
        let window = statement.window(piece.limit, piece.offset);
        let sql = format!(
            "SELECT id, sort_key FROM ({rows}) AS keyed{condition} \
             ORDER BY sort_key IS NULL {word}, sort_key {word}, id {word} {window}"
        );
        let rows = statement.rows(&sql).await?;
        rows.into_iter().map(|mut row| Ok(Place { key: self.key(&mut row)?, id: row.take(0)? })).collect()
    }
}

/// A sort key as it stands in a column.
pub(super) fn bound_key(place: &Place) -> Option<Value> {
    match place.key.as_ref()? {
        SortKey::Text(text) => Some(Value::from(text)),
        SortKey::Instant(time) => Some(Value::from(microseconds(*time))),
        // No column has such keys; `SqlOrder::of` leaves them to the evaluator.
        SortKey::Boolean(_) | SortKey::Number(_) => None,
    }
}
