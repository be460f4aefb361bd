//! Rows of the reference tables and what they mean.

use muster_model::{Connection, ConnectionId, Credential, CredentialDigest, CredentialId, Overrides, Tenant, TenantId};
use muster_store::{FoundCaller, StoreError};
use rusqlite::{Params, Row, Statement};

use crate::failure::{damaged, defect, store_error};
use crate::read::column;
use crate::schemas::revision_from;
use muster_store_sql::columns::{IdColumn, timestamp};

/// In the order of [`connection_from`].
pub(super) const CONNECTION_COLUMNS: &str = "tenant, id, name, provider, created, profile_overrides";
/// How many columns that are.
const CONNECTION_WIDTH: usize = 6;
/// In the order of [`credential_from`], of a table called `d`.
pub(super) const CREDENTIAL_COLUMNS: &str = "d.tenant, d.id, d.connection, d.digest, d.last_four, d.created, d.expires";
/// How many columns that are.
pub(super) const CREDENTIAL_WIDTH: usize = 7;

pub(super) fn tenant_from(row: &Row<'_>) -> Result<Tenant, StoreError> {
    Ok(Tenant {
        id: TenantId::from_bytes(column(row, 0)?),
        name: column(row, 1)?,
        created: timestamp(column(row, 2)?)?,
    })
}

/// `first`: where the connection's columns begin.
pub(super) fn connection_from(row: &Row<'_>, first: usize) -> Result<Connection, StoreError> {
    let provider: String = column(row, first + 3)?;
    Ok(Connection {
        tenant: TenantId::from_bytes(column(row, first)?),
        id: ConnectionId::from_bytes(column(row, first + 1)?),
        name: column(row, first + 2)?,
        provider: provider.parse().map_err(|_| damaged("provider of a connection"))?,
        created: timestamp(column(row, first + 4)?)?,
        overrides: overrides_from(column::<Option<String>>(row, first + 5)?.as_deref())?,
    })
}

pub(super) fn overrides_from(text: Option<&str>) -> Result<Overrides, StoreError> {
    match text {
        None => Ok(Overrides::default()),
        Some(text) => serde_json::from_str(text).map_err(|_| damaged("list of a connection's overrides")),
    }
}

/// NULL when there are none.
pub(super) fn overrides_column(overrides: &Overrides) -> Result<Option<String>, StoreError> {
    if overrides.is_empty() {
        return Ok(None);
    }
    serde_json::to_string(overrides).map(Some).map_err(|_| defect("a connection's overrides could not be written"))
}

pub(super) fn credential_from(row: &Row<'_>) -> Result<Credential, StoreError> {
    Ok(Credential {
        tenant: TenantId::from_bytes(column(row, 0)?),
        id: CredentialId::from_bytes(column(row, 1)?),
        connection: ConnectionId::from_bytes(column(row, 2)?),
        digest: CredentialDigest::from_bytes(column(row, 3)?),
        last_four: column(row, 4)?,
        created: timestamp(column(row, 5)?)?,
        expires: column::<Option<i64>>(row, 6)?.map(timestamp).transpose()?,
    })
}

/// The credential's columns, then the connection's, then the revision of the tenant's schemas.
pub(super) fn caller_from(row: &Row<'_>) -> Result<FoundCaller, StoreError> {
    Ok(FoundCaller {
        credential: credential_from(row)?,
        connection: connection_from(row, CREDENTIAL_WIDTH)?,
        schema_revision: revision_from(column(row, CREDENTIAL_WIDTH + CONNECTION_WIDTH)?)?,
    })
}

pub(super) fn collect<T>(
    statement: &mut Statement<'_>,
    params: impl Params,
    from: impl Fn(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut rows = statement.query(params).map_err(store_error)?;
    let mut all = Vec::new();
    while let Some(row) = rows.next().map_err(store_error)? {
        all.push(from(row)?);
    }
    Ok(all)
}
