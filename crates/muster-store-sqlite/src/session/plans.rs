//! How SQLite answers the statements that filters and orders become.

use std::sync::{Arc, Mutex};

use muster_model::{ConnectionId, ResourceId, StoredResource, TenantId, TypeName};
use muster_store::keys::keys_of;
use muster_store::{Batch, Include, Key, NewDocument, PageStart, Place, ResourceQuery, Scope, StoreError, Write};
use muster_store_sql::list::{self, Listing};
use muster_store_sql::{Plan, Row, Session, Value, View, commit, finished};
use rusqlite::Connection;
use scim::Leniency;
use scim::filter::{CompiledFilter, Filter};
use scim::schema::{group_resource_schema, user_resource_schema};
use scim::sort::{Sort, SortKey, SortOrder};
use uuid::Uuid;

use super::SqliteSession;

const ID: &str = "0199b6f0-5c3e-7000-8000-000000000001";

fn compiled(text: &str) -> CompiledFilter {
    let is_about_groups = text.contains("members");
    let schema = if is_about_groups { group_resource_schema() } else { user_resource_schema() };
    let leniency = Leniency::TOLERANT;
    Filter::parse(text, &leniency).unwrap().compile(&schema, &leniency).unwrap()
}

const WHOLE: View = View { tenant: TenantId::from_uuid(Uuid::nil()), scope: Scope::Tenant };
const OWN: View = View { scope: Scope::Connection(ConnectionId::from_uuid(Uuid::nil())), ..WHOLE };

fn of(text: &str) -> Plan {
    Plan::of(&compiled(text), WHOLE)
}

/// Whether every resource of the type is looked at.
fn scans(plan: &Plan) -> bool {
    plan.candidates.is_none() && (plan.condition.is_some() || !plan.is_exact)
}

