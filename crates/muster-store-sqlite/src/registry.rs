//! Tenants, connections and credentials: hands each question to a reading thread and each change to the writer.

use async_trait::async_trait;
use jiff::Timestamp;
use muster_model::{Connection, ConnectionId, Credential, CredentialDigest, CredentialId, Tenant, TenantId};
use muster_store::{ConnectionChange, FoundCaller, InstallationKey, Registry, RegistryError, StoreError};
use muster_store_sql::{connection, credential, finished, held, installation_key, tenant};

use crate::SqliteStore;
use crate::session::SqliteSession;

#[async_trait]
impl Registry for SqliteStore {
    async fn create_tenant(&self, tenant: &Tenant) -> Result<(), RegistryError> {
        let new = tenant.clone();
        let create = move |database: &_| finished(tenant::create(&SqliteSession::of(database), &new));
        self.change(create).await
    }

    async fn find_tenant_by_name(&self, name: &str) -> Result<Option<Tenant>, StoreError> {
        let name = name.to_owned();
        self.engine
            .readers
            .read(move |database, watch| {
                finished(tenant::find_by_name(&SqliteSession::watched(database, watch), &name))
            })
            .await
    }

    async fn list_tenants(&self) -> Result<Vec<Tenant>, StoreError> {
        self.engine
            .readers
            .read(move |database, watch| finished(tenant::list(&SqliteSession::watched(database, watch))))
            .await
    }

    async fn find_tenant(&self, id: TenantId) -> Result<Option<Tenant>, StoreError> {
        self.engine
            .readers
            .read(move |database, watch| finished(tenant::find(&SqliteSession::watched(database, watch), id)))
            .await
    }

    async fn page_tenants(&self, after: Option<TenantId>, limit: usize) -> Result<Vec<Tenant>, StoreError> {
        self.engine
            .readers
            .read(move |database, watch| finished(tenant::page(&SqliteSession::watched(database, watch), after, limit)))
            .await
    }

    async fn rename_tenant(&self, id: TenantId, name: &str) -> Result<Tenant, RegistryError> {
        let name = name.to_owned();
        let rename = move |database: &_| finished(tenant::rename(&SqliteSession::of(database), id, &name));
        self.change(rename).await
    }

    async fn create_connection(&self, connection: &Connection, credential: &Credential) -> Result<(), RegistryError> {
        let (new, credential) = (connection.clone(), credential.clone());
        let create = move |database: &_| finished(connection::create(&SqliteSession::of(database), &new, &credential));
        self.change(create).await
    }

    async fn find_connection(&self, id: ConnectionId) -> Result<Option<Connection>, StoreError> {
        self.engine
            .readers
            .read(move |database, watch| finished(connection::find(&SqliteSession::watched(database, watch), id)))
            .await
    }

    async fn list_connections(&self, tenant: Option<TenantId>) -> Result<Vec<Connection>, StoreError> {
        self.engine
            .readers
            .read(move |database, watch| finished(connection::list(&SqliteSession::watched(database, watch), tenant)))
            .await
    }

    async fn page_connections(
        &self,
        tenant: Option<TenantId>,
        after: Option<ConnectionId>,
        limit: usize,
    ) -> Result<Vec<Connection>, StoreError> {
        self.engine
            .readers
            .read(move |database, watch| {
                finished(connection::page(&SqliteSession::watched(database, watch), tenant, after, limit))
            })
            .await
    }

    async fn change_connection(
        &self,
        id: ConnectionId,
        change: &ConnectionChange,
    ) -> Result<Connection, RegistryError> {
        let wanted = change.clone();
        let change = move |database: &_| finished(connection::change(&SqliteSession::of(database), id, &wanted));
        self.change(change).await
    }

    async fn delete_connection(&self, id: ConnectionId) -> Result<bool, StoreError> {
        let delete = move |database: &_| finished(connection::delete(&SqliteSession::of(database), id));
        self.change(delete).await
    }

    async fn replace_credentials(&self, credential: &Credential) -> Result<(), RegistryError> {
        let new = credential.clone();
        let replace = move |database: &_| finished(credential::replace(&SqliteSession::of(database), &new));
        self.change(replace).await
    }

    async fn add_credential(&self, credential: &Credential, most: usize) -> Result<(), RegistryError> {
        let new = credential.clone();
        let add = move |database: &_| finished(credential::add(&SqliteSession::of(database), &new, most));
        self.change(add).await
    }

    async fn delete_credential(&self, connection: ConnectionId, id: CredentialId) -> Result<bool, StoreError> {
        let delete = move |database: &_| finished(credential::remove(&SqliteSession::of(database), connection, id));
        self.change(delete).await
    }

    async fn suspend_credential(
        &self,
        connection: ConnectionId,
        id: CredentialId,
        since: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        let suspend =
            move |database: &_| finished(credential::suspend(&SqliteSession::of(database), connection, id, since));
        self.change(suspend).await
    }

    async fn list_credentials(
        &self,
        connection: ConnectionId,
    ) -> Result<Vec<(Credential, Option<Timestamp>)>, StoreError> {
        self.engine
            .readers
            .read(move |database, watch| {
                finished(credential::list(&SqliteSession::watched(database, watch), connection))
            })
            .await
    }

    async fn find_or_create_installation_key(
        &self,
        purpose: &str,
        candidate: InstallationKey,
    ) -> Result<InstallationKey, StoreError> {
        let looked_for = purpose.to_owned();
        let found = self.engine.readers.read(move |database, watch| {
            finished(installation_key::find(&SqliteSession::watched(database, watch), &looked_for))
        });
        if let Some(found) = found.await? {
            return Ok(found);
        }
        let purpose = purpose.to_owned();
        let create = move |database: &_| {
            finished(installation_key::find_or_create(&SqliteSession::of(database), &purpose, &candidate))
        };
        self.engine.writer.write(create).await
    }

    async fn count_held(&self) -> Result<u64, StoreError> {
        self.engine
            .readers
            .read(move |database, watch| finished(held::count(&SqliteSession::watched(database, watch))))
            .await
    }

    async fn find_caller(&self, digest: &CredentialDigest) -> Result<Option<FoundCaller>, StoreError> {
        let digest = *digest;
        let at_once = self.engine.at_once.read(|database, watch| {
            finished(credential::find_caller(&SqliteSession::watched(database, watch), &digest))
        });
        if let Some(found) = at_once {
            return found;
        }
        self.engine
            .gate
            .read(move |database, watch| {
                finished(credential::find_caller(&SqliteSession::watched(database, watch), &digest))
            })
            .await
    }
}
