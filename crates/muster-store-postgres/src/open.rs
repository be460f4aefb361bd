//! Opens a database: connects, looks at the server and the schema.

use muster_store_sql::transfer::{MARKER_EXISTS, MARKER_SOURCE};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::address::Address;
use crate::connection::{self, Connection};
use crate::migrate;
use crate::pool::Pool;
use crate::{OpenError, PostgresOptions, tls};

/// 15 is the oldest release that its makers still mend.
const OLDEST_SERVER: i32 = 150_000;

/// Connects, and migrates or checks the schema as the options say.
pub(crate) async fn open(url: &str, options: PostgresOptions) -> Result<Pool, OpenError> {
    let (address, tls, first) = connect(url, &options).await?;
    if options.migrate {
        migrate::migrate(first.client(), &address.place).await?;
    } else {
        migrate::check(first.client(), &address.place).await?;
    }
    refuse_half_filled(&first, &address.place).await?;
    Ok(Pool::new(address, tls, options, first))
}

/// A database that may be filled at this moment.
pub(crate) async fn open_target(url: &str, options: PostgresOptions) -> Result<Pool, OpenError> {
    let (address, tls, first) = connect(url, &options).await?;
    migrate::migrate(first.client(), &address.place).await?;
    Ok(Pool::new(address, tls, options, first))
}

async fn refuse_half_filled(first: &Connection, place: &str) -> Result<(), OpenError> {
    let failed = |error| OpenError::from_server(place, &error);
    let [_, exists] = MARKER_EXISTS;
    if !first.client().query_one(exists, &[]).await.map_err(failed)?.get::<_, bool>(0) {
        return Ok(());
    }
    let from = first.client().query_one(MARKER_SOURCE, &[]).await.map_err(failed)?.get(0);
    Err(OpenError::HalfFilled { place: place.to_owned(), from })
}

/// Applies the missing migrations and nothing else.
pub(crate) async fn migrate_only(url: &str) -> Result<(), OpenError> {
    let (address, _, first) = connect(url, &PostgresOptions::for_command()).await?;
    migrate::migrate(first.client(), &address.place).await
}

/// Whether any migration is applied.
pub(crate) async fn has_schema(url: &str) -> Result<bool, OpenError> {
    let (address, _, first) = connect(url, &PostgresOptions::for_command()).await?;
    Ok(migrate::applied(first.client(), &address.place).await?.number() > 0)
}

/// Whether a first start has made an installation: the schema alone may have been made before.
pub(crate) async fn has_installation(url: &str) -> Result<bool, OpenError> {
    let (address, _, first) = connect(url, &PostgresOptions::for_command()).await?;
    if migrate::applied(first.client(), &address.place).await?.number() == 0 {
        return Ok(false);
    }
    let asked = first.client().query_one("SELECT EXISTS (SELECT 1 FROM tenant)", &[]).await;
    Ok(asked.map_err(|error| OpenError::from_server(&address.place, &error))?.get(0))
}

pub(crate) async fn connect(
    url: &str,
    options: &PostgresOptions,
) -> Result<(Address, MakeRustlsConnect, Connection), OpenError> {
    let mut address = Address::parse(url)?;
    let config = &mut address.config;
    if config.get_application_name().is_none() {
        config.application_name(&options.application_name);
    }
    // What a firewall or a dead network swallows must be noticed while somebody still waits.
    config.keepalives_idle(std::time::Duration::from_secs(30));
    config.keepalives_interval(std::time::Duration::from_secs(10));
    config.keepalives_retries(3);
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(options.statement_limit);
    }
    let tls = tls::connector(&address.trust)?;
    let first = connection::first(&address, &tls, options).await?;
    check_server(&first, &address.place).await?;
    Ok((address, tls, first))
}

async fn check_server(first: &Connection, place: &str) -> Result<(), OpenError> {
    let row = first
        .client()
        .query_one(
            "SELECT current_setting('server_version_num')::int, current_setting('server_version'),
                    current_setting('server_encoding')",
            &[],
        )
        .await
        .map_err(|error| OpenError::from_server(place, &error))?;
    let (number, found, encoding): (i32, String, String) = (row.get(0), row.get(1), row.get(2));
    if number < OLDEST_SERVER {
        return Err(OpenError::TooOld { place: place.to_owned(), found });
    }
    if encoding != "UTF8" {
        return Err(OpenError::NotUtf8 { place: place.to_owned(), found: encoding });
    }
    Ok(())
}