fn explained(plan: &Plan) -> Vec<String> {
    let mut connection = Connection::open_in_memory().unwrap();
    crate::migrate::migrate(&mut connection).unwrap();
    let sql = format!("EXPLAIN QUERY PLAN {} ORDER BY r.id", plan.select());
    let mut statement = connection.prepare(&sql).unwrap();
    let values: Vec<Value> = [Value::Id([0; 16]), Value::from("User")].into_iter().chain(plan.values.clone()).collect();
    let rows =
        statement.query_map(rusqlite::params_from_iter(values.iter().map(super::Bound)), |row| row.get(3)).unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn what_selects_by_key_never_scans() {
    let long = (0..90).map(|number| format!("userName eq \"u{number}\"")).collect::<Vec<_>>().join(" or ");
    for (text, is_exact) in [
        ("userName eq \"Anna\"".to_owned(), true),
        ("externalId eq \"7\"".to_owned(), true),
        ("emails eq \"a@example.com\"".to_owned(), true),
        ("emails[value eq \"a@example.com\"]".to_owned(), true),
        ("emails[value eq \"a@example.com\" or value eq \"b@example.com\"]".to_owned(), true),
        ("emails[type eq \"work\" and value eq \"a@example.com\"]".to_owned(), false),
        ("emails[value eq \"a@example.com\" and value sw \"b\"]".to_owned(), false),
        ("userName sw \"an\"".to_owned(), true),
        (format!("id eq \"{ID}\""), true),
        ("id eq \"0\"".to_owned(), true),
        (format!("groups.value eq \"{ID}\""), true),
        (format!("members.value eq \"{ID}\""), true),
        (format!("members[value eq \"{ID}\" and type eq \"User\"]"), false),
        ("userName eq \"a\" and active eq true".to_owned(), false),
        ("active eq true and not (userName ne \"a\") and userName eq \"a\"".to_owned(), false),
        ("userName eq \"a\" or externalId eq \"b\" or emails.value sw \"c\"".to_owned(), true),
        ("userName eq \"a\" and meta.lastModified gt \"2026-01-01T00:00:00Z\"".to_owned(), true),
        ("(userName eq \"a\" and meta.created gt \"2026-01-01T00:00:00Z\") or userName eq \"b\"".to_owned(), true),
        ("meta.lastModified eq \"2026-01-01T00:00:00.0000001Z\"".to_owned(), true),
        (long, true),
    ] {
        let plan = of(&text);
        assert_eq!((plan.is_exact, scans(&plan)), (is_exact, false), "{text}");
        for line in explained(&plan) {
            let looks_at_resources = line.contains(" r ") || line.contains("resource_by_type");
            assert!(!looks_at_resources || line.contains(" AND id=?)"), "{text}: {line}");
            assert!(!line.starts_with("SCAN resource") && !line.starts_with("SCAN membership"), "{text}: {line}");
        }
    }
}

/// In the scope of a connection nothing is looked at that others own, whatever the filter.
#[test]
fn what_a_connection_asks_costs_what_it_owns() {
    for text in [
        "userName eq \"Anna\"".to_owned(),
        "userName sw \"an\" and active eq true".to_owned(),
        format!("groups.value eq \"{ID}\""),
        format!("members.value eq \"{ID}\" or members.value eq \"{ID}\""),
        format!("not (groups.value eq \"{ID}\")"),
        format!("not (members.value eq \"{ID}\")"),
        "active eq true".to_owned(),
        "userName co \"a\"".to_owned(),
        "meta.lastModified gt \"2026-01-01T00:00:00Z\"".to_owned(),
    ] {
        let (whole, own) = (of(&text), Plan::of(&compiled(&text), OWN));
        assert_eq!((own.is_exact, own.is_few, scans(&own)), (whole.is_exact, whole.is_few, scans(&whole)), "{text}");
        let is_scoped = ["r.brought_by = ?3", "r.brought_by IS NOT DISTINCT FROM ?3"];
        assert!(is_scoped.iter().any(|scope| own.select().contains(scope)), "{text}");
        for line in explained(&own).iter().filter(|line| line.contains("SCAN") || line.contains("SEARCH")) {
            let is_scan_of_own = line
                .contains("r USING COVERING INDEX resource_by_owner (tenant=? AND brought_by=? AND type=?")
                || line.contains("r USING INDEX resource_by_owner (tenant=? AND brought_by=? AND type=?");
            let is_about_resources = line.contains("SEARCH r ") || line.contains("SCAN r ");
            let is_by_key = line.contains(" AND id=?)");
            assert!(!is_about_resources || is_by_key || is_scan_of_own && scans(&own), "{text}: {line}");
            assert!(!line.starts_with("SCAN membership") && !line.starts_with("SCAN resource"), "{text}: {line}");
        }
    }
    let own = Plan::everything(OWN);
    let index = "SEARCH r USING COVERING INDEX resource_by_owner (tenant=? AND brought_by=? AND type=?)";
    assert_eq!(explained(&own), [index]);
}

#[test]
fn what_no_index_knows_is_evaluated() {
    for (text, is_exact) in [
        ("active eq true", false),
        ("userName co \"a\"", false),
        ("userName ne \"a\"", true),
        ("not (userName eq \"a\")", true),
        ("userName sw \"\"", false),
        ("userName eq null", false),
        ("userName pr", false),
        ("userName gt \"a\"", false),
        ("userName eq \"a\" or active eq true", false),
        ("emails[value ne \"a\"]", false),
        ("emails[not (value eq \"a\")]", false),
        ("not (emails[value eq \"a\" and type eq \"work\"])", false),
        ("not (emails[value eq \"a\"])", true),
        ("meta.lastModified ge \"2026-01-01T00:00:00Z\"", true),
        ("name.familyName eq \"a\"", false),
    ] {
        let plan = of(text);
        assert_eq!((plan.is_exact, scans(&plan)), (is_exact, true), "{text}");
        // The statement is one that SQLite takes, with exactly these values.
        explained(&plan);
    }
}

#[test]
fn a_filter_with_too_many_values_is_evaluated() {
    let long = (0..150).map(|number| format!("userName eq \"u{number}\"")).collect::<Vec<_>>().join(" or ");
    assert_eq!(of(&long), Plan::default());
}

fn joined(term: impl Fn(usize) -> String, count: usize, word: &str) -> String {
    (0..count).map(term).collect::<Vec<_>>().join(&format!(" {word} "))
}

/// The language allows 512 terms; SQLite takes 500 parts of a UNION and trees of 1,000 levels.
#[test]
fn no_filter_makes_a_statement_that_sqlite_does_not_take() {
    let foreign = |number: usize| format!("0199b6f0-5c3e-7000-8000-{number:012}");
    let nested = (0..31).fold("userName eq \"a\"".to_owned(), |inner, number| {
        format!("(({inner} and meta.created gt \"2026-01-01T00:00:00Z\") or userName eq \"{number}\")")
    });
    for (text, is_scan) in [
        (joined(|_| "id eq \"x\"".to_owned(), 512, "or"), false),
        (joined(|_| "id eq \"x\"".to_owned(), 512, "and"), false),
        (joined(|_| "id ne \"x\"".to_owned(), 512, "and"), true),
        (joined(|_| "not (id ne \"x\")".to_owned(), 512, "or"), false),
        (joined(|_| "members.value eq \"x\"".to_owned(), 512, "or"), false),
        (joined(|number| format!("members.value eq \"{}\"", foreign(number)), 200, "or"), false),
        (joined(|number| format!("members.value ne \"{}\"", foreign(number)), 200, "and"), true),
        (joined(|number| format!("members.value eq \"{}\"", foreign(number)), 260, "or"), true),
        (joined(|_| "meta.created eq \"2026-01-01T00:00:00.0000001Z\"".to_owned(), 280, "or"), false),
        (joined(|_| "meta.created gt \"2026-01-01T00:00:00Z\"".to_owned(), 200, "or"), true),
        (format!("id eq \"{ID}\" or {}", joined(|_| "id eq \"x\"".to_owned(), 511, "or")), false),
        (nested, false),
    ] {
        let plan = of(&text);
        let begun = std::time::Instant::now();
        explained(&plan);
        assert!(begun.elapsed() < std::time::Duration::from_secs(2), "{text}: {:?}", begun.elapsed());
        assert_eq!(scans(&plan), is_scan, "{}", text.chars().take(80).collect::<String>());
    }
}

#[test]
fn only_equality_on_a_key_or_an_id_has_few_candidates() {
    for (text, is_few) in [
        ("userName eq \"a\"".to_owned(), true),
        ("userName eq \"a\" and active eq true".to_owned(), true),
        ("userName eq \"a\" or emails.value eq \"b\" or id eq \"x\"".to_owned(), true),
        ("id eq \"x\"".to_owned(), true),
        (format!("id eq \"{ID}\" and members.value eq \"{ID}\""), true),
        (format!("members.value eq \"{ID}\" and displayName eq \"a\""), true),
        ("userName sw \"a\"".to_owned(), false),
        ("userName sw \"a\" and userName eq \"abc\"".to_owned(), true),
        ("userName eq \"a\" or userName sw \"b\"".to_owned(), false),
        (format!("groups.value eq \"{ID}\""), false),
        (format!("members.value eq \"{ID}\""), true),
        (format!("members[value eq \"{ID}\" and type eq \"User\"]"), false),
        ("meta.created gt \"2026-01-01T00:00:00Z\"".to_owned(), false),
        ("active eq true".to_owned(), false),
    ] {
        assert_eq!(of(&text).is_few, is_few, "{text}");
    }
}

#[test]
fn what_an_absent_attribute_decides_needs_no_scan() {
    let leniency = Leniency::TOLERANT;
    let parsed = Filter::parse("userName eq \"a\"", &leniency).unwrap();
    let plan = Plan::of(&parsed.compile_or_absent(&group_resource_schema(), &leniency).unwrap(), WHOLE);
    assert_eq!((plan.is_exact, scans(&plan)), (true, false));
    explained(&plan);
    let parsed = Filter::parse("userName ne \"a\"", &leniency).unwrap();
    assert!(Plan::of(&parsed.compile_or_absent(&group_resource_schema(), &leniency).unwrap(), WHOLE).is_exact);
}

#[test]
fn an_unfiltered_page_follows_the_index_of_its_type() {
    let plan = Plan::everything(WHOLE);
    assert!(plan.is_exact && !scans(&plan));
    assert_eq!(explained(&plan), ["SEARCH r USING COVERING INDEX resource_by_type (tenant=? AND type=?)"]);
}

/// Notes how SQLite answers each statement that is put together, and answers it.
struct Explaining<'c> {
    session: SqliteSession<'c>,
    lines: Mutex<Vec<String>>,
}

