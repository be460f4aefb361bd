//! Groups in groups. Every statement walks along one of the two keys of `membership`, and visits each group once,
//! however many ways lead to it.

use muster_model::{Membership, ResourceId, TypeName};
use muster_store::StoreError;
use rusqlite::{Connection, params};

use crate::failure::store_error;
use crate::read::prepare;
use muster_store_sql::View;
use muster_store_sql::columns::IdColumn;

/// The groups that a resource is in, as far as they are seen; a way through a group that is not seen leads nowhere. All
/// direct ones, and at most 10,000 more: nobody reads a longer list, and a directory made to be deep must not make each
/// look at a person long.
const GROUPS_OF_RESOURCE: &str = "\
    WITH RECURSIVE above (id) AS (
        SELECT m.group_id FROM membership AS m
        CROSS JOIN resource AS g ON g.tenant = ?1 AND g.id = m.group_id AND (?3 IS NULL OR g.brought_by = ?3)
        WHERE m.tenant = ?1 AND m.member_id = ?2
        UNION
        SELECT m.group_id FROM above CROSS JOIN membership AS m ON m.tenant = ?1 AND m.member_id = above.id
        CROSS JOIN resource AS g ON g.tenant = ?1 AND g.id = m.group_id AND (?3 IS NULL OR g.brought_by = ?3)
        LIMIT 10000 + (SELECT count(*) FROM membership WHERE tenant = ?1 AND member_id = ?2)
    )
    SELECT above.id, r.type, r.label,
           EXISTS (SELECT 1 FROM membership AS d WHERE d.tenant = ?1 AND d.group_id = above.id AND d.member_id = ?2)
    FROM above CROSS JOIN resource AS r ON r.tenant = ?1 AND r.id = above.id
    ORDER BY above.id";

/// Direct and indirect memberships, in order of the groups' ids.
pub(crate) fn memberships_of(
    connection: &Connection,
    view: View,
    member: ResourceId,
) -> Result<Vec<Membership>, StoreError> {
    let mut statement = prepare(connection, GROUPS_OF_RESOURCE)?;
    let rows = statement.query_map(params![view.tenant(), member.bytes(), view.owner()], |row| {
        Ok(Membership {
            id: ResourceId::from_bytes(row.get(0)?),
            resource_type: TypeName::new(row.get::<_, String>(1)?),
            display: row.get(2)?,
            is_direct: row.get(3)?,
        })
    });
    rows.and_then(Iterator::collect).map_err(store_error)
}
