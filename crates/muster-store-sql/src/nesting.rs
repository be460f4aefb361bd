//! Groups in groups. Every statement walks along one of the two keys of `membership`, and visits each group once,
//! however many ways lead to it.

use std::collections::HashSet;

use muster_model::ResourceId;
use muster_store::StoreError;

use crate::columns::IdBytes;
use crate::{Session, values};

/// The memberships of one step inward, from the group `inside`, and upward, from the member `above`. PostgreSQL, where it
/// thinks groups large, would else read all memberships for each step.
const INWARD: &str =
    "/*pg LATERAL (SELECT * FROM  */membership/*pg  WHERE tenant = ?1 AND group_id = inside.id OFFSET 0) */";
const UPWARD: &str =
    "/*pg LATERAL (SELECT * FROM  */membership/*pg  WHERE tenant = ?1 AND member_id = above.id OFFSET 0) */";

/// Every group that this one is in, whoever sees them: no scope makes a circle lawful. For a group that is in none, which
/// most are, this is one look into an index.
pub(crate) async fn groups_above(
    session: &impl Session,
    tenant: IdBytes,
    group: ResourceId,
) -> Result<HashSet<ResourceId>, StoreError> {
    let sql = format!(
        "WITH RECURSIVE above (id) AS (
             SELECT group_id FROM membership WHERE tenant = ?1 AND member_id = ?2
             UNION
             SELECT m.group_id FROM above CROSS JOIN {UPWARD} AS m ON m.tenant = ?1 AND m.member_id = above.id
         )
         SELECT id FROM above"
    );
    let rows = session.rows(&sql, values![tenant, group]).await?;
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
                 CROSS JOIN {INWARD} AS m ON m.tenant = ?1 AND m.group_id = inside.id
             )
             SELECT id FROM inside
         ) AS inside_of_group"
    )
}

/// Whether a resource is in a group, directly or through other groups, as [`select_inside`] says it of all: asked of one
/// resource, the way from it upward is the shorter one.
pub(crate) fn is_inside(resource: &str, group: &str, owner: Option<&str>) -> String {
    let seen = owner.map_or_else(String::new, |owner| {
        format!(
            "CROSS JOIN resource AS g ON g.tenant = ?1 AND g.id = m.group_id AND g.brought_by IS NOT DISTINCT FROM {owner}"
        )
    });
    format!(
        "EXISTS (SELECT 1 FROM (
             WITH RECURSIVE above (id) AS (
                 SELECT m.group_id FROM membership AS m {seen} WHERE m.tenant = ?1 AND m.member_id = {resource}
                 UNION
                 SELECT m.group_id FROM above
                 CROSS JOIN {UPWARD} AS m ON m.tenant = ?1 AND m.member_id = above.id {seen}
             )
             SELECT id FROM above
         ) AS holding WHERE holding.id = {group})"
    )
}
