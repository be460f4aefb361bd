//! The tables of an installation and their columns, as both databases can say them. A test of each driver compares this with
//! its schema, so that nothing a migration adds is left behind.

use super::Dialect;

/// A table. Its first `key` columns are its primary key, in their order.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    pub name: &'static str,
    pub columns: &'static [&'static str],
    pub key: usize,
    pub shape: Shape,
    /// Whether a row may be long, so that few are read at once.
    pub is_wide: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// The same columns in both databases.
    Plain,
    /// A resource with its document, which stands in a table of its own and is found in another way.
    Resource,
    /// Counts that are made from the resources. They are compared, and not copied.
    Counts,
}

impl Table {
    /// Whether the key begins with the tenant. Reference tables are of the installation.
    pub fn is_of_tenant(&self) -> bool {
        self.columns.first() == Some(&"tenant")
    }

    pub(super) fn key_columns(&self) -> &'static [&'static str] {
        self.columns.get(..self.key).unwrap_or_default()
    }
}

const fn plain(name: &'static str, key: usize, columns: &'static [&'static str]) -> Table {
    Table { name, columns, key, shape: Shape::Plain, is_wide: false }
}

const fn wide(table: Table) -> Table {
    Table { is_wide: true, ..table }
}

/// In an order in which no row names one that comes later.
pub const TABLES: [Table; 28] = [
    plain("tenant", 1, &["id", "name", "created", "schema_revision"]),
    wide(plain(
        "connection",
        1,
        &["id", "tenant", "name", "provider", "created", "profile_overrides", "revision", "suspended"],
    )),
    plain(
        "credential",
        1,
        &["id", "tenant", "connection", "digest", "last_four", "created", "expires", "suspended", "replaces"],
    ),
    plain(
        "api_token",
        1,
        &["id", "of_tenant", "name", "permissions", "digest", "last_four", "created", "expires", "last_used"],
    ),
    plain("installation_key", 1, &["purpose", "value"]),
    wide(plain("schema_entry", 3, &["tenant", "kind", "name", "document", "added"])),
    plain("data_key", 1, &["id", "number", "vault_key", "wrapped", "created"]),
    wide(plain(
        "secret",
        2,
        &["tenant", "id", "kind", "owner", "field", "version", "data_key", "blob", "created", "changed"],
    )),
    wide(plain(
        "system_log",
        1,
        &["id", "at", "of_tenant", "actor", "action", "target", "state_before", "state_after"],
    )),
    plain("credential_use", 2, &["tenant", "credential", "last_used"]),
    plain("repair_count", 3, &["tenant", "connection", "kind", "count", "last_seen"]),
    Table {
        name: "resource",
        columns: &["tenant", "id", "version", "created", "last_modified", "brought_by", "type", "label", "document"],
        key: 2,
        shape: Shape::Resource,
        is_wide: true,
    },
    plain("resource_key", 5, &["tenant", "type", "attribute", "value", "id", "unique_scope"]),
    plain("membership", 3, &["tenant", "group_id", "member_id", "joined_version", "joined_place"]),
    plain("pending_member", 3, &["tenant", "group_id", "place", "value"]),
    plain("change_sequence", 1, &["tenant", "last"]),
    wide(plain(
        "change",
        2,
        &["tenant", "sequence", "kind", "type", "resource", "version", "joined", "left", "connection", "at", "notes"],
    )),
    plain("guard_window", 4, &["tenant", "connection", "type", "step", "count", "removed", "size"]),
    wide(plain(
        "held_operation",
        5,
        &["tenant", "resource", "kind", "member", "connection", "held", "type", "at", "request"],
    )),
    plain(
        "conflict",
        2,
        &["tenant", "id", "connection", "type", "resource", "attribute", "first_seen", "last_seen", "count", "state"],
    ),
    wide(plain(
        "request_log",
        2,
        &[
            "tenant",
            "id",
            "connection",
            "credential",
            "at",
            "duration",
            "method",
            "version",
            "type",
            "resource",
            "status",
            "code",
            "request",
            "bytes",
            "path",
            "address",
            "agent",
            "detail",
            "repairs",
            "changes",
            "changed_at",
            "request_bytes",
            "request_note",
            "response_bytes",
            "response_note",
            "request_body",
            "response_body",
        ],
    )),
    plain("request_log_volume", 2, &["tenant", "day", "entries", "bytes"]),
    wide(plain(
        "webhook_endpoint",
        2,
        &[
            "tenant",
            "id",
            "url",
            "event_types",
            "payload",
            "state",
            "disabled_since",
            "created",
            "scheduled",
            "failures",
            "failing_since",
            "rests_until",
        ],
    )),
    plain("webhook_key", 3, &["tenant", "endpoint", "version", "secret", "created", "retires"]),
    wide(plain(
        "webhook_delivery",
        3,
        &[
            "tenant",
            "endpoint",
            "id",
            "event",
            "event_type",
            "body",
            "sequence",
            "place",
            "resource",
            "at",
            "state",
            "attempts",
            "tries",
            "due",
            "ended",
        ],
    )),
    wide(plain(
        "webhook_attempt",
        4,
        &["tenant", "endpoint", "delivery", "number", "at", "milliseconds", "status", "failure", "answer"],
    )),
    Table {
        name: "resource_count_of_owner",
        columns: &["tenant", "brought_by", "type", "count"],
        key: 3,
        shape: Shape::Counts,
        is_wide: false,
    },
    Table {
        name: "resource_count",
        columns: &["tenant", "type", "count"],
        key: 2,
        shape: Shape::Counts,
        is_wide: false,
    },
];

/// What stays behind, with the reason. A column of `*` is the whole table.
pub const LEFT_BEHIND: [(Dialect, &str, &str, &str); 10] = [
    (Dialect::Sqlite, "schema_migration", "*", "each database has migrations of its own"),
    (Dialect::Sqlite, "resource", "document_number", "where this database has put the document"),
    (Dialect::Sqlite, "resource_document", "*", "the document goes with its resource"),
    (Dialect::Sqlite, "lease", "*", "of servers that run, and none does"),
    (Dialect::Postgresql, "schema_migration", "*", "each database has migrations of its own"),
    (Dialect::Postgresql, "resource_document", "*", "the document goes with its resource"),
    (Dialect::Postgresql, "lease", "*", "of servers that run, and none does"),
    (Dialect::Postgresql, "tenant_lock", "*", "of writers that are at work, and none is"),
    (Dialect::Postgresql, "change_pending", "*", "its entries have got their numbers before"),
    (Dialect::Postgresql, "resource_count_of_owner", "slot", "parts of a sum"),
];

/// What is copied.
pub(super) fn copied() -> impl Iterator<Item = &'static Table> {
    TABLES.iter().filter(|table| table.shape != Shape::Counts)
}

