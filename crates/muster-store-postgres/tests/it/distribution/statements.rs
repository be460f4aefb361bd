//! Every statement keeps to one tenant.
//!
//! Those that stand in the sources as they are sent are read there. Those that are put together when they are needed are
//! written down while the laws run; and each piece of theirs in the sources must be found in one that was, so that none is
//! passed over because no law leads to it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use muster_store::Store as _;
use muster_store_postgres::distribution::{Placement, TABLES};
use muster_store_postgres::{PostgresOptions, PostgresStore, migrate};
use muster_store_sql::postgresql_text;
use muster_testkit::postgres::empty_database;

use super::reach::{Reach, parsed, problems};
use super::recorder::Recorder;
use super::sources::{Text, texts_below};

/// What looks at all tenants beside the invariants, by which `muster doctor` looks at the whole database. No request waits for
/// any of it.
const OF_ALL_TENANTS: [&str; 8] = [
    // A figure of the whole process, for its metrics.
    "SELECT count(*) FROM held_operation",
    // Whose background work there is to do; each tenant's is done apart.
    "SELECT DISTINCT tenant FROM change_pending ORDER BY tenant",
    "SELECT DISTINCT tenant FROM guard_window WHERE step < $1 ORDER BY tenant",
    // How large the request log is as a whole, and whose is too old.
    "SELECT coalesce(sum(bytes), 0)::bigint, min(day) FROM request_log_volume",
    "SELECT DISTINCT tenant FROM request_log_volume WHERE day < $1 ORDER BY tenant",
    // Whose webhooks have something to send or to forget.
    "SELECT DISTINCT e.tenant FROM webhook_endpoint AS e \
     WHERE EXISTS (SELECT 1 FROM webhook_delivery AS d WHERE d.tenant = e.tenant AND d.ended < $1) \
     ORDER BY e.tenant",
    "SELECT e.tenant, e.id FROM webhook_endpoint AS e \
     WHERE e.state = 'active' AND (e.rests_until IS NULL OR e.rests_until <= $1) AND ( \
     EXISTS (SELECT 1 FROM change_sequence AS s WHERE s.tenant = e.tenant AND s.last > e.scheduled) \
     OR EXISTS (SELECT 1 FROM webhook_delivery AS d WHERE d.tenant = e.tenant AND d.endpoint = e.id AND d.due <= $1) \
     OR EXISTS (SELECT 1 FROM change_pending AS p WHERE p.tenant = e.tenant)) \
     ORDER BY e.tenant, e.id",
    // Before the move of a whole installation to another database.
    "SELECT DISTINCT tenant FROM change_pending",
];

fn folder(crate_name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(crate_name).join("src")
}

/// Every text that names a table where a statement names one.
fn texts() -> Vec<Text> {
    let mut texts = texts_below(&folder("muster-store-sql"));
    texts.extend(texts_below(&folder("muster-store-postgres")));
    // The move of a whole installation reads and writes whole tables, and no server runs meanwhile.
    texts.retain(|text| !text.file.to_string_lossy().contains("/transfer/"));
    texts.retain(|text| text.pieces.iter().any(|piece| names_table(piece)));
    for text in &mut texts {
        text.pieces = text.pieces.iter().map(|piece| postgresql_text(piece)).collect();
    }
    texts
}

fn names_table(text: &str) -> bool {
    let words: Vec<&str> = text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').collect();
    words.windows(2).any(|pair| {
        ["FROM", "JOIN", "INTO", "UPDATE", "USING"].contains(&pair[0])
            && TABLES.iter().any(|table| table.name == pair[1] && table.placement == Placement::Distributed)
    })
}

fn invariants() -> Vec<String> {
    let mut invariants: Vec<String> =
        muster_store_sql::INVARIANTS.iter().map(|invariant| postgresql_text(invariant.sql)).collect();
    let own =
        texts_below(&folder("muster-store-postgres")).into_iter().filter(|text| text.file.ends_with("inspect.rs"));
    invariants.extend(own.map(|text| postgresql_text(&text.pieces.concat())));
    invariants
}

fn reach(sql: &str, invariants: &[String]) -> Reach {
    let may = OF_ALL_TENANTS.contains(&sql) || invariants.iter().any(|invariant| invariant == sql);
    if may { Reach::AllTenants } else { Reach::OneTenant }
}

fn judged(sql: &str, invariants: &[String]) -> Vec<String> {
    problems(sql, reach(sql, invariants)).into_iter().map(|problem| format!("{problem}: {sql}")).collect()
}

fn is_whole(text: &Text) -> bool {
    text.pieces.len() == 1 && parsed(&text.pieces[0]).is_ok()
}

#[test]
fn what_stands_in_the_sources_keeps_to_one_tenant() {
    let (texts, invariants) = (texts(), invariants());
    let whole: Vec<&Text> = texts.iter().filter(|text| is_whole(text)).collect();
    let broken: Vec<String> = whole.iter().flat_map(|text| judged(&text.pieces[0], &invariants)).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n\n"));
    for exception in OF_ALL_TENANTS {
        assert!(whole.iter().any(|text| text.pieces[0] == exception), "this exception is needed no more: {exception}");
    }
    // That they are found at all.
    assert!(whole.len() > 60, "only {} statements were found", whole.len());
}

