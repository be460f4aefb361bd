//! Groups in groups. Every statement walks along one of the two keys of `membership`, and visits each group once,
//! however many ways lead to it.

use std::collections::HashSet;

use muster_model::ResourceId;
use muster_store::StoreError;

use crate::columns::IdBytes;
use crate::{Session, values};

/// Every group that this one is in, whoever sees them: no scope makes a circle lawful. For a group that is in none, which
/// most are, this is one look into an index.
pub(crate) async fn groups_above(
    session: &impl Session,
    tenant: IdBytes,
    group: ResourceId,
) -> Result<HashSet<ResourceId>, StoreError> {
    let sql = "WITH RECURSIVE above (id) AS (
                   SELECT group_id FROM membership WHERE tenant = ?1 AND member_id = ?2
                   UNION
                   SELECT m.group_id FROM above CROSS JOIN membership AS m ON m.tenant = ?1 AND m.member_id = above.id
               )
               SELECT id FROM above";
    let rows = session.rows(sql, values![tenant, group]).await?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}

/// A SELECT of the ids of everybody in a group, directly or through other groups. `?1` is the tenant, `group` the
/// placeholder of the group's id, `owner` that of the only owner whose groups are seen. A group that is not seen, the
/// named one included, has nobody inside.
pub(crate) fn select_inside(group: &str, owner: Option<&str>) -> String {
    let (named, entered) = match owner {
        None => (format!("membership AS m WHERE m.tenant = ?1 AND m.group_id = {group}"), String::new()),
        Some(owner) => (
            format!(
                "resource AS g CROSS JOIN membership AS m ON m.tenant = ?1 AND m.group_id = g.id
                 WHERE g.tenant = ?1 AND g.id = {group} AND g.brought_by IS NOT DISTINCT FROM {owner}"
            ),
            format!(
                "CROSS JOIN resource AS g ON g.tenant = ?1 AND g.id = inside.id AND g.brought_by IS NOT DISTINCT FROM {owner}"
            ),
        ),
    };
    format!(
        "SELECT id FROM (
             WITH RECURSIVE inside (id) AS (
                 SELECT m.member_id FROM {named}
                 UNION
                 SELECT m.member_id FROM inside {entered}
                 CROSS JOIN membership AS m ON m.tenant = ?1 AND m.group_id = inside.id
             )
             SELECT id FROM inside
         ) AS inside_of_group"
    )
}
