//! What filters cost on many resources, before PostgreSQL knows anything of its tables and afterwards. Times are only
//! compared with those of a simpler question in the same run.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::{Duration, Instant};

use muster_model::{ResourceId, TenantId, TypeName};
use muster_store::{Directory, Include, ResourceQuery, Scope, StoreError};
use muster_store_sql::{Session, View};
use scim::Leniency;
use scim::filter::Filter;
use scim::schema::user_resource_schema;
use scim::sort::{Sort, SortOrder};
use uuid::Uuid;

use super::PostgresDirectory;
use crate::open;
use crate::pool::Pool;
use crate::session::PostgresSession;
use crate::trial::{database, options};

const GROUP: &str = "ffffffff-0000-7000-8000-000000000001";
const OTHER_GROUP: &str = "ffffffff-0000-7000-8000-000000000002";
const PEOPLE: u64 = 20_000;
/// Reading through one list for each entry of another costs some thousand times as much, on that many people.
const MOST_TIMES: u32 = 25;

/// Everybody has a name, an address, a common display name, and is in both groups.
async fn fill(pool: &Pool, numbers: RangeInclusive<u64>) {
    let statements = [
        "INSERT INTO resource SELECT t, id, 1, n, n, NULL, 'User', 'x' FROM people".to_owned(),
        "INSERT INTO resource_document SELECT t, id, '{\"active\":true,\"userName\":\"a' \
         || md5(n::text) || '\"}' FROM people"
            .to_owned(),
        "INSERT INTO resource_key SELECT t, 'User', 'userName', 'a' || md5(n::text), id, '' FROM people".to_owned(),
        "INSERT INTO resource_key SELECT t, 'User', 'emails.value', 'b' || md5(n::text), id, NULL FROM people"
            .to_owned(),
        "INSERT INTO resource_key SELECT t, 'User', 'displayName', 'same', id, NULL FROM people".to_owned(),
        format!("INSERT INTO membership SELECT t, '{GROUP}', id, 1, n FROM people"),
        format!("INSERT INTO membership SELECT t, '{OTHER_GROUP}', id, 1, n FROM people"),
    ];
    let people = format!(
        "CREATE OR REPLACE TEMPORARY VIEW people AS SELECT '{}'::uuid AS t, n, \
         ('0199b6f0-5c3e-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid AS id FROM generate_series({}, {}) AS n",
        tenant(),
        numbers.start(),
        numbers.end()
    );
    let (people, statements) = (&people, &statements);
    pool.write(|session: Arc<PostgresSession>| async move {
        session.execute(people, &[]).await?;
        for statement in statements {
            session.execute(statement, &[]).await?;
        }
        Ok::<_, StoreError>(())
    })
    .await
    .unwrap();
}

fn tenant() -> Uuid {
    Uuid::from_u128(1)
}

async fn asked(directory: &PostgresDirectory, filter: &str, sort: Option<&str>) -> (Duration, u64) {
    let schema = user_resource_schema();
    let leniency = Leniency::TOLERANT;
    let mut query = ResourceQuery::first(Arc::clone(&schema), 100);
    query.filter = Some(Filter::parse(filter, &leniency).unwrap().compile(&schema, &leniency).unwrap());
    query.sort = sort.map(|by| Sort::compile_leniently(&schema, by, SortOrder::Ascending, &leniency).unwrap());
    query.counts_all = true;
    let begun = Instant::now();
    let page = directory.list_resources(&query).await.unwrap_or_else(|error| panic!("{filter}: {error:?}"));
    (begun.elapsed(), page.total.unwrap())
}

