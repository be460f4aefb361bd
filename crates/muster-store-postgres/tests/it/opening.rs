//! What a person reads who starts Muster on a database that does not take it.

use std::time::Duration;

use muster_store_postgres::{OpenError, PostgresOptions, PostgresStore};
use muster_testkit::postgres::{empty_database, shared_server};

async fn refused(url: &str) -> OpenError {
    let options = PostgresOptions { connect_limit: Duration::from_secs(2), ..PostgresOptions::for_command() };
    let Err(error) = PostgresStore::open(url, options).await else { panic!("{url} was opened") };
    let mut told = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        told.push_str(" / ");
        told.push_str(&cause.to_string());
        source = cause.source();
    }
    assert!(!told.contains("canary") && !told.contains("correct-horse"), "{told}");
    assert!(told.len() < 400, "{told}");
    error
}

#[tokio::test]
async fn each_reason_has_a_message_of_its_own() {
    let database = empty_database();
    let (_, place) = database.url.rsplit_once('@').unwrap();
    let wrong = refused(&format!("postgres://postgres:canary@{place}")).await;
    assert!(matches!(wrong, OpenError::Refused { .. }), "{wrong:?}");
    let stranger = refused(&format!("postgres://nobody_we_know:canary@{place}")).await;
    assert!(matches!(stranger, OpenError::Refused { .. }), "{stranger:?}");
    let absent = refused(&shared_server().url("no_such_database")).await;
    assert!(matches!(absent, OpenError::NoSuchDatabase { .. }), "{absent:?}");
    let silent = refused("postgres://u:canary@127.0.0.1:1/d").await;
    assert!(matches!(silent, OpenError::Unreachable { .. }), "{silent:?}");
    let unknown = refused("postgres://u:canary@no-such-host.invalid/d").await;
    assert!(matches!(unknown, OpenError::Unreachable { .. } | OpenError::Slow { .. }), "{unknown:?}");
    // This server has no TLS.
    let plain = refused(&format!("{}?sslmode=require", database.url)).await;
    assert!(matches!(plain, OpenError::Unreachable { .. }), "{plain:?}");
}

#[tokio::test]
async fn another_encoding_is_refused() {
    let server = shared_server();
    let name = format!("latin_{}", std::process::id());
    server.sql(&format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1'"));
    let error = refused(&server.url(&name)).await;
    assert!(matches!(error, OpenError::NotUtf8 { .. }), "{error:?}");
    server.sql(&format!("DROP DATABASE {name} WITH (FORCE)"));
}

/// A primary that became a replica is not written to, and the person is told.
#[tokio::test]
async fn a_server_that_takes_no_writes_is_refused_unless_it_is_wanted() {
    let database = empty_database();
    muster_store_postgres::migrate(&database.url).await.unwrap();
    let name = database.url.rsplit('/').next().unwrap();
    shared_server().sql(&format!("ALTER DATABASE {name} SET default_transaction_read_only = on"));
    let error = refused(&database.url).await;
    assert!(matches!(error, OpenError::ReadOnly { .. }), "{error:?}");
    let wanted = format!("{}?target_session_attrs=any", database.url);
    PostgresStore::open(&wanted, PostgresOptions::for_command()).await.unwrap();
}
