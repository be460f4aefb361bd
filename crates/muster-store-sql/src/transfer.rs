//! Copies an installation from one database into another, and proves that both hold the same (docs/adr/0020).
//!
//! Which tables and columns there are is said once, in [`tables`], whatever a database makes of them. Rows go in the order of
//! their primary keys, a portion a transaction, so that whoever comes after an interruption goes on behind the greatest key
//! that is there. At the end both sides are read once more in the same order, and a digest of each table, and of each
//! tenant in it, must be the same.

mod copy;
mod digest;
mod house;
mod marker;
mod portion;
mod statements;
pub mod tables;

use muster_store::StoreError;

use crate::columns::IdBytes;

pub use house::{Dialect, House, Statement};
pub use marker::{MARKER_EXISTS, MARKER_SOURCE};

use copy::Copying;
use marker::Marker;

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Copying,
    Comparing,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub step: Step,
    pub table: &'static str,
    /// Rows of the table that are done.
    pub rows: u64,
    /// Rows of the table that there are.
    pub of: u64,
}

/// A table that is the same in both databases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovedTable {
    pub name: &'static str,
    pub rows: u64,
    /// SHA-256 over its rows in their canonical form.
    pub digest: [u8; 32],
}

/// A table, and a tenant in it, that is not the same in both databases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub table: &'static str,
    /// `None` for a table that belongs to the installation.
    pub tenant: Option<IdBytes>,
}

/// What was moved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    pub tables: Vec<MovedTable>,
    /// Rows that this run copied; an earlier one may have copied the others.
    pub copied: u64,
    /// Whether an earlier run had begun.
    pub is_resumed: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the source holds no installation; nothing was moved")]
    EmptySource,
    #[error("the target holds data already, which would be mixed with what is moved; choose an empty database")]
    TargetHoldsData,
    #[error(
        "the target is being filled from another installation, or from this one as it was before it was changed; empty the \
         target and start again"
    )]
    OtherSource,
    #[error(
        "the source was written to while it was moved, so the target is not its copy; stop every server and command that uses \
         the source, empty the target and start again"
    )]
    SourceChanged,
    #[error("another run of the same move has taken over; let it come to its end")]
    TakenOver,
    #[error("the target is not the same as the source in {}; empty it and start again", listed(.0))]
    Different(Vec<Difference>),
}

fn listed(differences: &[Difference]) -> String {
    const MOST_NAMED: usize = 20;
    let mut words: Vec<String> = differences
        .iter()
        .take(MOST_NAMED)
        .map(|difference| match difference.tenant {
            None => format!("table {}", difference.table),
            Some(tenant) => {
                let tenant = <muster_model::TenantId as crate::columns::IdColumn>::from_bytes(tenant);
                format!("table {} of tenant {tenant}", difference.table)
            }
        })
        .collect();
    if differences.len() > MOST_NAMED {
        words.push(format!("{} more", differences.len() - MOST_NAMED));
    }
    words.join(", ")
}

/// Copies everything and compares it, or goes on where an earlier run has ended. `source` is told to whoever opens the target
/// before it is whole; `run` is something that no other run has.
pub async fn move_house(
    from: &impl House,
    to: &impl House,
    source: &str,
    run: &str,
    told: &mut dyn FnMut(Progress),
) -> Result<Moved, TransferError> {
    from.settle_changes().await?;
    let marker = Marker::of(from, source, run).await?;
    let is_resumed = marker.claim(to).await?;
    let mut copied = 0;
    for table in tables::copied() {
        copied += Copying { from, to, marker: &marker, table }.run(told).await?;
    }
    marker.write(to, &statements::counts(to.dialect())).await?;
    let (tables, differences) = digest::compared(from, to, told).await?;
    // In this order: what was written meanwhile is also a difference, and the cause is what a person wants to know.
    if !marker.is_still_of(from).await? {
        return Err(TransferError::SourceChanged);
    }
    if !differences.is_empty() {
        return Err(TransferError::Different(differences));
    }
    marker.remove(to).await?;
    Ok(Moved { tables, copied, is_resumed })
}
