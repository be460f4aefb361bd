//! Sealed secrets and wrapped data keys.

use async_trait::async_trait;
use muster_model::{SealedSecret, SecretId, SecretOwner, SecretPlace, SecretVersion, TenantId, WrappedDataKey};
use muster_store::{SecretError, Secrets, StoreError};
use muster_store_sql::{data_key, secret};

use crate::PostgresStore;
use crate::session::Mode;

#[async_trait]
impl Secrets for PostgresStore {
    async fn list_data_keys(&self) -> Result<Vec<WrappedDataKey>, StoreError> {
        self.pool.run(Mode::Single, |session| async move { data_key::list(&*session).await }).await
    }

    async fn add_data_key(&self, key: &WrappedDataKey) -> Result<bool, StoreError> {
        self.pool.run(Mode::Write, move |session| async move { data_key::add(&*session, key).await }).await
    }

    async fn put_secret(&self, new: &SealedSecret) -> Result<(), SecretError> {
        self.pool.run(Mode::Write, move |session| async move { secret::put(&*session, new).await }).await
    }

    async fn replace_secret(&self, newer: &SealedSecret, expected: SecretVersion) -> Result<(), SecretError> {
        let replace = move |session: crate::Shared| async move { secret::replace(&*session, newer, expected).await };
        self.pool.run(Mode::Write, replace).await
    }

    async fn find_secret(&self, place: &SecretPlace) -> Result<Option<SealedSecret>, StoreError> {
        self.pool.run(Mode::Single, move |session| async move { secret::find(&*session, place).await }).await
    }

    async fn list_secrets_of(&self, owner: &SecretOwner) -> Result<Vec<(SecretId, String)>, StoreError> {
        self.pool.run(Mode::Single, move |session| async move { secret::list_of(&*session, owner).await }).await
    }

    async fn list_secrets(
        &self,
        tenant: TenantId,
        after: Option<SecretId>,
        limit: u64,
    ) -> Result<Vec<SealedSecret>, StoreError> {
        let list = move |session: crate::Shared| async move { secret::list(&*session, tenant, after, limit).await };
        self.pool.run(Mode::Single, list).await
    }

    async fn delete_secret(&self, place: &SecretPlace) -> Result<bool, StoreError> {
        self.pool.run(Mode::Write, move |session| async move { secret::delete(&*session, place).await }).await
    }

    async fn delete_secrets_of(&self, owner: &SecretOwner) -> Result<u64, StoreError> {
        self.pool.run(Mode::Write, move |session| async move { secret::delete_of(&*session, owner).await }).await
    }
}
