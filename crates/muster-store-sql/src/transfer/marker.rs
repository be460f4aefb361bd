//! The note in a target that it is not whole yet: a table of its own, which is there as long as that is so. Whoever opens a
//! database looks for it, and refuses.

use std::fmt::Write as _;

use muster_store::StoreError;

use super::tables::{TABLES, Table, copied};
use super::{Dialect, House, Statement, TransferError, digest};
use crate::Row;

/// Whether the table is there, in SQLite and in PostgreSQL.
pub const MARKER_EXISTS: [&str; 2] = [
    "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'moving_house')",
    "SELECT to_regclass(quote_ident(current_schema()) || '.moving_house') IS NOT NULL",
];

/// What the target is being filled from, for people.
pub const MARKER_SOURCE: &str = "SELECT source FROM moving_house";

const CREATE: &str = "CREATE TABLE moving_house
    (source TEXT NOT NULL, installation TEXT NOT NULL, log_end TEXT NOT NULL, run TEXT NOT NULL)";

/// What a source is known by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Marker {
    source: String,
    /// Its tenants and its keys, which are random.
    installation: String,
    /// How far its change logs are.
    log_end: String,
    /// Which run fills the target. The server of a run that was killed may be at work on its last transaction, and another
    /// run may begin meanwhile: the row is locked by each transaction, and only the last run's go through.
    run: String,
}

impl Marker {
    pub(super) async fn of(from: &impl House, source: &str, run: &str) -> Result<Self, TransferError> {
        if !has_rows(from, table("tenant")?).await? {
            return Err(TransferError::EmptySource);
        }
        let installation = [hexadecimal(&digest::of_table(from, table("tenant")?).await?), keys(from).await?].concat();
        let log_end = log_end(from).await?;
        Ok(Self { source: source.to_owned(), installation, log_end, run: run.to_owned() })
    }

    /// What each transaction of this run begins with.
    fn fence(&self) -> Statement {
        let sql = "UPDATE moving_house SET run = ?1 WHERE run = ?1".to_owned();
        Statement { sql, values: vec![self.run.as_str().into()] }
    }

    /// Makes the target one that is being filled from this source. `true`: an earlier run has done so.
    pub(super) async fn claim(&self, to: &impl House) -> Result<bool, TransferError> {
        if exists(to).await? {
            let sql = "SELECT installation, log_end FROM moving_house";
            let found = to.rows(sql, &[]).await?.pop();
            let mut found = found.ok_or(TransferError::OtherSource)?;
            let is_same = found.take::<String>(0)? == self.installation && found.take::<String>(1)? == self.log_end;
            if !is_same {
                return Err(TransferError::OtherSource);
            }
            // Waits for the last transaction of the run before.
            let sql = "UPDATE moving_house SET run = ?1".to_owned();
            return Ok(to.write(Some(&Statement { sql, values: vec![self.run.as_str().into()] }), &[]).await?);
        }
        for table in copied() {
            if has_rows(to, table).await? {
                return Err(TransferError::TargetHoldsData);
            }
        }
        let values = [&self.source, &self.installation, &self.log_end, &self.run].map(|text| text.as_str().into());
        let insert = Statement {
            sql: "INSERT INTO moving_house (source, installation, log_end, run) VALUES (?1, ?2, ?3, ?4)".to_owned(),
            values: values.to_vec(),
        };
        // PostgreSQL understands a statement only when the table that it names is there.
        to.write(None, &[Statement { sql: CREATE.to_owned(), values: Vec::new() }, insert]).await?;
        Ok(false)
    }

    /// Whether nothing was written to the source since.
    pub(super) async fn is_still_of(&self, from: &impl House) -> Result<bool, TransferError> {
        Ok(*self == Self::of(from, &self.source, &self.run).await?)
    }

    /// The target is whole.
    pub(super) async fn remove(&self, to: &impl House) -> Result<(), TransferError> {
        let drop = Statement { sql: "DROP TABLE moving_house".to_owned(), values: Vec::new() };
        self.write(to, &[drop]).await
    }

    /// Writes to the target, unless another run has taken it over.
    pub(super) async fn write(&self, to: &impl House, statements: &[Statement]) -> Result<(), TransferError> {
        if to.write(Some(&self.fence()), statements).await? { Ok(()) } else { Err(TransferError::TakenOver) }
    }
}

async fn exists(house: &impl House) -> Result<bool, StoreError> {
    let [sqlite, postgresql] = MARKER_EXISTS;
    let sql = match house.dialect() {
        Dialect::Sqlite => sqlite,
        Dialect::Postgresql => postgresql,
    };
    house.rows(sql, &[]).await?.pop().map_or(Ok(false), |mut row| row.take(0))
}

async fn has_rows(house: &impl House, table: &Table) -> Result<bool, StoreError> {
    let sql = format!("SELECT EXISTS (SELECT 1 FROM \"{}\")", table.name);
    house.rows(&sql, &[]).await?.pop().map_or(Ok(false), |mut row: Row| row.take(0))
}

async fn keys(from: &impl House) -> Result<String, TransferError> {
    Ok(hexadecimal(&digest::of_table(from, table("installation_key")?).await?))
}

/// The last numbers, and whether entries wait for theirs.
async fn log_end(from: &impl House) -> Result<String, TransferError> {
    let mut end = hexadecimal(&digest::of_table(from, table("change_sequence")?).await?);
    if from.dialect() == Dialect::Postgresql {
        let row = from.rows("SELECT count(*) FROM change_pending", &[]).await?.pop();
        let waiting: i64 = row.map_or(Ok(0), |mut row| row.take(0))?;
        end = format!("{end}+{waiting}");
    }
    Ok(end)
}

fn table(name: &str) -> Result<&'static Table, StoreError> {
    TABLES.iter().find(|table| table.name == name).ok_or_else(|| crate::defect("a table is not described"))
}

fn hexadecimal(digest: &[u8]) -> String {
    let mut text = String::with_capacity(digest.len() * 2);
    for byte in digest {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
