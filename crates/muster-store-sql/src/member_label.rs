//! What resources are called where others refer to them.

use std::fmt::Write as _;

use muster_model::{Member, ResourceId, TypeName};
use muster_store::StoreError;

use crate::{Row, Session, Value, View, values};

/// How many ids one statement names.
const MOST_AT_ONCE: usize = 256;
/// The place of the first id among a statement's values.
const FIRST_ID: usize = 3;

/// What each resource is called, once and in no order; who is not there is left out.
pub async fn list<S: Session>(session: &S, view: View, ids: &[ResourceId]) -> Result<Vec<Member>, StoreError> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    let mut found = Vec::with_capacity(ids.len());
    for some in ids.chunks(MOST_AT_ONCE) {
        let room = some.len().next_power_of_two();
        let text = statement(room);
        let ids = some.iter().chain(some.last().into_iter().cycle()).take(room);
        let mut values: Vec<Value> = values![view.tenant, view.scope.only()].to_vec();
        values.extend(ids.map(|id| Value::from(*id)));
        // There are few such texts, so that each is worth keeping.
        for row in session.rows(&text, &values).await? {
            found.push(member_from(row)?);
        }
    }
    Ok(found)
}

fn statement(ids: usize) -> String {
    let mut text = "SELECT id, type, label FROM resource
         WHERE tenant = ?1 AND (?2/*pg ::uuid */ IS NULL OR brought_by IS NOT DISTINCT FROM ?2) AND id IN ("
        .to_owned();
    for place in FIRST_ID..FIRST_ID + ids {
        let separator = if place == FIRST_ID { "" } else { ", " };
        // Writing into a text does not fail.
        let _ = write!(text, "{separator}?{place}");
    }
    text.push(')');
    text
}

fn member_from(mut row: Row) -> Result<Member, StoreError> {
    Ok(Member { id: row.take(0)?, resource_type: TypeName::new(row.take::<String>(1)?), display: row.take(2)? })
}

/// Members that a client named and nobody knows, in the order they were named.
pub async fn list_pending<S: Session>(session: &S, view: View, group: ResourceId) -> Result<Vec<String>, StoreError> {
    let rows = session
        .rows(
            "SELECT value FROM pending_member WHERE tenant = ?1 AND group_id = ?2
             AND (?3/*pg ::uuid */ IS NULL
                 OR EXISTS (SELECT 1 FROM resource WHERE tenant = ?1 AND id = ?2 AND brought_by = ?3))
             ORDER BY place",
            values![view.tenant, group, view.scope.only()],
        )
        .await?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_has_a_place_for_each_id() {
        assert!(statement(1).ends_with("id IN (?3)"));
        assert!(statement(4).ends_with("id IN (?3, ?4, ?5, ?6)"));
    }
}
