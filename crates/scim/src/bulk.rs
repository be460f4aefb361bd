//! Bulk (RFC 7644 section 3.7): many operations in one request, which may name each other's new resources.
//!
//! Three stages: [`BulkRequest`] as sent, a [`Plan`] that says in which order its operations run and which may run side
//! by side, and the [`ResponseEntry`] of each. What an operation does is the caller's part.

mod claims;
mod cycles;
mod plan;
mod references;
mod request;
mod response;
mod walk;

pub use plan::{Plan, Refusal, Step, StepWork};
pub(crate) use references::refers_to_bulk_id;
pub use references::replace_references;
pub use response::{ResponseEntry, response_body};

use serde_json::Value;

use crate::{Error, ResourceSchema};

/// What stands before the `bulkId` of an operation where the id of its resource is meant (RFC 7644 section 3.7.2).
pub const BULK_ID_PREFIX: &str = "bulkId:";

/// The HTTP methods of operations (RFC 7644 section 3.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// Which version of SCIM a request is in. Only the envelope and the shape of PATCH differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BulkLanguage {
    /// RFC 7644 section 3.7; PATCH is a list of operations.
    Scim2,
    /// SCIM 1.1, protocol section 3.5; PATCH is a partial resource.
    Scim1,
}

/// A bulk request whose envelope is right. Single operations may still be wrong: they fail alone.
#[derive(Clone, Debug, PartialEq)]
pub struct BulkRequest {
    /// After so many failures nothing more is begun (RFC 7644 section 3.7); never 0.
    pub fail_on_errors: Option<u64>,
    /// As in the request.
    pub operations: Vec<BulkOperation>,
    pub language: BulkLanguage,
}

/// One operation.
#[derive(Clone, Debug, PartialEq)]
pub enum BulkOperation {
    Understood(OperationRequest),
    /// What could be read of an operation that is wrong in itself.
    Refused {
        method: Option<Method>,
        bulk_id: Option<String>,
        place: Option<Place>,
        error: Error,
    },
}

impl BulkOperation {
    pub fn method(&self) -> Option<Method> {
        match self {
            Self::Understood(request) => Some(request.method),
            Self::Refused { method, .. } => *method,
        }
    }

    pub fn bulk_id(&self) -> Option<&str> {
        match self {
            Self::Understood(request) => request.bulk_id.as_deref(),
            Self::Refused { bulk_id, .. } => bulk_id.as_deref(),
        }
    }

    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::Understood(request) => Some(&request.place),
            Self::Refused { place, .. } => place.as_ref(),
        }
    }
}

/// An operation of the right shape.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationRequest {
    pub method: Method,
    pub bulk_id: Option<String>,
    pub place: Place,
    /// The body of the single request; null for DELETE.
    pub data: Value,
    /// Acts as `If-Match` does.
    pub version: Option<String>,
}

/// What a `path` names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// Without slashes, as sent: `Users`.
    pub endpoint: String,
    /// `None` for POST, which names the endpoint alone.
    pub resource: Option<NamedResource>,
}

/// How a `path` names a resource.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum NamedResource {
    Id(String),
    /// The one that the operation with this `bulkId` creates.
    BulkId(String),
}

impl Place {
    /// The schema of the endpoint, which matches in any letter case.
    pub fn schema<'a>(
        &self,
        schemas: &'a [std::sync::Arc<ResourceSchema>],
    ) -> Option<&'a std::sync::Arc<ResourceSchema>> {
        schemas
            .iter()
            .find(|schema| schema.resource_type().endpoint.trim_start_matches('/').eq_ignore_ascii_case(&self.endpoint))
    }
}