/// Runs the laws once more, and listens.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_what_is_put_together_keeps_to_one_tenant() {
    let recorder = Recorder::begin();
    let database = empty_database();
    migrate(&database.url).await.unwrap();
    let open = async || PostgresStore::open(&database.url, PostgresOptions::for_server()).await.unwrap();
    muster_store::law_suite!(one after another: (open().await, ()));
    open().await.inspect().await.unwrap();

    let (sent, invariants) = (recorder.texts(), invariants());
    let broken: Vec<String> = sent.iter().flat_map(|sql| judged(sql, &invariants)).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n\n"));
    let unheard: Vec<String> = texts()
        .into_iter()
        .filter(|text| !is_whole(text) && !is_heard(text, &sent))
        .map(|text| format!("{text:?}"))
        .collect();
    assert!(unheard.is_empty(), "no law sends a statement with these pieces:\n{}", unheard.join("\n"));
}

/// Whether the pieces stand in a statement, in their order.
fn is_heard(text: &Text, sent: &BTreeSet<String>) -> bool {
    sent.iter().any(|sql| {
        let mut rest = sql.as_str();
        text.pieces.iter().all(|piece| match rest.split_once(piece.as_str()) {
            Some((_, behind)) => {
                rest = behind;
                true
            }
            None => false,
        })
    })
}

#[test]
fn a_statement_that_leaves_its_tenant_is_found() {
    for (sql, problem) in [
        ("SELECT id FROM resource WHERE id = $1", "resource (resource) is asked without"),
        ("SELECT id FROM resource WHERE tenant IS NOT DISTINCT FROM $1", "is asked without"),
        ("SELECT id FROM resource WHERE tenant = $1 OR id = $2", "is asked without"),
        ("SELECT id FROM resource WHERE NOT (tenant = $1)", "is asked without"),
        (
            "SELECT 1 FROM resource AS r JOIN membership AS m ON m.group_id = r.id WHERE r.tenant = $1",
            "membership (m) is asked without",
        ),
        (
            "SELECT 1 FROM resource AS r LEFT JOIN membership AS m ON m.tenant = $1 AND r.tenant = $1 AND m.tenant = r.tenant",
            "resource (r) is asked without",
        ),
        (
            "SELECT 1 FROM resource AS r WHERE r.tenant = $1 AND EXISTS (SELECT 1 FROM membership AS m WHERE m.group_id = r.id)",
            "membership (m) is asked without",
        ),
        (
            "SELECT 1 FROM resource AS r WHERE EXISTS (SELECT 1 FROM membership AS m WHERE m.tenant = $1 AND m.tenant = r.tenant)",
            "resource (r) is asked without",
        ),
        (
            "SELECT 1 FROM resource AS r WHERE r.tenant = $1 AND r.id IN (SELECT id FROM resource_key WHERE id = $2)",
            "resource_key (resource_key) is asked without",
        ),
        (
            "WITH a AS (SELECT id FROM resource) SELECT 1 FROM a JOIN resource AS r ON r.tenant = $1 AND r.id = a.id",
            "resource (resource) is asked without",
        ),
        ("SELECT 1 FROM resource AS r, connection AS c WHERE c.tenant = $1 AND tenant = $1", "resource (r) is asked"),
        ("SELECT (SELECT count(*) FROM change) FROM tenant WHERE id = $1", "change (change) is asked without"),
        ("SELECT 1 FROM tenant LIMIT (SELECT count(*) FROM change)", "change (change) is asked without"),
        ("UPDATE resource SET version = 2 WHERE id = $1", "resource (resource) is asked without"),
        ("DELETE FROM membership USING resource AS r WHERE r.tenant = $1 AND r.id = member_id", "membership"),
        ("INSERT INTO change_sequence (last) VALUES ($1)", "change_sequence is written without"),
        ("INSERT INTO change_sequence (tenant, last) VALUES (gen_random_uuid(), $1)", "is written without"),
        (
            "INSERT INTO change_sequence (tenant, last) SELECT tenant, 0 FROM connection WHERE id = $1",
            "is written without",
        ),
        (
            "SELECT 1 FROM resource AS r JOIN change AS c ON c.tenant = $2 WHERE r.tenant = $1",
            "several tenants: $1, $2",
        ),
        (
            "WITH gone AS (DELETE FROM conflict WHERE id = $2 RETURNING id) SELECT 1 FROM gone",
            "conflict (conflict) is asked without",
        ),
    ] {
        let found = problems(sql, Reach::OneTenant);
        assert!(found.iter().any(|one| one.contains(problem)), "{sql}: {found:?}");
    }
    for far in [
        "SELECT count(*) FROM resource AS r WHERE NOT EXISTS (SELECT 1 FROM change AS c WHERE c.resource = r.id)",
        "SELECT count(*) FROM (SELECT id FROM resource) AS r JOIN change AS c ON c.resource = r.id",
    ] {
        let found = problems(far, Reach::AllTenants);
        assert!(found.iter().any(|one| one.contains("change (c) is joined without the tenant")), "{far}: {found:?}");
    }
}

#[test]
fn lawful_statements_pass() {
    for sql in [
        "SELECT 1 FROM resource AS r JOIN membership AS m ON m.tenant = r.tenant AND m.group_id = r.id WHERE r.tenant = $1",
        "SELECT 1 FROM tenant AS t LEFT JOIN schema_entry AS e ON e.tenant = t.id WHERE t.id = $1",
        "SELECT 1 FROM resource AS r WHERE r.tenant = $1 AND EXISTS (SELECT 1 FROM change AS c WHERE c.tenant = r.tenant)",
        "SELECT (tenant = $1) FROM connection",
        "INSERT INTO repair_count (tenant, connection) SELECT tenant, id FROM connection WHERE tenant = $1::uuid",
    ] {
        assert_eq!(problems(sql, Reach::OneTenant), Vec::<String>::new(), "{sql}");
    }
}
