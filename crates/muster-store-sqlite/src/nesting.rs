//! Groups in groups. Every statement walks along one of the two keys of `membership`, and visits each group once,
//! however many ways lead to it.

use muster_model::{Membership, ResourceId, TypeName};
use muster_store::StoreError;
use rusqlite::{Connection, Row, ToSql, params};

use crate::failure::store_error;
use crate::read::{column, prepare};
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

/// The same where no group that is seen is in a group itself, which is so for most: one walk along the index. The last
/// column says of each group whether it is in another.
const DIRECT_GROUPS_OF_RESOURCE: &str = "\
    SELECT m.group_id, r.type, r.label,
           EXISTS (SELECT 1 FROM membership AS o WHERE o.tenant = ?1 AND o.member_id = m.group_id)
    FROM membership AS m
    CROSS JOIN resource AS r ON r.tenant = ?1 AND r.id = m.group_id AND (?3 IS NULL OR r.brought_by = ?3)
    WHERE m.tenant = ?1 AND m.member_id = ?2
    ORDER BY m.group_id";

/// Direct and indirect memberships, in order of the groups' ids.
pub(crate) fn memberships_of(
    connection: &Connection,
    view: View,
    member: ResourceId,
) -> Result<Vec<Membership>, StoreError> {
    let values = params![view.tenant(), member.bytes(), view.owner()];
    let mut direct = prepare(connection, DIRECT_GROUPS_OF_RESOURCE)?;
    let mut rows = direct.query(values).map_err(store_error)?;
    let mut groups = Vec::new();
    while let Some(row) = rows.next().map_err(store_error)? {
        let is_nested: bool = column(row, 3)?;
        if is_nested {
            return all_memberships_of(connection, values);
        }
        groups.push(membership(row, true)?);
    }
    Ok(groups)
}

fn all_memberships_of(connection: &Connection, values: &[&dyn ToSql]) -> Result<Vec<Membership>, StoreError> {
    let mut statement = prepare(connection, GROUPS_OF_RESOURCE)?;
    let mut rows = statement.query(values).map_err(store_error)?;
    let mut groups = Vec::new();
    while let Some(row) = rows.next().map_err(store_error)? {
        groups.push(membership(row, column(row, 3)?)?);
    }
    Ok(groups)
}

fn membership(row: &Row<'_>, is_direct: bool) -> Result<Membership, StoreError> {
    Ok(Membership {
        id: ResourceId::from_bytes(column(row, 0)?),
        resource_type: TypeName::new(column::<String>(row, 1)?),
        display: column(row, 2)?,
        is_direct,
    })
}
