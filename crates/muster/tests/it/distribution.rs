//! `muster migrate --distribute`, with a stand-in for Citus: it has Citus's names and refuses what Citus refuses, and spreads
//! nothing.

use muster_testkit::postgres::{empty_database, shared_server};

use crate::process::{run, run_json, stderr, stdout};

const STAND_IN: &str = include_str!("../../../muster-store-postgres/tests/it/distribution/citus_stand_in.sql");

#[test]
fn the_statements_are_shown_without_a_database() {
    let folder = tempfile::tempdir().unwrap();
    let shown = run(folder.path(), &["migrate", "--distribute", "--dry-run"]);
    assert_eq!(shown.status.code(), Some(0), "{}", stderr(&shown));
    assert!(stdout(&shown).starts_with("SELECT create_reference_table('tenant');\n"), "{}", stdout(&shown));
    assert_eq!(stdout(&shown).lines().count(), 31);
    let json = run_json(folder.path(), &["migrate", "--distribute", "--dry-run", "--json"]);
    assert_eq!(json["statements"].as_array().unwrap().len(), 31);
    let alone = run(folder.path(), &["migrate", "--dry-run"]);
    assert_eq!(alone.status.code(), Some(2), "{}", stderr(&alone));
}

#[test]
fn who_has_no_citus_is_told_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let file = run(folder.path(), &["migrate", "--distribute"]);
    assert_eq!(file.status.code(), Some(2), "{}", stderr(&file));
    assert!(stderr(&file).contains("--database-url postgres://"), "{}", stderr(&file));
    let database = empty_database();
    let refused = run(folder.path(), &["migrate", "--distribute", "--database-url", &database.url]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("CREATE EXTENSION citus"), "{}", stderr(&refused));
    assert!(!stderr(&refused).contains("correct-horse"), "the password was shown");
}

#[test]
fn a_cluster_is_declared_once_and_the_steps_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let database = empty_database();
    shared_server().sql_in(database.url.rsplit('/').next().unwrap(), STAND_IN);
    let place = ["--database-url", database.url.as_str()];
    let first = run(folder.path(), &["migrate", "--distribute", place[0], place[1]]);
    assert_eq!(first.status.code(), Some(0), "{}", stderr(&first));
    assert!(stdout(&first).starts_with("31 of 31 tables of "), "{}", stdout(&first));
    assert!(stderr(&first).contains("membership               distributed  done"), "{}", stderr(&first));
    let again = run_json(folder.path(), &["migrate", "--distribute", "--json", place[0], place[1]]);
    assert_eq!((&again["declared"], &again["up_to_date"]), (&0.into(), &true.into()), "{again}");
    let membership = again["tables"].as_array().unwrap().iter().find(|step| step["table"] == "membership").unwrap();
    assert_eq!((&membership["placement"], &membership["found"]), (&"distributed".into(), &true.into()));
}
