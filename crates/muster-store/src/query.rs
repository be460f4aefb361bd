//! Lists of resources.

use std::sync::Arc;

use muster_model::{StoredResource, TypeName};
use scim::ResourceSchema;
use scim::filter::CompiledFilter;

/// Which rows beside the document are wanted. Leaving out a large group's members is what makes
/// `excludedAttributes=members` cheap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Include {
    pub members: bool,
    pub groups: bool,
}

/// A question for a page of one type's resources.
#[derive(Clone, Debug)]
pub struct ResourceQuery {
    pub schema: Arc<ResourceSchema>,
    pub filter: Option<CompiledFilter>,
    /// How many matches to pass over.
    pub offset: u64,
    /// How many matches to return at most; 0 only counts.
    pub limit: u64,
    pub include: Include,
}

impl ResourceQuery {
    pub fn resource_type(&self) -> TypeName {
        TypeName::new(&self.schema.resource_type().name)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct ResourcePage {
    /// All matches, not only those of this page.
    pub total: u64,
    pub resources: Vec<StoredResource>,
}
