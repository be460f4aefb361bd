//! Tenants, connections and credentials.

use async_trait::async_trait;
use jiff::Timestamp;
use muster_model::{Connection, ConnectionId, Credential, CredentialDigest, CredentialId, Tenant, TenantId};
use muster_store::{ConnectionChange, FoundCaller, InstallationKey, Registry, RegistryError, StoreError};
use muster_store_sql::{connection, credential, held, installation_key, tenant};

use crate::PostgresStore;
use crate::session::Mode;

#[async_trait]
impl Registry for PostgresStore {
    async fn create_tenant(&self, new: &Tenant) -> Result<(), RegistryError> {
        self.change(move |session| async move { tenant::create(&*session, new).await }).await
    }

    async fn find_tenant_by_name(&self, name: &str) -> Result<Option<Tenant>, StoreError> {
        self.pool.run(Mode::Single, move |session| async move { tenant::find_by_name(&*session, name).await }).await
    }

    async fn list_tenants(&self) -> Result<Vec<Tenant>, StoreError> {
        self.pool.run(Mode::Single, move |session| async move { tenant::list(&*session).await }).await
    }

    async fn find_tenant(&self, id: TenantId) -> Result<Option<Tenant>, StoreError> {
        self.pool.run(Mode::Single, move |session| async move { tenant::find(&*session, id).await }).await
    }

    async fn page_tenants(&self, after: Option<TenantId>, limit: usize) -> Result<Vec<Tenant>, StoreError> {
        self.pool.run(Mode::Single, move |session| async move { tenant::page(&*session, after, limit).await }).await
    }

    async fn rename_tenant(&self, id: TenantId, name: &str) -> Result<Tenant, RegistryError> {
        self.change(move |session| async move { tenant::rename(&*session, id, name).await }).await
    }

    async fn create_connection(&self, new: &Connection, credential: &Credential) -> Result<(), RegistryError> {
        let create = move |session: crate::Shared| async move { connection::create(&*session, new, credential).await };
        self.change(create).await
    }

    async fn find_connection(&self, id: ConnectionId) -> Result<Option<Connection>, StoreError> {
        self.pool.run(Mode::Single, move |session| async move { connection::find(&*session, id).await }).await
    }

    async fn list_connections(&self, tenant: Option<TenantId>) -> Result<Vec<Connection>, StoreError> {
        self.pool.run(Mode::Single, move |session| async move { connection::list(&*session, tenant).await }).await
    }

    async fn page_connections(
        &self,
        tenant: Option<TenantId>,
        after: Option<ConnectionId>,
        limit: usize,
    ) -> Result<Vec<Connection>, StoreError> {
        let page = move |session: crate::Shared| async move { connection::page(&*session, tenant, after, limit).await };
        self.pool.run(Mode::Single, page).await
    }

    async fn change_connection(
        &self,
        id: ConnectionId,
        change: &ConnectionChange,
    ) -> Result<Connection, RegistryError> {
        self.change(move |session| async move { connection::change(&*session, id, change).await }).await
    }

    async fn delete_connection(&self, id: ConnectionId) -> Result<bool, StoreError> {
        self.change(move |session| async move { connection::delete(&*session, id).await }).await
    }

    async fn replace_credentials(&self, new: &Credential) -> Result<(), RegistryError> {
        self.change(move |session| async move { credential::replace(&*session, new).await }).await
    }

    async fn add_credential(&self, new: &Credential, most: usize) -> Result<(), RegistryError> {
        self.change(move |session| async move { credential::add(&*session, new, most).await }).await
    }

    async fn delete_credential(&self, connection: ConnectionId, id: CredentialId) -> Result<bool, StoreError> {
        let delete = move |session: crate::Shared| async move { credential::remove(&*session, connection, id).await };
        self.change(delete).await
    }

    async fn suspend_credential(
        &self,
        connection: ConnectionId,
        id: CredentialId,
        since: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        let suspend =
            move |session: crate::Shared| async move { credential::suspend(&*session, connection, id, since).await };
        self.change(suspend).await
    }

    async fn list_credentials(
        &self,
        connection: ConnectionId,
    ) -> Result<Vec<(Credential, Option<Timestamp>)>, StoreError> {
        self.pool.run(Mode::Snapshot, move |session| async move { credential::list(&*session, connection).await }).await
    }

    async fn find_or_create_installation_key(
        &self,
        purpose: &str,
        candidate: InstallationKey,
    ) -> Result<InstallationKey, StoreError> {
        let find = move |session: crate::Shared| async move { installation_key::find(&*session, purpose).await };
        if let Some(found) = self.pool.run(Mode::Single, find).await? {
            return Ok(found);
        }
        let candidate = &candidate;
        let create = move |session: crate::Shared| async move {
            installation_key::find_or_create(&*session, purpose, candidate).await
        };
        self.pool.run(Mode::Write, create).await
    }

    async fn count_held(&self) -> Result<u64, StoreError> {
        self.pool.run(Mode::Single, move |session| async move { held::count(&*session).await }).await
    }

    async fn find_caller(&self, digest: &CredentialDigest) -> Result<Option<FoundCaller>, StoreError> {
        self.pool
            .run(Mode::Single, move |session| async move { credential::find_caller(&*session, digest).await })
            .await
    }
}

#[cfg(test)]
mod tests;
