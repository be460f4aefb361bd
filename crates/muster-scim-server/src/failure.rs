//! The one table from what went wrong to what the client is told (RFC 7644 section 3.12).

use axum::response::Response;
use http::StatusCode;
use http::header::{ALLOW, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use muster_app::AppError;
use muster_app::requests::ErrorCode;
use scim::ScimType;

use crate::wire::Wire;

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
    /// A bulk request with more operations than are announced (RFC 7644 section 3.7.4).
    TooManyOperations {
        limit: usize,
    },
    /// A bulk request with a larger body than is announced (RFC 7644 section 3.7.4).
    BulkTooLarge {
        limit: usize,
    },
    BodyBroken,
    UnsupportedMediaType,
    NotAcceptable,
    /// A filter on a discovery endpoint (RFC 7644 section 4).
    DiscoveryFilter,
    /// SCIM 1.1: `X-HTTP-Method-Override` names a method that it cannot stand for.
    MethodOverride,
    /// SCIM 1.1: a PUT or PATCH without `If-Match` where it is demanded.
    IfMatchRequired,
}

impl<E: Into<AppError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::App(error.into())
    }
}

/// Seconds after which a client may try again when the database is away or a resource is contended.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("5");

/// RFC 7644 section 3.4.2.1: a query that would cost too much is refused.
const TOO_BROAD: &str = "the query looks at too many resources; narrow it with \"eq\" or \"sw\" on an attribute that is \
                         looked up by an index (userName, externalId, displayName, emails.value, id), or sort by one of them";

impl Failure {
    /// What the request log calls it.
    pub(crate) const fn code(&self) -> ErrorCode {
        match self {
            Self::App(error) => ErrorCode::of(error),
            Self::UnknownAddress => ErrorCode::UnknownAddress,
            Self::MethodNotAllowed { .. } => ErrorCode::MethodNotAllowed,
            Self::TooLarge { .. } => ErrorCode::BodyTooLarge,
            Self::TooManyOperations { .. } => ErrorCode::TooManyOperations,
            Self::BulkTooLarge { .. } => ErrorCode::BulkTooLarge,
            Self::BodyBroken => ErrorCode::BodyBroken,
            Self::UnsupportedMediaType => ErrorCode::UnsupportedMediaType,
            Self::NotAcceptable => ErrorCode::NotAcceptable,
            Self::DiscoveryFilter => ErrorCode::DiscoveryFilter,
            Self::MethodOverride => ErrorCode::MethodOverride,
            Self::IfMatchRequired => ErrorCode::PreconditionRequired,
        }
    }

