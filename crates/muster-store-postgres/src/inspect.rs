//! What must hold in the tables that only this driver has in this shape.

use muster_store_sql::Invariant;

pub(crate) const INVARIANTS: [Invariant; 4] = [
    Invariant {
        table: "resource",
        what: "resources have no document",
        sql: "SELECT count(*) FROM resource AS r WHERE NOT EXISTS
             (SELECT 1 FROM resource_document AS d WHERE d.tenant = r.tenant AND d.id = r.id)",
    },
    Invariant {
        table: "resource_document",
        what: "documents belong to no resource",
        sql: "SELECT count(*) FROM resource_document AS d WHERE NOT EXISTS
             (SELECT 1 FROM resource AS r WHERE r.tenant = d.tenant AND r.id = d.id)",
    },
    Invariant {
        table: "resource_count_of_owner",
        what: "counters of owners are wrong",
        sql: "SELECT count(*) FROM (
             SELECT tenant, type, owner, sum(counted) AS counted, sum(there) AS there FROM (
                 SELECT tenant, type, brought_by AS owner, count AS counted, 0 AS there FROM resource_count_of_owner
                 UNION ALL SELECT tenant, type, coalesce(brought_by, '00000000-0000-0000-0000-000000000000'), 0, count(*)
                 FROM resource GROUP BY tenant, type, brought_by
             ) AS one GROUP BY tenant, type, owner
         ) AS all_of_them WHERE counted <> there",
    },
    Invariant {
        table: "change_pending",
        what: "entries of the change log wait behind later ones of the same resource",
        sql: "SELECT count(*) FROM change_pending AS p WHERE EXISTS
             (SELECT 1 FROM change AS c WHERE c.tenant = p.tenant AND c.resource = p.resource AND c.version > p.version)",
    },
];
