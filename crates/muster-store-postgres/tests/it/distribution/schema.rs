//! The schema as PostgreSQL's own catalogue tells it, after all migrations.

use muster_store_postgres::distribution::{Placement, TABLES, TENANT};
use muster_store_postgres::migrate;
use muster_testkit::postgres::{TestDatabase, empty_database};

use super::declaring::sql;

/// One line for each way in which the database breaks what a cluster needs.
fn problems(database: &TestDatabase) -> Vec<String> {
    let rows: Vec<String> =
        TABLES.iter().map(|table| format!("('{}', '{}')", table.name, table.placement.as_str())).collect();
    let tables = format!("placed (name, placement) AS (VALUES {})", rows.join(", "));
    let ours = "ours AS (SELECT c.oid, c.relname AS name, p.placement FROM pg_class AS c LEFT JOIN placed AS p
        ON p.name = c.relname WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'f', 'm'))";
    let key = format!(
        "spread AS (SELECT o.*, a.attnum, a.attnotnull, a.atttypid FROM ours AS o LEFT JOIN pg_attribute AS a
             ON a.attrelid = o.oid AND a.attname = '{TENANT}' AND NOT a.attisdropped WHERE o.placement = 'distributed')"
    );
    let checks = [
        "SELECT name || ': the table stands in no list, and nobody knows where a cluster keeps it' FROM ours
         WHERE placement IS NULL",
        "SELECT p.name || ': the list names a table that is not there' FROM placed AS p
         WHERE NOT EXISTS (SELECT 1 FROM ours AS o WHERE o.name = p.name)",
        "SELECT name || ': no column tenant, or one that may be NULL, or no uuid' FROM spread
         WHERE attnum IS NULL OR NOT attnotnull OR atttypid <> 'uuid'::regtype",
        "SELECT s.name || ': the primary key does not begin with the tenant' FROM spread AS s
         WHERE NOT EXISTS (SELECT 1 FROM pg_index AS i WHERE i.indrelid = s.oid AND i.indisprimary AND i.indkey[0] = s.attnum)",
        "SELECT s.name || ': the unique index ' || i.indexrelid::regclass || ' lacks the tenant' FROM spread AS s
         JOIN pg_index AS i ON i.indrelid = s.oid AND (i.indisunique OR i.indisexclusion)
         WHERE NOT s.attnum = ANY (i.indkey::smallint[])",
        "SELECT s.name || ': the foreign key ' || f.conname || ' does not lead from tenant to tenant' FROM spread AS s
         JOIN pg_constraint AS f ON f.conrelid = s.oid AND f.contype = 'f'
         JOIN spread AS t ON t.oid = f.confrelid
         WHERE NOT EXISTS (SELECT 1 FROM unnest(f.conkey, f.confkey) AS pair (mine, other)
                           WHERE pair.mine = s.attnum AND pair.other = t.attnum)",
        "SELECT o.name || ': the foreign key ' || f.conname || ' leads to where its rows may not be' FROM ours AS o
         JOIN pg_constraint AS f ON f.conrelid = o.oid AND f.contype = 'f' JOIN ours AS t ON t.oid = f.confrelid
         WHERE t.placement <> 'reference' AND NOT (o.placement = 'distributed' AND t.placement = 'distributed')
            OR o.placement = 'local'",
        "SELECT s.name || ': the trigger ' || t.tgname FROM spread AS s JOIN pg_trigger AS t
             ON t.tgrelid = s.oid AND NOT t.tgisinternal",
        "SELECT s.name || ': the column ' || a.attname || ' is counted up by the database' FROM spread AS s
         JOIN pg_attribute AS a ON a.attrelid = s.oid AND a.attnum > 0
         LEFT JOIN pg_attrdef AS d ON d.adrelid = s.oid AND d.adnum = a.attnum
         WHERE a.attidentity <> '' OR pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval%'",
    ];
    let found = sql(database, &format!("WITH {tables}, {ours}, {key} {} ORDER BY 1", checks.join(" UNION ALL ")));
    found.lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn every_table_of_tenants_has_the_tenant_in_every_key() {
    let database = empty_database();
    migrate(&database.url).await.unwrap();
    assert_eq!(problems(&database), Vec::<String>::new());
    let spread = TABLES.iter().filter(|table| table.placement == Placement::Distributed).count();
    assert_eq!(spread, 23);
}

#[tokio::test]
async fn a_schema_that_breaks_the_rule_is_found() {
    for (change, problem) in [
        ("CREATE TABLE forgotten (a int)", "forgotten: the table stands in no list"),
        ("DROP TABLE conflict", "conflict: the list names a table that is not there"),
        ("ALTER TABLE conflict DROP COLUMN tenant CASCADE", "conflict: no column tenant"),
        (
            "ALTER TABLE conflict DROP CONSTRAINT conflict_pkey, ADD PRIMARY KEY (id)",
            "conflict: the primary key does not begin with the tenant",
        ),
        ("CREATE UNIQUE INDEX again ON conflict (id)", "conflict: the unique index again lacks the tenant"),
        (
            "ALTER TABLE membership ADD UNIQUE (tenant, member_id);
             ALTER TABLE resource_key ADD CONSTRAINT far FOREIGN KEY (id, tenant) REFERENCES membership (tenant, member_id)",
            "resource_key: the foreign key far does not lead from tenant to tenant",
        ),
        (
            "ALTER TABLE lease ADD tenant uuid, ADD resource uuid,
             ADD CONSTRAINT near FOREIGN KEY (tenant, resource) REFERENCES resource",
            "lease: the foreign key near leads to where its rows may not be",
        ),
        (
            "CREATE TRIGGER t BEFORE UPDATE ON change FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
            "change: the trigger t",
        ),
        ("ALTER TABLE change ADD number bigserial", "change: the column number is counted up by the database"),
    ] {
        let database = empty_database();
        migrate(&database.url).await.unwrap();
        sql(&database, change);
        let found = problems(&database);
        assert!(found.iter().any(|line| line.starts_with(problem)), "{change}: {found:?}");
    }
}