    /// Turns into the answer. Server-side failures are logged here, once, with their source chain.
    pub(crate) fn into_response(self, wire: Wire) -> Response {
        let (status, scim_type, detail) = match &self {
            Self::App(error) => of_app_error(error),
            Self::UnknownAddress => (
                StatusCode::NOT_FOUND,
                None,
                match wire {
                    Wire::V2 => "there is nothing at this address; /ResourceTypes lists the endpoints".into(),
                    Wire::V1 => "there is nothing at this address; /Schemas lists the endpoints".into(),
                },
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
            Self::TooManyOperations { limit } => (
                StatusCode::PAYLOAD_TOO_LARGE,
                None,
                format!("the bulk request has more operations than maxOperations ({limit}); send several requests"),
            ),
            Self::BulkTooLarge { limit } => (
                StatusCode::PAYLOAD_TOO_LARGE,
                None,
                format!("the bulk request is larger than maxPayloadSize ({limit} bytes); send several requests"),
            ),
            Self::BodyBroken => (
                StatusCode::BAD_REQUEST,
                Some(ScimType::InvalidSyntax),
                "the request body could not be read to its end".into(),
            ),
            Self::UnsupportedMediaType => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                None,
                match wire {
                    Wire::V2 => "the request body must be JSON with Content-Type application/scim+json".into(),
                    Wire::V1 => "XML and other formats are not supported (see xmlDataFormat in \
                                 /ServiceProviderConfigs); send JSON with Content-Type application/json"
                        .into(),
                },
            ),
            Self::NotAcceptable => (
                StatusCode::NOT_ACCEPTABLE,
                None,
                match wire {
                    Wire::V2 => "answers are application/scim+json; accept that or application/json".into(),
                    Wire::V1 => "answers are application/json; XML is not supported (see xmlDataFormat in \
                                 /ServiceProviderConfigs)"
                        .into(),
                },
            ),
            Self::DiscoveryFilter => {
                (StatusCode::FORBIDDEN, None, "this address knows no filter; leave it out to get everything".into())
            }
            Self::MethodOverride => (
                StatusCode::BAD_REQUEST,
                Some(ScimType::InvalidSyntax),
                "X-HTTP-Method-Override can name PUT, PATCH or DELETE, once".into(),
            ),
            Self::IfMatchRequired => (
                StatusCode::PRECONDITION_REQUIRED,
                None,
                "PUT and PATCH must name the version that they change in If-Match; read the resource for its ETag"
                    .into(),
            ),
        };
        let mut response = wire.error(status, scim_type, &detail);
        let headers = response.headers_mut();
        match self {
            Self::App(AppError::Unauthenticated) => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"SCIM\""));
            }
            Self::App(AppError::TooManyRequests { retry_after }) => {
                headers.insert(RETRY_AFTER, HeaderValue::from(retry_after));
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

/// Status, kind of mistake and safe detail; server-side failures are logged with their source chain.
pub(crate) fn of_app_error(error: &AppError) -> (StatusCode, Option<ScimType>, String) {
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
        AppError::ResourceNotFound { .. } | AppError::UnknownEndpoint => (StatusCode::NOT_FOUND, None),
        AppError::TooManyRequests { .. } => (StatusCode::TOO_MANY_REQUESTS, None),
        AppError::Held | AppError::ConnectionSuspended => (StatusCode::FORBIDDEN, None),
        AppError::PreconditionRequired => (StatusCode::PRECONDITION_REQUIRED, None),
        AppError::VersionMismatch => (StatusCode::PRECONDITION_FAILED, None),
        AppError::NotUnique { .. } => (StatusCode::CONFLICT, Some(ScimType::Uniqueness)),
        AppError::UnknownMembers { .. } => (StatusCode::BAD_REQUEST, Some(ScimType::InvalidValue)),
        AppError::ReferenceFailed | AppError::MembershipCircle => (StatusCode::CONFLICT, None),
        AppError::NotSupported(_) => (StatusCode::NOT_IMPLEMENTED, None),
        AppError::Store(muster_app::StoreError::TooBroad) => {
            return (StatusCode::BAD_REQUEST, Some(ScimType::TooMany), TOO_BROAD.to_owned());
        }
        AppError::Contended
        | AppError::Store(muster_app::StoreError::Unavailable(_) | muster_app::StoreError::Closed) => {
            (StatusCode::SERVICE_UNAVAILABLE, None)
        }
        AppError::Store(_)
        | AppError::Vault(_)
        | AppError::Internal(_)
        | AppError::TenantNotFound(_)
        | AppError::ConnectionNotFound
        | AppError::ConflictNotFound
        | AppError::WebhookEndpointNotFound
        | AppError::DeliveryNotFound
        | AppError::RequestNotFound(_)
        | AppError::HeldNotFound(_)
        | AppError::WebhookDisabled
        | AppError::TooManyWebhooks(_)
        | AppError::KeyRotationUnderWay
        | AppError::NotOwned
        | AppError::ConnectionNameTaken(_)
        | AppError::TenantNameTaken(_)
        | AppError::DefaultTenantKeepsName
        | AppError::Forbidden(_)
        | AppError::BeyondOwnRights
        | AppError::TokenNotFound
        | AppError::CredentialNotFound
        | AppError::TooManyCredentials
        | AppError::NoRotation
        | AppError::SettingsChanged
        | AppError::InvalidInput(_) => (StatusCode::INTERNAL_SERVER_ERROR, None),
    };
    if matches!(error, AppError::Contended) {
        tracing::warn!("a request was given up because too many others change the same resource");
    } else if status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED {
        tracing::error!(error = error as &dyn std::error::Error, "a request failed");
    }
    let detail = match status {
        StatusCode::INTERNAL_SERVER_ERROR => {
            "something went wrong on the server; the log has it under this answer's request id".to_owned()
        }
        _ => error.to_string(),
    };
    (status, scim_type, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows: 7644-3.12-07
    #[test]
    fn a_failure_of_the_server_says_where_to_look_and_nothing_of_its_inside() {
        let inside = || std::io::Error::other("canary: /var/lib/muster.db: no such table");
        for error in [
            AppError::Internal(Box::new(inside())),
            AppError::InvalidInput(inside().to_string()),
            AppError::TenantNotFound(inside().to_string()),
        ] {
            let (status, scim_type, detail) = of_app_error(&error);
            assert_eq!((status, scim_type), (StatusCode::INTERNAL_SERVER_ERROR, None));
            assert!(detail.contains("the log has it under this answer's request id"), "{detail}");
            assert!(!detail.contains("canary"), "{detail}");
        }
    }
}
