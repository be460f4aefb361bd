//! The thorough look of `muster doctor`: SQLite's own check, then the facts that this driver keeps without foreign keys.

use muster_store::StoreError;
use rusqlite::Connection;

use crate::failure::store_error;

/// As many lines of SQLite's own check as a person will read.
const MOST_LINES: usize = 20;

/// Counts of rows that must not be there, each with what to say about them.
const INVARIANTS: [(&str, &str); 7] = [
    (
        "resources have no document",
        "SELECT count(*) FROM resource AS r WHERE NOT EXISTS
             (SELECT 1 FROM resource_document AS d WHERE d.number = r.document_number AND d.tenant = r.tenant)",
    ),
    (
        "documents belong to no resource",
        "SELECT count(*) FROM resource_document WHERE number NOT IN (SELECT document_number FROM resource)",
    ),
    (
        "look-up entries belong to no resource",
        "SELECT count(*) FROM resource_key AS k WHERE NOT EXISTS
             (SELECT 1 FROM resource AS r WHERE r.tenant = k.tenant AND r.id = k.id AND r.type = k.type)",
    ),
    (
        "memberships name a group or a member that is not there",
        "SELECT count(*) FROM membership AS m WHERE NOT EXISTS
             (SELECT 1 FROM resource AS r WHERE r.tenant = m.tenant AND r.id = m.group_id)
         OR NOT EXISTS (SELECT 1 FROM resource AS r WHERE r.tenant = m.tenant AND r.id = m.member_id)",
    ),
    (
        "pending members wait for a group that is not there",
        "SELECT count(*) FROM pending_member AS p WHERE NOT EXISTS
             (SELECT 1 FROM resource AS r WHERE r.tenant = p.tenant AND r.id = p.group_id)",
    ),
    (
        "counters of resources are wrong",
        "SELECT count(*) FROM (
             SELECT tenant, type, sum(counted) AS counted, sum(there) AS there FROM (
                 SELECT tenant, type, count AS counted, 0 AS there FROM resource_count
                 UNION ALL SELECT tenant, type, 0, count(*) FROM resource GROUP BY tenant, type
             ) GROUP BY tenant, type
         ) WHERE counted <> there",
    ),
    (
        "change logs have entries beyond their last number",
        "SELECT count(*) FROM (SELECT tenant, max(sequence) AS last FROM change GROUP BY tenant) AS c
         LEFT JOIN change_sequence AS s ON s.tenant = c.tenant WHERE s.last IS NULL OR s.last < c.last",
    ),
];

/// Each finding in plain words; none when all is well.
pub(crate) fn inspect(connection: &Connection) -> Result<Vec<String>, StoreError> {
    let mut findings = Vec::new();
    let mut statement = connection.prepare("PRAGMA integrity_check").map_err(store_error)?;
    let lines = statement.query_map([], |row| row.get::<_, String>(0)).map_err(store_error)?;
    for line in lines.take(MOST_LINES) {
        let line = line.map_err(store_error)?;
        if line != "ok" {
            findings.push(format!("SQLite reports damage: {line}"));
        }
    }
    let broken: i64 = count(connection, "SELECT count(*) FROM pragma_foreign_key_check")?;
    if broken > 0 {
        findings.push(format!("{broken} rows refer to a tenant or connection that is not there"));
    }
    for (what, sql) in INVARIANTS {
        let wrong = count(connection, sql)?;
        if wrong != 0 {
            findings.push(format!("{wrong} {what}"));
        }
    }
    Ok(findings)
}

fn count(connection: &Connection, sql: &str) -> Result<i64, StoreError> {
    connection.query_row(sql, [], |row| row.get(0)).map_err(store_error)
}

#[cfg(test)]
mod tests {
    use super::*;

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
            (format!("INSERT INTO change VALUES ({id}, 1, 'created', 'User', {id}, 1, NULL, NULL, NULL, 0)"), "logs"),
            (format!("INSERT INTO connection VALUES (x'00', {id}, 'a', 'okta', 0)"), "a tenant or connection"),
        ] {
            let mut connection = Connection::open_in_memory().unwrap();
            crate::migrate::migrate(&mut connection).unwrap();
            assert_eq!(inspect(&connection).unwrap(), [] as [&str; 0]);
            connection.execute_batch(&format!("PRAGMA foreign_keys = OFF; {broken}")).unwrap();
            let findings = inspect(&connection).unwrap();
            assert!(findings.iter().any(|line| line.contains(finding)), "{broken}: {findings:?}");
        }
    }
}
