//! Why a database was not opened: what is wrong, where, and what to do. Never a password.

use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::error::SqlState;

use crate::failure::ServerFault;

type Source = Box<dyn std::error::Error + Send + Sync>;

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the URL of the database cannot be used: {problem}")]
    WrongUrl { problem: &'static str },
    #[error("the certificates in {} (sslrootcert) cannot be read; check the path and that they are PEM", .path.display())]
    NoRootCertificate { path: PathBuf, source: Source },
    #[error("TLS to the database cannot be set up; check sslmode and sslrootcert, or the system's certificates")]
    NoTls { source: Source },
    #[error(
        "the database server at {place} does not answer; check that it runs, its name and port, that a firewall lets us through, \
         and whether sslmode fits"
    )]
    Unreachable { place: String, source: Source },
    #[error("the database server at {place} did not answer within {} seconds; check its name and port", .limit.as_secs())]
    Slow { place: String, limit: Duration },
    #[error("the database server at {place} refuses the user or the password; check both in the URL, and pg_hba.conf")]
    Refused { place: String, source: Source },
    #[error("there is no database {place}; create it: CREATE DATABASE … ENCODING 'UTF8'")]
    NoSuchDatabase { place: String },
    #[error(
        "the database server at {place} has no connection left for us; raise max_connections or lower the pool's size"
    )]
    TooManyConnections { place: String },
    #[error("the database server at {place} is PostgreSQL {found}; Muster needs PostgreSQL 15 or later")]
    TooOld { place: String, found: String },
    #[error("the database {place} has the encoding {found}; create one with ENCODING 'UTF8'")]
    NotUtf8 { place: String, found: String },
    #[error("the database {place} has tables of another program; give Muster a database or a schema of its own")]
    Foreign { place: String },
    #[error(
        "the database {place} was migrated by a newer Muster (its schema is {found} and wants {wanted} or later, this program \
         knows {known}); use the newer program"
    )]
    NewerSchema { place: String, found: i64, wanted: i64, known: i64 },
    #[error(
        "the database {place} was migrated by another build of Muster (migration {number} differs); use the released \
         program that wrote it"
    )]
    ChangedMigration { place: String, number: i64 },
    #[error(
        "the database {place} lacks migrations (its schema is {found}, this program needs {known}); run `muster migrate`"
    )]
    NotMigrated { place: String, found: i64, known: i64 },
    #[error(
        "the database {place} is not whole: it is being filled from {from}; start `muster migrate-data` again and let it come \
         to its end, or empty the database"
    )]
    HalfFilled { place: String, from: String },
    #[error(
        "the user of the database {place} may not do what is needed; make him the owner of the database or its schema"
    )]
    NoRight { place: String, source: Source },
    #[error(
        "the database {place} takes no writes: it is a replica or read-only; name the primary server, or \
             wait until it is one"
    )]
    ReadOnly { place: String },
    #[error("another process migrates the database {place} and is not done; wait until it is, then start again")]
    Busy { place: String },
    #[error("the database {place} answered with an error")]
    Failed { place: String, source: Source },
}

impl OpenError {
    /// What the server said while a connection was made or the schema looked at.
    pub(crate) fn from_server(place: &str, error: &tokio_postgres::Error) -> Self {
        let place = place.to_owned();
        let source: Source = Box::new(ServerFault::of(error));
        let Some(code) = error.code() else {
            return if is_read_only(error) { Self::ReadOnly { place } } else { Self::Unreachable { place, source } };
        };
        match *code {
            SqlState::INVALID_PASSWORD | SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
                Self::Refused { place, source }
            }
            SqlState::INVALID_CATALOG_NAME => Self::NoSuchDatabase { place },
            SqlState::TOO_MANY_CONNECTIONS => Self::TooManyConnections { place },
            SqlState::INSUFFICIENT_PRIVILEGE => Self::NoRight { place, source },
            SqlState::READ_ONLY_SQL_TRANSACTION => Self::ReadOnly { place },
            SqlState::LOCK_NOT_AVAILABLE | SqlState::QUERY_CANCELED => Self::Busy { place },
            SqlState::CANNOT_CONNECT_NOW | SqlState::ADMIN_SHUTDOWN | SqlState::CRASH_SHUTDOWN => {
                Self::Unreachable { place, source }
            }
            _ => Self::Failed { place, source },
        }
    }
}

/// Whether a server answered that takes no writes. The driver below says so without a code of its own.
fn is_read_only(error: &tokio_postgres::Error) -> bool {
    let cause = std::error::Error::source(error).and_then(|source| source.downcast_ref::<std::io::Error>());
    cause.is_some_and(|cause| cause.kind() == std::io::ErrorKind::PermissionDenied && cause.raw_os_error().is_none())
}
