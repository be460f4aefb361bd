//! Sealed secrets and wrapped data keys.

use async_trait::async_trait;
use muster_model::{SealedSecret, SecretId, SecretOwner, SecretPlace, SecretVersion, TenantId, WrappedDataKey};
use muster_store::{SecretError, Secrets, StoreError};
use muster_store_sql::{data_key, finished, secret};

use crate::SqliteStore;
use crate::session::SqliteSession;

#[async_trait]
impl Secrets for SqliteStore {
    async fn list_data_keys(&self) -> Result<Vec<WrappedDataKey>, StoreError> {
        self.engine
            .readers
            .read(move |database, watch| finished(data_key::list(&SqliteSession::watched(database, watch))))
            .await
    }

    async fn add_data_key(&self, key: &WrappedDataKey) -> Result<bool, StoreError> {
        let key = key.clone();
        let add = move |database: &_| finished(data_key::add(&SqliteSession::of(database), &key));
        self.engine.writer.write(add).await
    }

    async fn put_secret(&self, new: &SealedSecret) -> Result<(), SecretError> {
        let new = new.clone();
        let put = move |database: &_| finished(secret::put(&SqliteSession::of(database), &new));
        self.engine.writer.write(put).await
    }

    async fn replace_secret(&self, newer: &SealedSecret, expected: SecretVersion) -> Result<(), SecretError> {
        let newer = newer.clone();
        let replace = move |database: &_| finished(secret::replace(&SqliteSession::of(database), &newer, expected));
        self.engine.writer.write(replace).await
    }

    async fn find_secret(&self, place: &SecretPlace) -> Result<Option<SealedSecret>, StoreError> {
        let place = place.clone();
        self.engine
            .readers
            .read(move |database, watch| finished(secret::find(&SqliteSession::watched(database, watch), &place)))
            .await
    }

    async fn list_secrets_of(&self, owner: &SecretOwner) -> Result<Vec<(SecretId, String)>, StoreError> {
        let owner = owner.clone();
        self.engine
            .readers
            .read(move |database, watch| finished(secret::list_of(&SqliteSession::watched(database, watch), &owner)))
            .await
    }

    async fn list_secrets(
        &self,
        tenant: TenantId,
        after: Option<SecretId>,
        limit: u64,
    ) -> Result<Vec<SealedSecret>, StoreError> {
        self.engine
            .readers
            .read(move |database, watch| {
                finished(secret::list(&SqliteSession::watched(database, watch), tenant, after, limit))
            })
            .await
    }

    async fn delete_secret(&self, place: &SecretPlace) -> Result<bool, StoreError> {
        let place = place.clone();
        let delete = move |database: &_| finished(secret::delete(&SqliteSession::of(database), &place));
        self.engine.writer.write(delete).await
    }

    async fn delete_secrets_of(&self, owner: &SecretOwner) -> Result<u64, StoreError> {
        let owner = owner.clone();
        let delete = move |database: &_| finished(secret::delete_of(&SqliteSession::of(database), &owner));
        self.engine.writer.write(delete).await
    }
}
