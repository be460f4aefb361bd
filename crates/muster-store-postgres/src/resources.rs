//! Resources by their ids, with what was asked for beside them, in one statement: so everything is of one snapshot, and
//! costs one round trip.

use std::collections::HashMap;

use muster_model::{
    ConnectionId, Member, MemberView, Members, Membership, ResourceId, StoredDocument, StoredResource, TypeName,
};
use muster_store::{Include, StoreError};
use muster_store_sql::columns::{timestamp, version};
use muster_store_sql::{Value, View, damaged};
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;
use uuid::Uuid;

use crate::session::PostgresSession;
use crate::text::shown;
use crate::value::Parameter;

/// Two ways to the groups: [`direct_groups`] for most, and [`groups`] for who is in a group that is in a group itself, which
/// the server takes several times as long to begin with.
///
/// Columns of indexes that must not lead are compared by `IS NOT DISTINCT FROM`, which uses none: before the first ANALYZE the
/// planner would take any. `$1` the tenant, `$2` the ids, `$3` the type, `$4` the only owner who is seen, or NULL.
macro_rules! statement {
    ($columns:expr, $joins:expr) => {
        concat!(
            "SELECT r.id, r.version, r.created, r.last_modified,
                    (SELECT c.id FROM connection AS c WHERE c.id = r.brought_by), d.document",
            $columns,
            " FROM unnest($2::uuid[]) WITH ORDINALITY AS wanted (id, place)
              JOIN resource AS r ON r.tenant = $1 AND r.id = wanted.id
              JOIN resource_document AS d ON d.tenant = $1 AND d.id = r.id ",
            $joins,
            " WHERE r.type IS NOT DISTINCT FROM $3 AND (r.brought_by IS NOT DISTINCT FROM $4 OR $4::uuid IS NULL) ORDER BY wanted.place"
        )
    };
}

/// The groups that the resource is directly in, as far as they are seen. Of one that is in another group itself the last
/// column is not true: then there is more to tell than this.
macro_rules! direct_groups {
    () => {
        "JOIN LATERAL (
             SELECT array_agg(entered.id) AS ids, array_agg(entered.type) AS types, array_agg(entered.label) AS labels,
                    array_agg(entered.is_outermost) AS direct
             FROM (
                 SELECT g.id, g.type, g.label,
                        NOT EXISTS (SELECT 1 FROM membership AS o
                                    WHERE o.tenant = $1 AND o.member_id = g.id) AS is_outermost
                 FROM membership AS m JOIN resource AS g ON g.tenant = $1 AND g.id = m.group_id
                 WHERE m.tenant = $1 AND m.member_id = r.id AND (g.brought_by IS NOT DISTINCT FROM $4 OR $4::uuid IS NULL)
                 ORDER BY m.group_id
             ) AS entered
         ) AS outside ON TRUE "
    };
}

/// In the order of joining: an aggregate takes the rows of a sorted subquery in their order.
macro_rules! members {
    () => {
        "JOIN LATERAL (
             SELECT array_agg(joined.id) AS ids, array_agg(joined.type) AS types, array_agg(joined.label) AS labels
             FROM (
                 SELECT x.id, x.type, x.label
                 FROM membership AS m JOIN resource AS x ON x.tenant = $1 AND x.id = m.member_id
                 WHERE m.tenant = $1 AND m.group_id = r.id AND (x.brought_by IS NOT DISTINCT FROM $4 OR $4::uuid IS NULL)
                 ORDER BY m.joined_version, m.joined_place
             ) AS joined
         ) AS inside ON TRUE "
    };
}

/// The groups that the resource is in, as far as they are seen; a way through a group that is not seen leads nowhere. All
/// direct ones, which come first, and at most 10,000 more: nobody reads a longer list, and a directory made to be deep
/// must not make each look at a person long. The recursion goes on only as far as rows are taken from it.
macro_rules! groups {
    () => {
        "JOIN LATERAL (
             SELECT array_agg(entered.id) AS ids, array_agg(entered.type) AS types, array_agg(entered.label) AS labels,
                    array_agg(entered.is_direct) AS direct
             FROM (
                 SELECT g.id, g.type, g.label,
                        EXISTS (SELECT 1 FROM membership AS o
                                WHERE o.tenant = $1 AND o.group_id = g.id AND o.member_id = r.id) AS is_direct
                 FROM (
                     WITH RECURSIVE above (id) AS (
                         SELECT m.group_id FROM membership AS m
                         JOIN resource AS x ON x.tenant = $1 AND x.id = m.group_id AND (x.brought_by IS NOT DISTINCT FROM $4 OR $4::uuid IS NULL)
                         WHERE m.tenant = $1 AND m.member_id = r.id
                         UNION
                         SELECT m.group_id FROM above JOIN membership AS m ON m.tenant = $1 AND m.member_id = above.id
                         JOIN resource AS x ON x.tenant = $1 AND x.id = m.group_id AND (x.brought_by IS NOT DISTINCT FROM $4 OR $4::uuid IS NULL)
                     )
                     SELECT id FROM above
                     LIMIT 10000 + (SELECT count(*) FROM membership AS o WHERE o.tenant = $1 AND o.member_id = r.id)
                 ) AS above JOIN resource AS g ON g.tenant = $1 AND g.id = above.id
                 ORDER BY g.id
             ) AS entered
         ) AS outside ON TRUE "
    };
}

/// Where the lists begin, behind the columns of the resource itself.
const FIRST_LIST: usize = 6;
const MEMBER_COLUMNS: usize = 3;

