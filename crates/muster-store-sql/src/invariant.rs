//! Facts that the drivers keep without foreign keys, for the thorough look of `muster doctor`.

/// A count of rows that must not be there.
#[derive(Clone, Copy, Debug)]
pub struct Invariant {
    /// The youngest table that it looks at: an older schema has nothing to be looked at.
    pub table: &'static str,
    /// What to say about such rows, after their number.
    pub what: &'static str,
    pub sql: &'static str,
}

impl Invariant {
    /// The finding in plain words; none when all is well.
    pub fn finding(self, wrong: i64) -> Option<String> {
        (wrong != 0).then(|| format!("{wrong} {}", self.what))
    }
}

/// Those that are the same for all drivers.
pub const INVARIANTS: [Invariant; 11] = [
    Invariant {
        table: "resource_key",
        what: "look-up entries belong to no resource",
        sql: "SELECT count(*) FROM resource_key AS k WHERE NOT EXISTS
             (SELECT 1 FROM resource AS r WHERE r.tenant = k.tenant AND r.id = k.id AND r.type = k.type)",
    },
    Invariant {
        table: "membership",
        what: "memberships name a group or a member that is not there",
        sql: "SELECT count(*) FROM membership AS m WHERE NOT EXISTS
             (SELECT 1 FROM resource AS r WHERE r.tenant = m.tenant AND r.id = m.group_id)
         OR NOT EXISTS (SELECT 1 FROM resource AS r WHERE r.tenant = m.tenant AND r.id = m.member_id)",
    },
    Invariant {
        table: "pending_member",
        what: "pending members wait for a group that is not there",
        sql: "SELECT count(*) FROM pending_member AS p WHERE NOT EXISTS
             (SELECT 1 FROM resource AS r WHERE r.tenant = p.tenant AND r.id = p.group_id)",
    },
    Invariant {
        table: "change",
        what: "change logs have entries beyond their last number",
        sql: "SELECT count(*) FROM (SELECT tenant, max(sequence) AS last FROM change GROUP BY tenant) AS c
         LEFT JOIN change_sequence AS s ON s.tenant = c.tenant WHERE s.last IS NULL OR s.last < c.last",
    },
    Invariant {
        table: "repair_count",
        what: "counters of repairs belong to a connection that is not there",
        sql: "SELECT count(*) FROM repair_count AS r WHERE NOT EXISTS
             (SELECT 1 FROM connection AS c WHERE c.tenant = r.tenant AND c.id = r.connection)",
    },
    Invariant {
        table: "held_operation",
        what: "held changes are of a connection, a resource or a membership that is not there",
        sql: "SELECT count(*) FROM held_operation AS h WHERE NOT EXISTS
             (SELECT 1 FROM connection AS c WHERE c.tenant = h.tenant AND c.id = h.connection)
         OR NOT EXISTS (SELECT 1 FROM resource AS r WHERE r.tenant = h.tenant AND r.id = h.resource)
         OR h.kind = 'remove_members' AND NOT EXISTS (SELECT 1 FROM membership AS m
             WHERE m.tenant = h.tenant AND m.group_id = h.resource AND h.member = /*pg uuid_send( */m.member_id/*pg ) */)",
    },
    Invariant {
        table: "guard_window",
        what: "counters of the guard belong to a connection that is not there",
        sql: "SELECT count(*) FROM guard_window AS w WHERE NOT EXISTS
             (SELECT 1 FROM connection AS c WHERE c.tenant = w.tenant AND c.id = w.connection)",
    },
    Invariant {
        table: "conflict",
        what: "conflicts belong to a connection or a resource that is not there",
        sql: "SELECT count(*) FROM conflict AS f
         WHERE NOT EXISTS (SELECT 1 FROM connection AS c WHERE c.tenant = f.tenant AND c.id = f.connection)
         OR NOT EXISTS (SELECT 1 FROM resource AS r WHERE r.tenant = f.tenant AND r.id = f.resource AND r.type = f.type)",
    },
    Invariant {
        table: "secret",
        what: "secrets were sealed with a data key that is not there",
        sql: "SELECT count(*) FROM secret AS s WHERE NOT EXISTS (SELECT 1 FROM data_key AS k WHERE k.id = s.data_key)",
    },
    Invariant {
        table: "webhook_delivery",
        what: "webhook deliveries are of an endpoint that is not there",
        sql: "SELECT count(*) FROM webhook_delivery AS d WHERE NOT EXISTS
             (SELECT 1 FROM webhook_endpoint AS e WHERE e.tenant = d.tenant AND e.id = d.endpoint)",
    },
    Invariant {
        table: "webhook_delivery",
        what: "webhook deliveries wait for nothing, and will never be sent",
        sql: "SELECT count(*) FROM webhook_delivery AS d WHERE d.state = 'pending' AND d.due IS NULL AND NOT EXISTS
             (SELECT 1 FROM webhook_delivery AS e WHERE e.tenant = d.tenant AND e.endpoint = d.endpoint
                  AND e.resource = d.resource AND e.state = 'pending' AND e.due IS NOT NULL)",
    },
];
