//! What requests look like from outside.

use std::collections::BTreeMap;

use muster_app::requests::{self, advice};
use muster_model::{BodyNote, Change, KeptBody, RequestEntry, TenantId, TypeName};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A request of an identity provider.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Request)]
pub(crate) struct RequestBody {
    /// Always `request`.
    object: &'static str,
    #[schema(pattern = "^req_[0-9a-f]{32}$")]
    id: String,
    #[schema(pattern = "^ten_[0-9a-f]{32}$")]
    tenant_id: String,
    #[schema(pattern = "^con_[0-9a-f]{32}$")]
    connection_id: String,
    /// Left out: the caller did not prove who he is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^crd_[0-9a-f]{32}$")]
    credential_id: Option<String>,
    /// When it was answered.
    #[schema(format = DateTime)]
    at: String,
    duration_ms: f64,
    method: String,
    /// Behind the connection's address; values in filters are masked.
    path: String,
    scim_version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_type: Option<String>,
    /// What was asked for, or the first that was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_id: Option<String>,
    /// Left out: it was never answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    /// What went wrong,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// as the client was told,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// why,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'static str>,
    /// and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<&'static str>,
    /// Under which id the log lines have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<String>,
    /// What had to be repaired in it, by kind, and how often.
    repairs: BTreeMap<String, u64>,
    /// How many resources it changed.
    changes: u64,
}

impl RequestBody {
    pub(super) fn of(tenant: TenantId, entry: &RequestEntry) -> Self {
        let advice = advice(entry);
        Self {
            object: "request",
            id: entry.id.to_string(),
            tenant_id: tenant.to_string(),
            connection_id: entry.connection.to_string(),
            credential_id: entry.credential.map(|id| id.to_string()),
            at: entry.at.to_string(),
            duration_ms: (entry.duration.as_secs_f64() * 1e6).round() / 1e3,
            method: entry.method.clone(),
            path: entry.path.clone(),
            scim_version: entry.version.as_str(),
            resource_type: entry.resource_type.as_ref().map(TypeName::to_string),
            resource_id: entry.resource.map(|id| id.to_string()),
            status: entry.status,
            code: entry.code.clone(),
            detail: entry.detail.clone(),
            cause: advice.map(|advice| advice.cause),
            remedy: advice.map(|advice| advice.remedy),
            request_id: entry.request.clone(),
            client_address: entry.address.map(|address| address.to_string()),
            user_agent: entry.agent.clone(),
            repairs: entry.repairs.iter().cloned().collect(),
            changes: entry.changes,
        }
    }
}

/// A request with everything that is kept of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RequestDetails {
    #[serde(flatten)]
    request: RequestBody,
    /// Left out: the connection was deleted since.
    #[serde(skip_serializing_if = "Option::is_none")]
    connection_name: Option<String>,
    /// What it changed, as the change log has it.
    change_log: Vec<ChangeBody>,
    request_body: Body,
    response_body: Body,
}

/// An entry of the change log.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Change)]
struct ChangeBody {
    sequence: u64,
    kind: &'static str,
    resource_type: String,
    resource_id: String,
    version: u64,
}

/// What is kept of a body.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KeptBody)]
struct Body {
    /// Left out: there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
    /// JSON where it is whole, else the beginning of its text.
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<Value>,
    /// Why it is not kept as it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'static str>,
}

impl RequestDetails {
    pub(super) fn of(found: &requests::RequestDetails) -> Self {
        Self {
            request: RequestBody::of(found.tenant.id, &found.entry),
            connection_name: found.connection.as_ref().map(|connection| connection.name.clone()),
            change_log: found.changes.iter().map(ChangeBody::of).collect(),
            request_body: Body::of(&found.entry.request_body),
            response_body: Body::of(&found.entry.response_body),
        }
    }
}

impl ChangeBody {
    fn of(change: &Change) -> Self {
        Self {
            sequence: change.sequence.0,
            kind: change.kind.as_str(),
            resource_type: change.resource_type.to_string(),
            resource_id: change.resource.to_string(),
            version: change.version.0,
        }
    }
}

impl Body {
    fn of(kept: &KeptBody) -> Self {
        let content = kept.text.as_deref();
        Self {
            bytes: kept.bytes,
            content: content.map(|text| serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))),
            note: kept.note.map(BodyNote::as_str),
        }
    }
}