/// What the description says otherwise than a database's schema: columns as `(table, column, place in the primary key from
/// 1, or 0)`. For the tests of drivers.
pub fn differences_from(dialect: Dialect, schema: &[(String, String, usize)]) -> Vec<String> {
    let is_left = |table: &str, column: &str| {
        LEFT_BEHIND
            .iter()
            .any(|(of, name, part, _)| *of == dialect && *name == table && (*part == "*" || *part == column))
    };
    let mut differences = Vec::new();
    for (table, column, place) in schema {
        let described = TABLES.iter().find(|known| known.name == table);
        match described.and_then(|known| known.columns.iter().position(|name| name == column).zip(Some(known))) {
            Some((found, known)) if known.shape != Shape::Counts => {
                let described = if found < known.key { found + 1 } else { 0 };
                // A key may have its columns in another order in the table, but not in the key.
                if described != *place {
                    differences.push(format!("{table}.{column} has place {place} in the key, not {described}"));
                }
            }
            Some(_) => {}
            None if is_left(table, column) => {}
            None => differences.push(format!("{table}.{column} is not described")),
        }
    }
    for table in &TABLES {
        let names: Vec<&str> =
            schema.iter().filter(|(name, ..)| name == table.name).map(|(_, column, _)| column.as_str()).collect();
        let is_made_up = |column: &str| {
            (table.shape == Shape::Resource && column == "document")
                // PostgreSQL sums the counts of all owners up.
                || (table.name == "resource_count" && dialect == Dialect::Postgresql)
        };
        let missing = table.columns.iter().filter(|column| !names.contains(column) && !is_made_up(column));
        differences.extend(missing.map(|column| format!("{}.{column} is not there", table.name)));
    }
    differences
}