#[tokio::test]
async fn two_wide_conditions_cost_little_more_than_one() {
    let (pool, _kept) = database().await;
    let pool = Arc::new(pool);
    fill(&pool, 1..=PEOPLE).await;
    let view = View { tenant: TenantId::from_uuid(tenant()), scope: Scope::Tenant };
    let directory = PostgresDirectory { pool: Arc::clone(&pool), view };
    for knows_its_tables in [false, true] {
        if knows_its_tables {
            pool.look(|session: Arc<PostgresSession>| async move { session.execute("ANALYZE", &[]).await })
                .await
                .unwrap();
        }
        let (indexed, _) = asked(&directory, "userName sw \"a\"", None).await;
        let (evaluated, _) = asked(&directory, "active eq true", None).await;
        for (filter, sort, wanted) in [
            ("userName sw \"a\" and emails.value sw \"b\"".to_owned(), None, PEOPLE),
            ("userName sw \"a\" and emails.value sw \"b\"".to_owned(), Some("meta.created"), PEOPLE),
            ("userName sw \"a\" and emails.value sw \"b\"".to_owned(), Some("userName"), PEOPLE),
            ("userName sw \"a\" and active eq true".to_owned(), None, PEOPLE),
            ("emails[value sw \"b\"] and not (userName sw \"a\")".to_owned(), None, 0),
            ("not (userName sw \"a\") or emails.value sw \"b\"".to_owned(), None, PEOPLE),
            ("not (userName sw \"b\")".to_owned(), None, PEOPLE),
            ("displayName eq \"same\" and emails.value sw \"b\"".to_owned(), None, PEOPLE),
            ("displayName eq \"same\" and displayName ne \"other\"".to_owned(), None, PEOPLE),
            (format!("userName sw \"a\" and groups.value eq \"{GROUP}\""), None, PEOPLE),
            (format!("groups.value eq \"{GROUP}\" and groups.value eq \"{OTHER_GROUP}\""), None, PEOPLE),
            (format!("not (groups.value eq \"{GROUP}\")"), None, 0),
            (format!("(userName sw \"x\" or groups.value eq \"{GROUP}\") and emails.value sw \"b\""), None, PEOPLE),
        ] {
            let (took, total) = asked(&directory, &filter, sort).await;
            println!(
                "{knows_its_tables} {filter} {sort:?}: {took:?} (one condition {indexed:?}, evaluated {evaluated:?})"
            );
            assert_eq!(total, wanted, "{filter}");
            let most = if filter.contains("active") { evaluated.max(indexed) } else { indexed };
            assert!(took < most * MOST_TIMES, "{filter}: {took:?} where one condition takes {most:?}");
        }
    }
}

fn person(number: u64) -> ResourceId {
    ResourceId::parse(&format!("0199b6f0-5c3e-7000-8000-{number:012x}")).unwrap()
}

/// What a client asks most: one person with his groups, by id and by name.
async fn asked_for_persons(directory: &PostgresDirectory) -> Duration {
    let begun = Instant::now();
    for number in 1..=50 {
        let include = Include { members: false, groups: true };
        directory.find_resource(&TypeName::new("User"), person(number), include).await.unwrap();
        asked(directory, "userName eq \"somebody\"", None).await;
    }
    begun.elapsed()
}

/// A plan is kept as long as its connection, also while the tables that it was made for are filled.
#[tokio::test]
async fn plans_that_were_made_for_small_tables_serve_large_ones() {
    let (pool, kept) = database().await;
    let view = View { tenant: TenantId::from_uuid(tenant()), scope: Scope::Tenant };
    let early = PostgresDirectory { pool: Arc::new(pool), view };
    let late = PostgresDirectory { pool: Arc::new(open::open(&kept.url, options()).await.unwrap()), view };
    // On a connection of its own: the view would have the plans of its connection made again.
    fill(&late.pool, 1..=200).await;
    let of_few = asked_for_persons(&early).await;
    fill(&late.pool, 201..=PEOPLE).await;
    asked_for_persons(&late).await;
    let (by_early, by_late) = (asked_for_persons(&early).await, asked_for_persons(&late).await);
    println!("few {of_few:?}, full {by_early:?}, with plans for large tables {by_late:?}");
    assert!(by_early < by_late * 8, "{by_early:?} where plans made for large tables take {by_late:?}");
}