const ALONE: &str = statement!("", "");
const WITH_MEMBERS: &str = statement!(", inside.ids, inside.types, inside.labels", members!());
const WITH_GROUPS: &str = statement!(", outside.ids, outside.types, outside.labels, outside.direct", groups!());
const WITH_DIRECT_GROUPS: &str =
    statement!(", outside.ids, outside.types, outside.labels, outside.direct", direct_groups!());
const WITH_BOTH: &str = statement!(
    ", inside.ids, inside.types, inside.labels, outside.ids, outside.types, outside.labels, outside.direct",
    concat!(members!(), groups!())
);

pub(crate) async fn find(
    session: &PostgresSession,
    view: View,
    resource_type: &TypeName,
    ids: &[ResourceId],
    include: Include,
) -> Result<Vec<StoredResource>, StoreError> {
    let wanted = Wanted { session, view, resource_type, include };
    match (include.members, include.groups) {
        (false, false) => wanted.find(ALONE, ids).await,
        (true, false) => wanted.find(WITH_MEMBERS, ids).await,
        (false, true) => wanted.find_with_groups(ids).await,
        (true, true) => wanted.find(WITH_BOTH, ids).await,
    }
}

struct Wanted<'a> {
    session: &'a PostgresSession,
    view: View,
    resource_type: &'a TypeName,
    include: Include,
}

impl Wanted<'_> {
    async fn rows(&self, sql: &str, ids: &[ResourceId]) -> Result<Vec<Row>, StoreError> {
        let values = vec![
            Parameter::One(Value::from(self.view.tenant())),
            Parameter::Ids(ids.iter().map(|id| *id.as_uuid()).collect()),
            Parameter::One(Value::from(self.resource_type.as_str())),
            Parameter::One(Value::from(self.view.owner())),
        ];
        self.session.ask(sql, values).await
    }

    async fn find(&self, sql: &str, ids: &[ResourceId]) -> Result<Vec<StoredResource>, StoreError> {
        let rows = self.rows(sql, ids).await?;
        rows.iter().map(|row| resource(row, self.resource_type, self.include)).collect()
    }

    /// Who is in a nested group is asked for again as a whole, so that each resource is of one statement, and with it of one
    /// snapshot.
    async fn find_with_groups(&self, ids: &[ResourceId]) -> Result<Vec<StoredResource>, StoreError> {
        let rows = self.rows(WITH_DIRECT_GROUPS, ids).await?;
        let mut deep = Vec::new();
        for row in &rows {
            if is_deep(row)? {
                deep.push(ResourceId::from_uuid(column(row, 0)?));
            }
        }
        let again = if deep.is_empty() { Vec::new() } else { self.find(WITH_GROUPS, &deep).await? };
        let mut again: HashMap<_, _> = again.into_iter().map(|resource| (resource.id, resource)).collect();
        let mut resources = Vec::with_capacity(rows.len());
        for row in &rows {
            if is_deep(row)? {
                // Who is not found any more was removed in the meantime.
                resources.extend(again.remove(&ResourceId::from_uuid(column(row, 0)?)));
            } else {
                resources.push(resource(row, self.resource_type, self.include)?);
            }
        }
        Ok(resources)
    }
}

/// Whether one of the direct groups is in another.
fn is_deep(row: &Row) -> Result<bool, StoreError> {
    Ok(list::<bool>(row, FIRST_LIST + MEMBER_COLUMNS)?.contains(&false))
}

fn resource(row: &Row, resource_type: &TypeName, include: Include) -> Result<StoredResource, StoreError> {
    let groups_at = if include.members { FIRST_LIST + MEMBER_COLUMNS } else { FIRST_LIST };
    Ok(StoredResource {
        id: ResourceId::from_uuid(column(row, 0)?),
        resource_type: resource_type.clone(),
        version: version(column(row, 1)?)?,
        created: timestamp(column(row, 2)?)?,
        last_modified: timestamp(column(row, 3)?)?,
        owner: column::<Option<Uuid>>(row, 4)?.map(ConnectionId::from_uuid),
        document: StoredDocument::from_text(column::<String>(row, 5)?),
        members: include.members.then(|| members(row, FIRST_LIST)).transpose()?,
        groups: include.groups.then(|| groups(row, groups_at)).transpose()?,
    })
}

fn members(row: &Row, place: usize) -> Result<Members, StoreError> {
    let ids = list::<Uuid>(row, place)?;
    let kinds = list::<&str>(row, place + 1)?;
    let labels = list::<Option<&str>>(row, place + 2)?;
    let mut members = Members::with_capacity(ids.len());
    for ((id, kind), label) in ids.into_iter().zip(kinds).zip(labels) {
        members.push(ResourceId::from_uuid(id), kind, label.map(shown).as_deref());
    }
    members.shrink_to_fit();
    Ok(members)
}

fn groups(row: &Row, place: usize) -> Result<Vec<Membership>, StoreError> {
    let direct = list::<bool>(row, place + MEMBER_COLUMNS)?;
    let membership = |(group, is_direct): (Member, bool)| Membership {
        id: group.id,
        resource_type: group.resource_type,
        display: group.display,
        is_direct,
    };
    let groups = members(row, place)?;
    Ok(groups.iter().map(MemberView::to_member).zip(direct).map(membership).collect())
}

/// An aggregate of no rows is NULL.
fn list<'r, T: FromSql<'r>>(row: &'r Row, place: usize) -> Result<Vec<T>, StoreError> {
    Ok(column::<Option<Vec<T>>>(row, place)?.unwrap_or_default())
}

fn column<'r, T: FromSql<'r>>(row: &'r Row, place: usize) -> Result<T, StoreError> {
    row.try_get(place).map_err(|_| damaged("column"))
}
