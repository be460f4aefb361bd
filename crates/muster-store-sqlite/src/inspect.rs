//! The thorough look of `muster doctor`: SQLite's own check, then the facts that this driver keeps without foreign keys.

use muster_store_sql::Invariant;
use rusqlite::Connection;

use crate::migrate;

/// As many lines of SQLite's own check as a person will read.
const MOST_LINES: usize = 20;

/// Beside those that all drivers share.
const INVARIANTS: [Invariant; 4] = [
    Invariant {
        table: "resource",
        what: "resources have no document",
        sql: "SELECT count(*) FROM resource AS r WHERE NOT EXISTS
             (SELECT 1 FROM resource_document AS d WHERE d.number = r.document_number AND d.tenant = r.tenant)",
    },
    Invariant {
        table: "resource_document",
        what: "documents belong to no resource",
        sql: "SELECT count(*) FROM resource_document WHERE number NOT IN (SELECT document_number FROM resource)",
    },
    Invariant {
        table: "resource_count",
        what: "counters of resources are wrong",
        sql: "SELECT count(*) FROM (
             SELECT tenant, type, sum(counted) AS counted, sum(there) AS there FROM (
                 SELECT tenant, type, count AS counted, 0 AS there FROM resource_count
                 UNION ALL SELECT tenant, type, 0, count(*) FROM resource GROUP BY tenant, type
             ) GROUP BY tenant, type
         ) WHERE counted <> there",
    },
    Invariant {
        table: "resource_count_of_owner",
        what: "counters of owners are wrong",
        sql: "SELECT count(*) FROM (
             SELECT tenant, type, owner, sum(counted) AS counted, sum(there) AS there FROM (
                 SELECT tenant, type, brought_by AS owner, count AS counted, 0 AS there FROM resource_count_of_owner
                 UNION ALL SELECT tenant, type, coalesce(brought_by, zeroblob(16)), 0, count(*)
                 FROM resource GROUP BY tenant, type, brought_by
             ) GROUP BY tenant, type, owner
         ) WHERE counted <> there",
    },
];

/// One thing to look at; one statement, so that each has a snapshot of its own and the WAL can start over in between.
#[derive(Clone, Copy)]
pub(crate) enum Check {
    /// SQLite's own look at every page.
    Integrity,
    /// The foreign keys of the reference tables.
    References,
    Invariant(Invariant),
}

/// Everything that can be checked of a schema of that version. A newer one than this program knows gets SQLite's own
/// check only: what must hold in it is unknown.
pub(crate) fn checks(schema_version: i64) -> impl Iterator<Item = Check> {
    let is_known = schema_version <= migrate::version_after(migrate::MIGRATIONS.len());
    let invariants = muster_store_sql::INVARIANTS.into_iter().chain(INVARIANTS).filter(move |_| is_known);
    [Check::Integrity, Check::References].into_iter().chain(invariants.map(Check::Invariant))
}

/// What a store that brought its schema up to date checks.
pub(crate) fn checks_of_this_schema() -> impl Iterator<Item = Check> {
    checks(migrate::version_after(migrate::MIGRATIONS.len()))
}

impl Check {
    /// Each finding in plain words; none when all is well.
    pub(crate) fn run(self, connection: &Connection) -> rusqlite::Result<Vec<String>> {
        match self {
            Self::Integrity => integrity(connection),
            Self::References => {
                let broken = count(connection, "SELECT count(*) FROM pragma_foreign_key_check")?;
                let finding = format!("{broken} rows refer to a tenant or connection that is not there");
                Ok((broken > 0).then_some(finding).into_iter().collect())
            }
            Self::Invariant(invariant) => {
                let is_table = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?1";
                if connection.query_row(is_table, [invariant.table], |row| row.get::<_, i64>(0))? == 0 {
                    return Ok(Vec::new());
                }
                Ok(invariant.finding(count(connection, invariant.sql)?).into_iter().collect())
            }
        }
    }
}

fn integrity(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare("PRAGMA integrity_check")?;
    let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
    let lines = lines.take(MOST_LINES).collect::<rusqlite::Result<Vec<_>>>()?;
    let reported = lines.into_iter().filter(|line| line != "ok");
    Ok(reported.map(|line| format!("SQLite reports damage: {line}")).collect())
}

fn count(connection: &Connection, sql: &str) -> rusqlite::Result<i64> {
    connection.query_row(sql, [], |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inspect(connection: &Connection) -> Vec<String> {
        checks_of_this_schema().flat_map(|check| check.run(connection).unwrap()).collect()
    }

    #[test]
    fn each_broken_fact_is_found() {
        let id = "zeroblob(16)";
        for (broken, finding) in [
            (format!("INSERT INTO resource VALUES ({id}, {id}, 'User', 1, 0, 0, 7, NULL, NULL)"), "have no document"),
            (format!("INSERT INTO resource_document VALUES ({id}, 7, '{{}}')"), "belong to no resource"),
            (format!("INSERT INTO resource_key VALUES ({id}, 'User', 'a', 'b', {id}, NULL)"), "look-up entries"),
            (format!("INSERT INTO membership VALUES ({id}, {id}, {id}, 1, 0)"), "memberships name"),
            (format!("INSERT INTO pending_member VALUES ({id}, {id}, 1, 'x')"), "pending members"),
            (format!("INSERT INTO resource_count VALUES ({id}, 'User', 3)"), "counters"),
            (
                format!("INSERT INTO change VALUES ({id}, 1, 'created', 'User', {id}, 1, NULL, NULL, NULL, 0, NULL)"),
                "logs",
            ),
            (format!("INSERT INTO repair_count VALUES ({id}, {id}, 'x', 1, 0)"), "counters of repairs"),
            (format!("INSERT INTO resource_count_of_owner VALUES ({id}, {id}, 'User', 3)"), "counters of owners"),
            (
                format!("INSERT INTO conflict VALUES ({id}, {id}, {id}, 'User', {id}, 'a', 0, 0, 1, 'open')"),
                "conflicts belong",
            ),
            (
                format!("INSERT INTO held_operation VALUES ({id}, {id}, 'delete', x'', {id}, {id}, 'User', 0, NULL)"),
                "held changes",
            ),
            (format!("INSERT INTO guard_window VALUES ({id}, {id}, 'User', 1, 0, 0, 0)"), "counters of the guard"),
            (
                format!("INSERT INTO secret VALUES ({id}, {id}, 'k', {id}, 'f', 1, {id}, x'00', 0, 0)"),
                "data key that is not there",
            ),
            (
                format!("INSERT INTO connection VALUES (x'00', {id}, 'a', 'okta', 0, NULL, 1, NULL)"),
                "a tenant or connection",
            ),
        ] {
            let mut connection = Connection::open_in_memory().unwrap();
            crate::migrate::migrate(&mut connection).unwrap();
            assert_eq!(inspect(&connection), [] as [&str; 0]);
            connection.execute_batch(&format!("PRAGMA foreign_keys = OFF; {broken}")).unwrap();
            let findings = inspect(&connection);
            assert!(findings.iter().any(|line| line.contains(finding)), "{broken}: {findings:?}");
        }
    }
}
