//! Tenants, connections and credentials.

mod installation_key;
mod rows;

use async_trait::async_trait;
use jiff::Timestamp;
use muster_model::{
    Connection, ConnectionId, Credential, CredentialDigest, OverrideChanges, Provider, Tenant, TenantId,
};
use muster_store::{FoundCaller, InstallationKey, Registry, RegistryError, StoreError};
use rusqlite::{OptionalExtension, params};

use crate::SqliteStore;
use crate::conflict;
use crate::failure::{store_error, violated_unique_columns, violates_foreign_key};
use crate::read::{column, prepare};
use crate::{held, repair_count};
use muster_store_sql::columns::{IdColumn, microseconds};
use rows::{CONNECTION_COLUMNS, CREDENTIAL_COLUMNS, connection_from, credential_from, overrides_column, tenant_from};

#[async_trait]
impl Registry for SqliteStore {
    async fn create_tenant(&self, tenant: &Tenant) -> Result<(), RegistryError> {
        let tenant = tenant.clone();
        let create = move |database: &rusqlite::Connection| {
            let mut statement = prepare(database, "INSERT INTO tenant (id, name, created) VALUES (?1, ?2, ?3)")?;
            let done = statement.execute(params![tenant.id.bytes(), tenant.name, microseconds(tenant.created)]);
            done.map(drop).map_err(|error| match violated_unique_columns(&error) {
                Some("tenant.name") => RegistryError::NameTaken,
                _ => store_error(error).into(),
            })
        };
        self.engine.writer.write(create).await
    }

    async fn find_tenant_by_name(&self, name: &str) -> Result<Option<Tenant>, StoreError> {
        let name = name.to_owned();
        let find = move |database: &rusqlite::Connection| {
            let mut statement = prepare(database, "SELECT id, name, created FROM tenant WHERE name = ?1")?;
            let mut rows = statement.query([&name]).map_err(store_error)?;
            rows.next().map_err(store_error)?.map(|row| tenant_from(row)).transpose()
        };
        self.engine.readers.read(move |database, _| find(database)).await
    }

    async fn list_tenants(&self) -> Result<Vec<Tenant>, StoreError> {
        let list = |database: &rusqlite::Connection| {
            let mut statement = prepare(database, "SELECT id, name, created FROM tenant ORDER BY created, id")?;
            rows::collect(&mut statement, [], tenant_from)
        };
        self.engine.readers.read(move |database, _| list(database)).await
    }

