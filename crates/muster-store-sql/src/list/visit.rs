//! A look at each resource that a plan lets through, for what must be evaluated.

use std::ops::ControlFlow;

use muster_model::{ResourceId, StoredResource};
use muster_store::StoreError;
use scim::sort::SortOrder;

use super::Listing;
use super::order::{sign, word};
use super::statement::Statement;
use crate::Session;

/// So many ids are read first; more each time, so that who stops early has read few, and who looks at all asks seldom.
const FIRST_IDS: u64 = 200;
const MOST_IDS: u64 = 100_000;
/// So many resources are held at the same time.
const READ_AT_ONCE: usize = 50;

impl<S: Session> Listing<'_, S> {
    /// In order of ids, those behind `bound` in that direction, with the rows that filter and order need.
    pub(super) async fn visit(
        self,
        bound: Option<ResourceId>,
        direction: SortOrder,
        mut visit: impl FnMut(&StoredResource) -> Result<ControlFlow<()>, StoreError>,
    ) -> Result<(), StoreError> {
        let needed = self.needed();
        let (mut bound, mut limit) = (bound, FIRST_IDS);
        loop {
            let ids = self.candidates(bound, direction, limit).await?;
            for some in ids.chunks(READ_AT_ONCE) {
                for resource in self.read(some, needed).await? {
                    if visit(&resource)?.is_break() {
                        return Ok(());
                    }
                }
            }
            if (ids.len() as u64) < limit {
                return Ok(());
            }
            bound = ids.last().copied();
            limit = limit.saturating_mul(4).min(MOST_IDS);
        }
    }

    async fn candidates(
        self,
        bound: Option<ResourceId>,
        direction: SortOrder,
        limit: u64,
    ) -> Result<Vec<ResourceId>, StoreError> {
        let mut statement = Statement::new(self);
        let behind = match bound {
            None => String::new(),
            Some(id) => format!(" AND r.id {} {}", sign(direction), statement.bind(id)),
        };
        let limit = statement.bind(crate::columns::clamped(limit));
        let sql = format!("{}{behind} ORDER BY r.id {} LIMIT {limit}", self.plan.select(), word(direction));
        statement.rows(&sql).await?.into_iter().map(|mut row| row.take(0)).collect()
    }
}
