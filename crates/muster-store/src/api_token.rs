//! Tokens of the management API.

use async_trait::async_trait;
use jiff::Timestamp;
use muster_model::{ApiToken, ApiTokenId, CredentialDigest, Reach};

use crate::{RegistryError, StoreError};

/// Tokens are looked up across tenants, because nobody knows whose one is before he has found it.
#[async_trait]
pub trait ApiTokens: Send + Sync + 'static {
    /// Fails with [`RegistryError::TenantNotFound`] when it is bound to a tenant that is not there.
    async fn create_api_token(&self, token: &ApiToken) -> Result<(), RegistryError>;

    /// The look-up of every call of the management API. Reads the database each time: a revoked token must not live on in a
    /// cache.
    async fn find_api_token(&self, digest: &CredentialDigest) -> Result<Option<ApiToken>, StoreError>;

    /// At most `limit` tokens after that one, in order of creation: all that are within the reach.
    async fn list_api_tokens(
        &self,
        reach: Reach,
        after: Option<ApiTokenId>,
        limit: usize,
    ) -> Result<Vec<ApiToken>, StoreError>;

    /// Deletes a token within the reach, so that it is refused from the next call on. `false`: there was none.
    async fn delete_api_token(&self, reach: Reach, id: ApiTokenId) -> Result<bool, StoreError>;

    /// Notes that a token was used, to the minute.
    async fn record_api_token_use(&self, id: ApiTokenId, at: Timestamp) -> Result<(), StoreError>;
}
