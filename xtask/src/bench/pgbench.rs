//! What PostgreSQL itself allows: pgbench with a script that writes the same rows as a PATCH of one person.

use crate::checkout;
use crate::command;
use crate::failure::{Explain, Outcome};
use crate::postgresql::Postgresql;

/// The document again, the row of its version, and what the change log notes; with everybody's ids at hand.
const SCRIPT: &str = "\
\\set number random(1, 1000)
SELECT tenant, id FROM bench_person WHERE number = :number \\gset
BEGIN;
SELECT version FROM resource WHERE tenant = :tenant::uuid AND id = :id::uuid FOR UPDATE;
UPDATE resource_document SET document = document WHERE tenant = :tenant::uuid AND id = :id::uuid;
WITH changed AS (
    UPDATE resource SET version = version + 1 WHERE tenant = :tenant::uuid AND id = :id::uuid
    RETURNING tenant, id, version, type, last_modified
)
INSERT INTO change_pending (tenant, resource, version, is_last, noted, kind, type, at)
SELECT tenant, id, version, false, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, 'updated', type, last_modified
FROM changed;
COMMIT;
";

/// People in an order of their own, as many as the script asks for.
const PEOPLE: &str = "CREATE TABLE IF NOT EXISTS bench_person AS
    SELECT row_number() OVER () AS number, tenant, id FROM (SELECT tenant, id FROM resource WHERE type = 'User' LIMIT 1000) AS a_thousand;
    CREATE UNIQUE INDEX IF NOT EXISTS bench_person_number ON bench_person (number)";

/// Transactions in a second.
pub(super) fn rate(server: &Postgresql, people: usize, connections: usize, seconds: u64) -> Outcome<f64> {
    let database = format!("postgresql_{people}");
    server.sql(&database, PEOPLE)?;
    let script = checkout::work_folder().join("bench").join("patch.sql");
    checkout::write_file(&script, SCRIPT)?;
    let mut pgbench = server.pgbench(&database);
    pgbench.args(["--no-vacuum", "--protocol=prepared", "--client", &connections.to_string()]);
    pgbench.args(["--jobs", "1", "--time", &seconds.to_string(), "--file"]).arg(&script);
    let printed = command::capture(&mut pgbench)?;
    let line = printed.lines().find_map(|line| line.strip_prefix("tps = "));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).explain(|| "pgbench printed no rate".to_owned())
}
