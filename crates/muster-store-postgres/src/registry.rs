//! Tenants, connections and credentials.

use async_trait::async_trait;
use jiff::Timestamp;
use muster_model::{
    Connection, ConnectionId, Credential, CredentialDigest, OverrideChanges, Provider, Tenant, TenantId,
};
use muster_store::{FoundCaller, InstallationKey, Registry, RegistryError, StoreError};
use muster_store_sql::{connection, credential, held, installation_key, tenant};

use crate::PostgresStore;
use crate::session::Mode;

#[async_trait]
impl Registry for PostgresStore {
    async fn create_tenant(&self, new: &Tenant) -> Result<(), RegistryError> {
        self.pool.run(Mode::Write, move |session| async move { tenant::create(&*session, new).await }).await
    }

    async fn find_tenant_by_name(&self, name: &str) -> Result<Option<Tenant>, StoreError> {
        self.pool.run(Mode::Single, move |session| async move { tenant::find_by_name(&*session, name).await }).await
    }

    async fn list_tenants(&self) -> Result<Vec<Tenant>, StoreError> {
        self.pool.run(Mode::Single, move |session| async move { tenant::list(&*session).await }).await
    }

    async fn create_connection(&self, new: &Connection, credential: &Credential) -> Result<(), RegistryError> {
        let create = move |session: crate::Shared| async move { connection::create(&*session, new, credential).await };
        self.pool.run(Mode::Write, create).await
    }

    async fn find_connection(&self, id: ConnectionId) -> Result<Option<Connection>, StoreError> {
        self.pool.run(Mode::Single, move |session| async move { connection::find(&*session, id).await }).await
    }

    async fn list_connections(&self, tenant: Option<TenantId>) -> Result<Vec<Connection>, StoreError> {
        self.pool.run(Mode::Single, move |session| async move { connection::list(&*session, tenant).await }).await
    }

    async fn change_profile(
        &self,
        id: ConnectionId,
        provider: Option<Provider>,
        changes: &OverrideChanges,
    ) -> Result<Connection, RegistryError> {
        let change = move |session: crate::Shared| async move {
            connection::change_profile(&*session, id, provider, changes).await
        };
        self.pool.run(Mode::Write, change).await
    }

    async fn delete_connection(&self, id: ConnectionId) -> Result<bool, StoreError> {
        self.pool.run(Mode::Write, move |session| async move { connection::delete(&*session, id).await }).await
    }

    async fn replace_credentials(&self, new: &Credential) -> Result<(), RegistryError> {
        self.pool.run(Mode::Write, move |session| async move { credential::replace(&*session, new).await }).await
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
