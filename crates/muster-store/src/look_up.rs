//! Who has these names: many look-ups in the index at once, for work that goes through a directory in bulk.

use async_trait::async_trait;
use muster_model::{ResourceId, TypeName, Version};

use crate::StoreError;

/// A resource that has the value that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundByKey {
    pub id: ResourceId,
    pub version: Version,
}

/// The part of [`crate::Directory`] that answers many look-ups with one question.
#[async_trait]
pub trait KeyLookUp: Send + Sync {
    /// For each value, in their order, the resource of that type that has it as that attribute, as far as the scope sees;
    /// the oldest one where several have it. `attribute` is in the notation of [`crate::Key`] and has to be one that is kept
    /// in the index; the values are in the spelling of the index ([`crate::keys::key_value`]).
    async fn find_by_keys(
        &self,
        resource_type: &TypeName,
        attribute: &str,
        values: Vec<String>,
    ) -> Result<Vec<Option<FoundByKey>>, StoreError>;
}
