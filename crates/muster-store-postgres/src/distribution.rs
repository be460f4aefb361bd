//! Spreads the tables over the servers of a Citus cluster, for `muster migrate --distribute` (docs/adr/0022).

mod declared;
mod error;
mod placement;
#[cfg(test)]
mod tests;

use tokio_postgres::Client;

use crate::{OpenError, PostgresOptions, migrate, open};
use declared::Declared;

pub use error::DistributionError;
pub use placement::{Placement, TABLES, TENANT, Table, statements};

/// What became of one table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    pub table: &'static str,
    pub placement: Placement,
    /// Whether it was there before.
    pub is_found: bool,
}

/// Brings the schema up to date and declares to Citus what it does not know yet, in order, each table in a transaction of its
/// own: whoever is interrupted goes on with the next call. `tell` hears of each table when it is done.
pub async fn distribute(url: &str, mut tell: impl FnMut(Step)) -> Result<Vec<Step>, DistributionError> {
    let (address, _, first) = open::connect(url, &PostgresOptions::for_command()).await?;
    let (client, place) = (first.client(), address.place.as_str());
    expect_citus(client, place).await?;
    migrate::migrate(client, place).await?;
    // A full table is copied to the servers that are to have it, which takes as long as it takes.
    let unlimited = "SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0";
    client.batch_execute(unlimited).await.map_err(|error| OpenError::from_server(place, &error))?;
    let mut steps = Vec::with_capacity(TABLES.len());
    for table in TABLES.iter().filter(|table| table.statement().is_some()) {
        let is_found = declare(client, place, table).await?;
        let step = Step { table: table.name, placement: table.placement, is_found };
        tell(step);
        steps.push(step);
    }
    Ok(steps)
}

async fn expect_citus(client: &Client, place: &str) -> Result<(), DistributionError> {
    let asked = client
        .query_one(
            "SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus'),
                    EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = 'citus')",
            &[],
        )
        .await
        .map_err(|error| OpenError::from_server(place, &error))?;
    match (asked.get(0), asked.get(1)) {
        (true, _) => Ok(()),
        (false, true) => Err(DistributionError::NotCreated { place: place.to_owned() }),
        (false, false) => Err(DistributionError::NotInstalled { place: place.to_owned() }),
    }
}

/// `true`: it was declared already.
async fn declare(client: &Client, place: &str, table: &Table) -> Result<bool, DistributionError> {
    let failed = |error: tokio_postgres::Error| DistributionError::refused(place, table.name, &error);
    // The lock of those who migrate: of two who declare the same table, one finds it done.
    let begin = "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT 1 FROM schema_migration WHERE number = 0 FOR UPDATE";
    client.batch_execute(begin).await.map_err(failed)?;
    let declared = declare_locked(client, place, table).await;
    let end = if declared.is_ok() { "COMMIT" } else { "ROLLBACK" };
    let ended = client.batch_execute(end).await.map_err(failed);
    let is_found = declared?;
    ended.map(|()| is_found)
}

async fn declare_locked(client: &Client, place: &str, table: &Table) -> Result<bool, DistributionError> {
    if let Some(found) = declared::find(client, place, table.name).await? {
        expect_as_wanted(client, place, table, &found).await?;
        return Ok(true);
    }
    let statement = table.statement().unwrap_or_default();
    client.batch_execute(&statement).await.map_err(|error| DistributionError::refused(place, table.name, &error))?;
    Ok(false)
}

/// Another way of spreading would give right answers slowly, or refuse joins later: it is better to say so now.
async fn expect_as_wanted(
    client: &Client,
    place: &str,
    table: &Table,
    found: &Declared,
) -> Result<(), DistributionError> {
    let otherwise =
        |found: String| Err(DistributionError::Otherwise { place: place.to_owned(), table: table.name, found });
    match (table.placement, found) {
        (Placement::Reference, Declared::Reference) => Ok(()),
        (Placement::Distributed, Declared::Distributed { column, colocation }) => {
            if column.as_deref() != Some(TENANT) {
                return otherwise(format!("by the column {}", column.as_deref().unwrap_or("?")));
            }
            let anchor = declared::find(client, place, placement::ANCHOR).await?;
            match anchor {
                Some(Declared::Distributed { colocation: wanted, .. }) if wanted == *colocation => Ok(()),
                _ => otherwise(format!("apart from {}", placement::ANCHOR)),
            }
        }
        (_, Declared::Distributed { .. }) => otherwise("by a column, not as a reference table".to_owned()),
        (_, Declared::Reference) => otherwise("as a reference table".to_owned()),
        (_, Declared::Other) => otherwise("in another way of Citus".to_owned()),
    }
}
