//! The one table from what went wrong to what the client is told (RFC 7644 section 3.12).

use axum::response::Response;
use http::StatusCode;
use http::header::{ALLOW, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use muster_app::AppError;
use scim::ScimType;

use crate::respond::error_response;

/// Why a request is refused.
#[derive(Debug)]
pub(crate) enum Failure {
    App(AppError),
    /// Nothing is at this address.
    UnknownAddress,
    /// The address exists and knows other methods.
    MethodNotAllowed {
        allow: &'static str,
    },
    TooLarge {
        limit: usize,
    },
    BodyBroken,
    UnsupportedMediaType,
    NotAcceptable,
    /// A filter on a discovery endpoint (RFC 7644 section 4).
    DiscoveryFilter,
}

impl<E: Into<AppError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::App(error.into())
    }
}

/// Seconds after which a client may try again when the database is away or a resource is contended.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("5");

impl Failure {
    /// Turns into the answer. Server-side failures are logged here, once, with their source chain.
    pub(crate) fn into_response(self) -> Response {
        let (status, scim_type, detail) = match &self {
            Self::App(error) => of_app_error(error),
            Self::UnknownAddress => (
                StatusCode::NOT_FOUND,
                None,
                "there is nothing at this address; /ResourceTypes lists the endpoints".into(),
            ),
            Self::MethodNotAllowed { allow } => (
                StatusCode::METHOD_NOT_ALLOWED,
                None,
                format!("this address does not know the method; it knows {allow}"),
            ),
            Self::TooLarge { limit } => (
                StatusCode::PAYLOAD_TOO_LARGE,
                None,
                format!("the request body is larger than {limit} bytes; send fewer values in one request"),
            ),
            Self::BodyBroken => (
                StatusCode::BAD_REQUEST,
                Some(ScimType::InvalidSyntax),
                "the request body could not be read to its end".into(),
            ),
            Self::UnsupportedMediaType => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                None,
                "the request body must be JSON with Content-Type application/scim+json".into(),
            ),
            Self::NotAcceptable => (
                StatusCode::NOT_ACCEPTABLE,
                None,
                "answers are application/scim+json; accept that or application/json".into(),
            ),
            Self::DiscoveryFilter => {
                (StatusCode::FORBIDDEN, None, "this address knows no filter; leave it out to get everything".into())
            }
        };
        let mut response = error_response(status, scim_type, &detail);
        let headers = response.headers_mut();
        match self {
            Self::App(AppError::Unauthenticated) => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"SCIM\""));
            }
            Self::MethodNotAllowed { allow } => {
                headers.insert(ALLOW, HeaderValue::from_static(allow));
            }
            _ if status == StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(RETRY_AFTER, RETRY_AFTER_SECONDS);
            }
            _ => {}
        }
        response
    }
}

fn of_app_error(error: &AppError) -> (StatusCode, Option<ScimType>, String) {
    let (status, scim_type) = match error {
        AppError::Scim(error) => {
            let status = match error.scim_type {
                ScimType::Uniqueness => StatusCode::CONFLICT,
                ScimType::Sensitive => StatusCode::FORBIDDEN,
                _ => StatusCode::BAD_REQUEST,
            };
            return (status, Some(error.scim_type), error.detail.clone());
        }
        AppError::Unauthenticated => (StatusCode::UNAUTHORIZED, None),
        AppError::ResourceNotFound { .. } => (StatusCode::NOT_FOUND, None),
        AppError::VersionMismatch => (StatusCode::PRECONDITION_FAILED, None),
        AppError::NotUnique { .. } => (StatusCode::CONFLICT, Some(ScimType::Uniqueness)),
        AppError::UnknownMembers { .. } => (StatusCode::BAD_REQUEST, Some(ScimType::InvalidValue)),
        AppError::NotSupported(_) => (StatusCode::NOT_IMPLEMENTED, None),
        AppError::Contended
        | AppError::Store(muster_app::StoreError::Unavailable(_) | muster_app::StoreError::Closed) => {
            (StatusCode::SERVICE_UNAVAILABLE, None)
        }
        AppError::Store(_)
        | AppError::Internal(_)
        | AppError::TenantNotFound(_)
        | AppError::ConnectionNotFound
        | AppError::ConnectionNameTaken(_)
        | AppError::InvalidInput(_) => (StatusCode::INTERNAL_SERVER_ERROR, None),
    };
    if status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED {
        tracing::error!(error = error as &dyn std::error::Error, "a request failed");
    }
    let detail = match status {
        StatusCode::INTERNAL_SERVER_ERROR => {
            "something went wrong on the server; the log has it under this answer's x-request-id".to_owned()
        }
        _ => error.to_string(),
    };
    (status, scim_type, detail)
}
