//! Why the tables were not spread: what is wrong, where, and what to do.

use crate::OpenError;
use crate::failure::ServerFault;

#[derive(Debug, thiserror::Error)]
pub enum DistributionError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(
        "the database server at {place} has no Citus, so there is nothing to spread the tables over; install the package of \
         Citus for its release of PostgreSQL on every server of the cluster, put citus first into \
         shared_preload_libraries, restart them, run CREATE EXTENSION citus in the database, and try again \
         (docs/scaling.md)"
    )]
    NotInstalled { place: String },
    #[error(
        "the database {place} does not use Citus, though its server has it; run CREATE EXTENSION citus in it as a superuser, \
         on the coordinator and on every worker, and try again (docs/scaling.md)"
    )]
    NotCreated { place: String },
    #[error(
        "the table {table} of {place} is spread already, but {found}; undo that with undistribute_table('{table}') while no \
         server of Muster runs, and try again"
    )]
    Otherwise { place: String, table: &'static str, found: String },
    #[error(
        "Citus does not spread the table {table} of {place}; nothing was changed in it, and the tables before it are done; when \
         the cause is mended, run the command again"
    )]
    Refused { place: String, table: &'static str, source: Box<dyn std::error::Error + Send + Sync> },
}

impl DistributionError {
    pub(super) fn refused(place: &str, table: &'static str, error: &tokio_postgres::Error) -> Self {
        Self::Refused { place: place.to_owned(), table, source: Box::new(ServerFault::of(error)) }
    }
}
