//! What must not be, said in a way that names the place and never a value.

use muster_store::StoreError;

/// A row that cannot be what a driver wrote.
#[derive(Debug, thiserror::Error)]
#[error("the database holds a damaged {what}")]
struct DamagedRow {
    what: &'static str,
}

/// A fault in our own code that was caught before it did harm.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Defect(&'static str);

pub fn damaged(what: &'static str) -> StoreError {
    StoreError::Failed(Box::new(DamagedRow { what }))
}

pub fn defect(what: &'static str) -> StoreError {
    StoreError::Failed(Box::new(Defect(what)))
}
