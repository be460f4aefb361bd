//! Turns what PostgreSQL reports into what callers act on. What is kept of a report names places, never values.

use std::error::Error;
use std::io;

use muster_store::StoreError;
use tokio_postgres::error::SqlState;

/// What may be said of an error: PostgreSQL's own details repeat values.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServerFault {
    #[error("PostgreSQL reports {code}{}: {message}", at(.place.as_ref()))]
    Said { code: String, place: Option<String>, message: String },
    #[error("PostgreSQL reports {code}{}", at(.place.as_ref()))]
    Hidden { code: String, place: Option<String> },
    #[error("the connection to PostgreSQL failed: {0}")]
    Connection(String),
}

fn at(place: Option<&String>) -> String {
    place.map_or_else(String::new, |place| format!(" ({place})"))
}

impl ServerFault {
    pub(crate) fn of(error: &tokio_postgres::Error) -> Self {
        let Some(report) = error.as_db_error() else {
            let cause = error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {source}"));
            return Self::Connection(cause);
        };
        let code = report.code().code().to_owned();
        let place = report.constraint().or(report.column()).or(report.table()).map(str::to_owned);
        // What is wrong with data quotes it; what is wrong with a statement, a role or the server does not.
        if code.starts_with("22") || code.starts_with("23") {
            Self::Hidden { code, place }
        } else {
            Self::Said { code, place, message: report.message().to_owned() }
        }
    }
}

/// What to do about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Another transaction was in the way: the same work in a new one finds what that one left.
    Again,
    /// The connection is gone or the server stops: another connection may work.
    Lost,
    /// A statement was prepared before a migration changed its table: a new connection prepares it anew.
    Stale,
    /// The statement took longer than it may.
    Cancelled,
    /// Full, or too busy: a little later it may work.
    Later,
    Broken,
}

impl Verdict {
    pub(crate) fn of(error: &tokio_postgres::Error) -> Self {
        let Some(code) = error.code() else {
            let is_io = error.source().is_some_and(|source| source.downcast_ref::<io::Error>().is_some());
            return if error.is_closed() || is_io { Self::Lost } else { Self::Broken };
        };
        match *code {
            SqlState::T_R_SERIALIZATION_FAILURE
            | SqlState::T_R_DEADLOCK_DETECTED
            // Two wrote the same key, or one deleted what the other points at, after each had looked and found it lawful.
            | SqlState::UNIQUE_VIOLATION
            | SqlState::FOREIGN_KEY_VIOLATION => Self::Again,
            SqlState::FEATURE_NOT_SUPPORTED | SqlState::INVALID_SQL_STATEMENT_NAME => Self::Stale,
            // The primary became a replica.
            SqlState::READ_ONLY_SQL_TRANSACTION
            | SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT => Self::Lost,
            SqlState::QUERY_CANCELED => Self::Cancelled,
            SqlState::LOCK_NOT_AVAILABLE => Self::Later,
            _ => match code.code().get(..2) {
                Some("08" | "57") => Self::Lost,
                Some("53" | "58") => Self::Later,
                _ => Self::Broken,
            },
        }
    }

    pub(crate) fn into_store_error(self, error: &tokio_postgres::Error) -> StoreError {
        let fault = Box::new(ServerFault::of(error));
        if self == Self::Broken { StoreError::Failed(fault) } else { StoreError::Unavailable(fault) }
    }
}

/// Why the database is not available, when it was not the server who said so.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Absence {
    #[error("no connection to PostgreSQL became free in time")]
    PoolExhausted,
    #[error("PostgreSQL took too long to accept a connection")]
    ConnectTimeout,
    #[error("PostgreSQL did not answer in time")]
    NoAnswer,
}

pub(crate) fn unavailable(why: Absence) -> StoreError {
    StoreError::Unavailable(Box::new(why))
}
