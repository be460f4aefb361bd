//! SCIM 1.1 (protocol draft-scim-api-01, schema draft-scim-core-schema-01) as a translation.
//!
//! Nothing is decided here that SCIM 2.0 decides elsewhere: bodies, queries and filters become those of 2.0, a partial
//! resource becomes the same [`crate::patch::CompiledPatch`], and what 2.0 would answer is said in the words of 1.1.
//! The schema of a resource type stays the one of 2.0; only names differ ([`CORE`], [`ENTERPRISE_USER`], `managerId`).

mod answer;
mod bulk;
mod names;
mod partial;
mod query;
mod resource;
mod schemas;

pub use answer::{error_body, list_response, service_provider_config};
pub use bulk::{demand_versions, read_bulk, show_bulk};
pub use names::{CORE, ENTERPRISE_USER};
pub use partial::compile_patch;
pub(crate) use partial::targets_to_clear;
pub use query::search_request;
pub use resource::{read_resource, show_resource};
pub use schemas::{LIST_RESPONSE, find_schema, schema_id, show_schema, show_schemas};
