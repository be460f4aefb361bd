//! Everything in which the two versions of SCIM differ on the wire. The rest of the edge speaks 2.0 and asks here.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use http::header::HeaderValue;
use scim::bulk::{BulkLanguage, BulkRequest};
use scim::message::{self, SearchRequest};
use scim::patch::PatchBody;
use scim::{Leniency, ResourceSchema, ScimType, v1};
use serde_json::Value;

use crate::dispatch::Call;
use crate::respond;
use crate::service::SCIM_1_1_PREFIX;

const SCIM_JSON: HeaderValue = HeaderValue::from_static("application/scim+json; charset=utf-8");
/// 1.1 has no media type of its own (protocol 1.1, section 3.6).
const PLAIN_JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// The version of SCIM that an address speaks (protocol 1.1, section 3.10: the version asked for, or none).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    V2,
    V1,
}

impl Wire {
    /// Which one a path wants, also where the path leads nowhere.
    pub(crate) fn of(path: &str) -> Self {
        match path.strip_prefix(SCIM_1_1_PREFIX) {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => Self::V1,
            _ => Self::V2,
        }
    }

    /// An answer with a JSON body, which the caller has put into the words of this version.
    pub(crate) fn json(self, status: StatusCode, body: &Value) -> Response {
        respond::json(status, body, self.media_type())
    }

    /// The same of a body that is text already.
    pub(crate) fn json_text(self, status: StatusCode, body: impl Into<Bytes>) -> Response {
        respond::json_text(status, body.into(), self.media_type())
    }

    /// The same of a body that is written while the client takes it.
    pub(crate) fn json_stream(self, status: StatusCode, body: Body) -> Response {
        respond::json_stream(status, body, self.media_type())
    }

    const fn media_type(self) -> HeaderValue {
        match self {
            Self::V2 => SCIM_JSON,
            Self::V1 => PLAIN_JSON,
        }
    }

    /// A refusal (RFC 7644 section 3.12; protocol 1.1, section 3.9).
    pub(crate) fn error(self, status: StatusCode, scim_type: Option<ScimType>, detail: &str) -> Response {
        match self {
            Self::V2 => self.json(status, &message::error_body(status.as_u16(), scim_type, detail)),
            Self::V1 => self.json(status, &v1::error_body(status.as_u16(), detail)),
        }
    }

    /// What the query of a URL asks for.
    pub(crate) fn search(
        self,
        query: Vec<(String, String)>,
        leniency: &Leniency,
    ) -> Result<SearchRequest, scim::Error> {
        match self {
            Self::V2 => SearchRequest::from_query(query),
            Self::V1 => v1::search_request(query, leniency),
        }
    }

    /// The body of a POST or PUT in the words of 2.0.
    pub(crate) fn read_resource(self, schema: &ResourceSchema, body: Value) -> Result<Value, scim::Error> {
        match self {
            Self::V2 => Ok(body),
            Self::V1 => v1::read_resource(schema, &body),
        }
    }

    pub(crate) fn patch_body(self, body: &Value) -> PatchBody<'_> {
        match self {
            Self::V2 => PatchBody::Operations(body),
            Self::V1 => PatchBody::PartialResource(body),
        }
    }

    /// A resource that 2.0 would show.
    pub(crate) fn show_resource(self, schema: &ResourceSchema, resource: Value) -> Value {
        match self {
            Self::V2 => resource,
            Self::V1 => v1::show_resource(schema, resource),
        }
    }

    /// A page of results that 2.0 would show; its resources are in the words of this version already.
    pub(crate) fn show_list(self, response: Value) -> Value {
        match self {
            Self::V2 => response,
            Self::V1 => v1::list_response(response),
        }
    }

    pub(crate) fn show_service_provider_config(self, config: Value) -> Value {
        match self {
            Self::V2 => config,
            Self::V1 => v1::service_provider_config(config),
        }
    }

    /// A bulk request (RFC 7644 section 3.7; protocol 1.1, section 3.5).
    pub(crate) fn read_bulk(self, call: &Call<'_>, body: &Value) -> Result<BulkRequest, scim::Error> {
        let profile = call.caller.profile();
        match self {
            Self::V2 => BulkRequest::parse(body, BulkLanguage::Scim2, &profile.leniency),
            Self::V1 => {
                let mut request = v1::read_bulk(body, call.resource_schemas(), &profile.leniency)?;
                if profile.if_match_required_in_1_1 {
                    v1::demand_versions(&mut request);
                }
                Ok(request)
            }
        }
    }

    /// The answer to a bulk request that 2.0 would show.
    pub(crate) fn show_bulk(self, response: Value) -> Value {
        match self {
            Self::V2 => response,
            Self::V1 => v1::show_bulk(response),
        }
    }

    /// RFC 7644 section 3.6; protocol 1.1, section 3.4.
    pub(crate) const fn status_of_deletion(self) -> StatusCode {
        match self {
            Self::V2 => StatusCode::NO_CONTENT,
            Self::V1 => StatusCode::OK,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows: 1.1-api-3.10-01
    #[test]
    fn the_address_says_which_version_it_speaks() {
        for path in ["/scim/v1", "/scim/v1/", "/scim/v1/con_1/Users"] {
            assert_eq!(Wire::of(path), Wire::V1, "{path}");
        }
        for path in ["/scim/v10/con_1", "/scim/v2/con_1", "/scim", "/", "/v1/Users", "/directory/resources/scim/v2.0/x"]
        {
            assert_eq!(Wire::of(path), Wire::V2, "{path}");
        }
    }
}
