//! What Citus knows of a table already.

use tokio_postgres::Client;

use crate::OpenError;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Declared {
    /// A whole copy on every server.
    Reference,
    /// By the hash of a column; tables of the same number have the rows of one value on the same server.
    Distributed { column: Option<String>, colocation: i64 },
    /// What Citus can do besides.
    Other,
}

/// `pg_dist_partition` has one row for each table that Citus knows. The method `n` is kept for all tables without a distribution
/// column; those of them that are copied to every server are told by their way of being written, in two phases (`t`). A
/// table without neighbours (0) is a local one that Citus noted by itself, because of a foreign key to a declared table: it may
/// be declared as if Citus did not know it.
pub(super) async fn find(client: &Client, place: &str, table: &str) -> Result<Option<Declared>, OpenError> {
    let row = client
        .query_opt(
            "SELECT p.partmethod::text, p.repmodel::text, p.colocationid::bigint,
                    column_to_column_name(p.logicalrelid, p.partkey::text)
             FROM pg_dist_partition AS p
             WHERE p.logicalrelid::oid = to_regclass(quote_ident(current_schema()) || '.' || quote_ident($1))::oid",
            &[&table],
        )
        .await
        .map_err(|error| OpenError::from_server(place, &error))?;
    Ok(row.and_then(|row| match (row.get(0), row.get(1), row.get(2)) {
        ("h", _, colocation) => Some(Declared::Distributed { colocation, column: row.get(3) }),
        ("n", "t", _) => Some(Declared::Reference),
        ("n", _, 0) => None,
        _ => Some(Declared::Other),
    }))
}
