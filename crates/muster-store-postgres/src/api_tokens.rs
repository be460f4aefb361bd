//! Tokens of the management API.

use async_trait::async_trait;
use jiff::Timestamp;
use muster_model::{ApiToken, ApiTokenId, CredentialDigest, Reach};
use muster_store::{ApiTokens, RegistryError, StoreError};
use muster_store_sql::api_token;

use crate::PostgresStore;
use crate::session::Mode;

#[async_trait]
impl ApiTokens for PostgresStore {
    async fn create_api_token(&self, token: &ApiToken) -> Result<(), RegistryError> {
        self.change(move |session| async move { api_token::create(&*session, token).await }).await
    }

    async fn find_api_token(&self, digest: &CredentialDigest) -> Result<Option<ApiToken>, StoreError> {
        self.pool.run(Mode::Single, move |session| async move { api_token::find(&*session, digest).await }).await
    }

    async fn list_api_tokens(
        &self,
        reach: Reach,
        after: Option<ApiTokenId>,
        limit: usize,
    ) -> Result<Vec<ApiToken>, StoreError> {
        let list = move |session: crate::Shared| async move { api_token::list(&*session, reach, after, limit).await };
        self.pool.run(Mode::Single, list).await
    }

    async fn delete_api_token(&self, reach: Reach, id: ApiTokenId) -> Result<bool, StoreError> {
        self.change(move |session| async move { api_token::delete(&*session, reach, id).await }).await
    }

    async fn record_api_token_use(&self, id: ApiTokenId, at: Timestamp) -> Result<(), StoreError> {
        self.pool.run(Mode::Write, move |session| async move { api_token::note_use(&*session, id, at).await }).await
    }
}
