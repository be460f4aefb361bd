//! Tokens of the management API.

use async_trait::async_trait;
use jiff::Timestamp;
use muster_model::{ApiToken, ApiTokenId, CredentialDigest, Reach};
use muster_store::{ApiTokens, RegistryError, StoreError};
use muster_store_sql::{api_token, finished};

use crate::SqliteStore;
use crate::session::SqliteSession;

#[async_trait]
impl ApiTokens for SqliteStore {
    async fn create_api_token(&self, token: &ApiToken) -> Result<(), RegistryError> {
        let new = token.clone();
        let create = move |database: &_| finished(api_token::create(&SqliteSession::of(database), &new));
        self.change(create).await
    }

    async fn find_api_token(&self, digest: &CredentialDigest) -> Result<Option<ApiToken>, StoreError> {
        let digest = *digest;
        self.engine
            .gate
            .read(move |database, watch| finished(api_token::find(&SqliteSession::watched(database, watch), &digest)))
            .await
    }

    async fn list_api_tokens(
        &self,
        reach: Reach,
        after: Option<ApiTokenId>,
        limit: usize,
    ) -> Result<Vec<ApiToken>, StoreError> {
        self.engine
            .readers
            .read(move |database, watch| {
                finished(api_token::list(&SqliteSession::watched(database, watch), reach, after, limit))
            })
            .await
    }

    async fn delete_api_token(&self, reach: Reach, id: ApiTokenId) -> Result<bool, StoreError> {
        let delete = move |database: &_| finished(api_token::delete(&SqliteSession::of(database), reach, id));
        self.change(delete).await
    }

    async fn record_api_token_use(&self, id: ApiTokenId, at: Timestamp) -> Result<(), StoreError> {
        let note = move |database: &_| finished(api_token::note_use(&SqliteSession::of(database), id, at));
        self.engine.writer.write(note).await
    }
}