impl Session for Explaining<'_> {
    async fn rows(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        self.session.rows(sql, values).await
    }

    async fn composed_rows(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        let lines = self.session.rows(&format!("EXPLAIN QUERY PLAN {sql}"), values).await?;
        let lines = lines.into_iter().map(|mut row| row.take::<String>(3).unwrap()).collect::<Vec<_>>().join("; ");
        self.lines.lock().unwrap().push(lines);
        self.session.composed_rows(sql, values).await
    }

    async fn execute(&self, sql: &str, values: &[Value]) -> Result<u64, StoreError> {
        self.session.execute(sql, values).await
    }

    async fn lock(&self, _: View, _: &str) -> Result<(), StoreError> {
        Ok(())
    }

    fn has_many_writers(&self) -> bool {
        false
    }

    async fn resources(
        &self,
        view: View,
        resource_type: &TypeName,
        ids: &[ResourceId],
        include: Include,
    ) -> Result<Vec<StoredResource>, StoreError> {
        self.session.resources(view, resource_type, ids, include).await
    }
}

#[test]
fn a_walk_along_a_key_follows_the_indexes_and_sorts_nothing() {
    let mut connection = Connection::open_in_memory().unwrap();
    crate::migrate::migrate(&mut connection).unwrap();
    connection.execute("INSERT INTO tenant (id, name, created) VALUES (zeroblob(16), 'test', 0)", []).unwrap();
    for view in [WHOLE, OWN] {
        let owner = view.scope.only();
        let people = ["{\"userName\":\"m\"}", "{\"userName\":\"n\"}", "{\"title\":\"without a name\"}"];
        let writes = people.iter().enumerate().map(|(number, text)| {
            let document: scim::Document = serde_json::from_str(text).unwrap();
            let keys = keys_of(&user_resource_schema(), &document, &Leniency::TOLERANT);
            let id = ResourceId::from_uuid(Uuid::from_u128(number as u128 + if owner.is_some() { 10 } else { 1 }));
            let keys = keys.into_iter().map(|key| Key { unique_in: None, ..key }).collect();
            let content = NewDocument { document, keys, label: None, difference: None };
            Write::Create { id, resource_type: TypeName::new("User"), owner, content, members: None }
        });
        let at = jiff::Timestamp::UNIX_EPOCH;
        let batch = Batch {
            writes: writes.collect(),
            connection: None,
            request: None,
            at,
            guard: muster_store::Guard::default(),
        };
        finished(commit::apply(&SqliteSession::of(&connection), view, &batch)).unwrap();
        let schema = user_resource_schema();
        for order in [SortOrder::Ascending, SortOrder::Descending] {
            let sort = Sort::compile_leniently(&schema, "userName", order, &Leniency::TOLERANT).unwrap();
            let place = Place { key: Some(SortKey::Text("m".to_owned())), id: ResourceId::from_uuid(Uuid::nil()) };
            for start in [PageStart::Offset(0), PageStart::After(place.clone()), PageStart::Before(place)] {
                let query =
                    ResourceQuery { sort: Some(sort.clone()), start, ..ResourceQuery::first(Arc::clone(&schema), 10) };
                follows_the_indexes(&connection, view, &query);
            }
        }
    }
}

fn follows_the_indexes(connection: &Connection, view: View, query: &ResourceQuery) {
    let plan = Plan::everything(view);
    let session = Explaining { session: SqliteSession::of(connection), lines: Mutex::default() };
    finished(list::places(Listing { session: &session, view, query, plan: &plan })).unwrap();
    let lines = session.lines.into_inner().unwrap();
    assert!(lines.iter().any(|line| line.contains("USING PRIMARY KEY")), "{lines:?}");
    let index_of_resources = if view.owner().is_some() { "resource_by_owner" } else { "resource_by_type" };
    for line in lines {
        assert!(!line.contains("TEMP B-TREE") && !line.contains("SCAN"), "{line}");
        let is_by_key = line.contains("r USING PRIMARY KEY (tenant=? AND id=?)");
        assert!(!line.contains(" r ") || is_by_key || line.contains(index_of_resources), "{line}");
        let range = ["(value,id)", "value>?"].iter().any(|range| line.contains(range));
        let is_search_for_missing = line.contains("resource_key_of_resource (tenant=? AND id=?)");
        assert!(range || is_search_for_missing, "{line}");
    }
}