    async fn create_connection(&self, connection: &Connection, credential: &Credential) -> Result<(), RegistryError> {
        let connection = connection.clone();
        let credential = credential.clone();
        let create = move |database: &rusqlite::Connection| {
            let mut statement = prepare(
                database,
                "INSERT INTO connection (tenant, id, name, provider, created, profile_overrides)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?;
            let done = statement.execute(params![
                connection.tenant.bytes(),
                connection.id.bytes(),
                connection.name,
                connection.provider.as_str(),
                microseconds(connection.created),
                overrides_column(&connection.overrides)?
            ]);
            done.map_err(|error| match violated_unique_columns(&error) {
                Some("connection.tenant, connection.name") => RegistryError::NameTaken,
                _ if violates_foreign_key(&error) => RegistryError::TenantNotFound,
                _ => store_error(error).into(),
            })?;
            Ok(insert_credential(database, &credential)?)
        };
        self.engine.writer.write(create).await
    }

    async fn find_connection(&self, id: ConnectionId) -> Result<Option<Connection>, StoreError> {
        self.engine.readers.read(move |database, _| find_by_id(database, id)).await
    }

    async fn list_connections(&self, tenant: Option<TenantId>) -> Result<Vec<Connection>, StoreError> {
        let list = move |database: &rusqlite::Connection| {
            let sql = format!(
                "SELECT {CONNECTION_COLUMNS} FROM connection WHERE ?1 IS NULL OR tenant = ?1 ORDER BY created, id"
            );
            let mut statement = prepare(database, &sql)?;
            rows::collect(&mut statement, [tenant.map(IdColumn::bytes)], |row| connection_from(row, 0))
        };
        self.engine.readers.read(move |database, _| list(database)).await
    }

    async fn change_profile(
        &self,
        id: ConnectionId,
        provider: Option<Provider>,
        changes: &OverrideChanges,
    ) -> Result<Connection, RegistryError> {
        let changes = changes.clone();
        // Read and written in one transaction, so that two who change different knobs do not undo each other.
        let change = move |database: &rusqlite::Connection| {
            let mut connection = find_by_id(database, id)?.ok_or(RegistryError::ConnectionNotFound)?;
            connection.provider = provider.unwrap_or(connection.provider);
            connection.overrides.change(&changes);
            let mut statement =
                prepare(database, "UPDATE connection SET provider = ?2, profile_overrides = ?3 WHERE id = ?1")?;
            let columns = params![id.bytes(), connection.provider.as_str(), overrides_column(&connection.overrides)?];
            statement.execute(columns).map_err(store_error)?;
            Ok(connection)
        };
        self.engine.writer.write(change).await
    }

    async fn delete_connection(&self, id: ConnectionId) -> Result<bool, StoreError> {
        let delete = move |database: &rusqlite::Connection| {
            remove_credentials(database, id)?;
            repair_count::remove(database, id)?;
            conflict::remove(database, id)?;
            held::remove_connection(database, id)?;
            // The resources it brought need no change: they lose their owner by its absence.
            let mut statement = prepare(database, "DELETE FROM connection WHERE id = ?1")?;
            statement.execute([id.bytes()]).map(|deleted| deleted > 0).map_err(store_error)
        };
        self.engine.writer.write(delete).await
    }

    async fn replace_credentials(&self, credential: &Credential) -> Result<(), RegistryError> {
        let credential = credential.clone();
        let replace = move |database: &rusqlite::Connection| {
            let mut statement = prepare(database, "SELECT 1 FROM connection WHERE id = ?1 AND tenant = ?2")?;
            let found = statement
                .query_row(params![credential.connection.bytes(), credential.tenant.bytes()], |_| Ok(()))
                .optional();
            if found.map_err(store_error)?.is_none() {
                return Err(RegistryError::ConnectionNotFound);
            }
            remove_credentials(database, credential.connection)?;
            Ok(insert_credential(database, &credential)?)
        };
        self.engine.writer.write(replace).await
    }

    async fn list_credentials(
        &self,
        connection: ConnectionId,
    ) -> Result<Vec<(Credential, Option<Timestamp>)>, StoreError> {
        let list = move |database: &rusqlite::Connection| {
            let sql = format!(
                "SELECT {CREDENTIAL_COLUMNS}, u.last_used
                 FROM credential AS d LEFT JOIN credential_use AS u ON u.tenant = d.tenant AND u.credential = d.id
                 WHERE d.connection = ?1 ORDER BY d.created, d.id"
            );
            let mut statement = prepare(database, &sql)?;
            rows::collect(&mut statement, [connection.bytes()], |row| {
                let last_used = column::<Option<i64>>(row, rows::CREDENTIAL_WIDTH)?;
                Ok((credential_from(row)?, last_used.map(muster_store_sql::columns::timestamp).transpose()?))
            })
        };
        self.engine.readers.read(move |database, _| list(database)).await
    }

    async fn find_or_create_installation_key(
        &self,
        purpose: &str,
        candidate: InstallationKey,
    ) -> Result<InstallationKey, StoreError> {
        let looked_for = purpose.to_owned();
        let find = move |database: &rusqlite::Connection| installation_key::find(database, &looked_for);
        if let Some(found) = self.engine.readers.read(move |database, _| find(database)).await? {
            return Ok(found);
        }
        let purpose = purpose.to_owned();
        let create =
            move |database: &rusqlite::Connection| installation_key::find_or_create(database, &purpose, &candidate);
        self.engine.writer.write(create).await
    }

    async fn count_held(&self) -> Result<u64, StoreError> {
        self.engine.readers.read(move |database, _| held::count(database)).await
    }

    async fn find_caller(&self, digest: &CredentialDigest) -> Result<Option<FoundCaller>, StoreError> {
        let digest = *digest.as_bytes();
        let find = move |database: &rusqlite::Connection| {
            let sql = format!(
                "SELECT {CREDENTIAL_COLUMNS}, c.tenant, c.id, c.name, c.provider, c.created, c.profile_overrides,
                     t.schema_revision
                 FROM credential AS d JOIN connection AS c ON c.id = d.connection AND c.tenant = d.tenant
                 JOIN tenant AS t ON t.id = d.tenant
                 WHERE d.digest = ?1"
            );
            let mut statement = prepare(database, &sql)?;
            let mut rows = statement.query([digest]).map_err(store_error)?;
            let found = rows.next().map_err(store_error)?;
            found.map(|row| rows::caller_from(row)).transpose()
        };
        self.engine.gate.read(move |database, _| find(database)).await
    }
}

fn find_by_id(database: &rusqlite::Connection, id: ConnectionId) -> Result<Option<Connection>, StoreError> {
    let sql = format!("SELECT {CONNECTION_COLUMNS} FROM connection WHERE id = ?1");
    let mut statement = prepare(database, &sql)?;
    let mut rows = statement.query([id.bytes()]).map_err(store_error)?;
    rows.next().map_err(store_error)?.map(|row| connection_from(row, 0)).transpose()
}

fn insert_credential(database: &rusqlite::Connection, credential: &Credential) -> Result<(), StoreError> {
    let mut statement = prepare(
        database,
        "INSERT INTO credential (tenant, id, connection, digest, last_four, created, expires)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    let done = statement.execute(params![
        credential.tenant.bytes(),
        credential.id.bytes(),
        credential.connection.bytes(),
        credential.digest.as_bytes(),
        credential.last_four,
        microseconds(credential.created),
        credential.expires.map(microseconds)
    ]);
    done.map(drop).map_err(store_error)
}

fn remove_credentials(database: &rusqlite::Connection, connection: ConnectionId) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM credential_use WHERE (tenant, credential) IN
             (SELECT tenant, id FROM credential WHERE connection = ?1)",
        "DELETE FROM credential WHERE connection = ?1",
    ] {
        prepare(database, sql)?.execute([connection.bytes()]).map_err(store_error)?;
    }
    Ok(())
}
