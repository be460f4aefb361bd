//! What a refused call is answered: a problem (RFC 9457), and the one table from what went wrong to it.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use muster_app::{AppError, StoreError};
use serde::Serialize;
use utoipa::ToSchema;

macro_rules! codes {
    ($($variant:ident = $name:literal, $status:ident, $title:literal;)+) => {
        /// What went wrong, for programs. Each has its page in `docs/errors/`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code { $($variant),+ }

        impl Code {
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status),+ }
            }

            /// The same words for every problem of the code.
            const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),+ }
            }

            /// What a person should know and do about it, as Markdown.
            pub const fn page(self) -> &'static str {
                match self { $(Self::$variant => include_str!(concat!("../../../docs/errors/", $name, ".md"))),+ }
            }
        }
    };
}

codes! {
    InvalidRequest = "invalid_request", BAD_REQUEST, "The request is not as it should be";
    Unauthenticated = "unauthenticated", UNAUTHORIZED, "The API token is missing, wrong or expired";
    Forbidden = "forbidden", FORBIDDEN, "The API token does not permit this";
    NotFound = "not_found", NOT_FOUND, "There is no such thing";
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED, "The address does not know the method";
    NameTaken = "name_taken", CONFLICT, "The name is taken";
    NameFixed = "name_fixed", CONFLICT, "The name cannot be changed";
    TooManyCredentials = "too_many_credentials", CONFLICT, "The connection has as many credentials as it may";
    NoRotation = "no_rotation", CONFLICT, "No rotation of the credential has been started";
    WebhookDisabled = "webhook_disabled", CONFLICT, "The webhook endpoint is disabled";
    TooManyWebhooks = "too_many_webhooks", CONFLICT, "The tenant has as many webhook endpoints as it may";
    RotationUnderWay = "rotation_under_way", CONFLICT, "A rotation is under way already";
    SettingsChanged = "settings_changed", PRECONDITION_FAILED, "The settings have changed in the meantime";
    BodyTooLarge = "body_too_large", PAYLOAD_TOO_LARGE, "The body is too large";
    UnsupportedMediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE, "The body is not JSON";
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "The database is not available";
    Internal = "internal", INTERNAL_SERVER_ERROR, "Something went wrong on the server";
}

/// A refusal as it is written (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody {
    /// The address of the code's explanation.
    #[serde(rename = "type")]
    #[schema(rename = "type", format = "uri-reference", example = "/api/v1/errors/not_found")]
    kind: String,
    /// The same words for every problem of the code.
    title: &'static str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What exactly, and what to do.
    detail: String,
    /// For programs.
    code: &'static str,
}

/// A refusal.
#[derive(Debug)]
pub(crate) struct Problem {
    code: Code,
    detail: String,
}

impl Problem {
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }

    pub(crate) fn into_detail(self) -> String {
        self.detail
    }
}

/// For refusals that come before the API is asked: too many requests, a head that is too large, a panic.
pub fn problem_at_edge(status: StatusCode, detail: &str) -> Response {
    let code = match status {
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => Code::Unavailable,
        StatusCode::PAYLOAD_TOO_LARGE => Code::BodyTooLarge,
        status if status.is_client_error() => Code::InvalidRequest,
        _ => Code::Internal,
    };
    written(status, code, detail.to_owned())
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        written(self.code.status(), self.code, self.detail)
    }
}

fn written(status: StatusCode, code: Code, detail: String) -> Response {
    let body = ProblemBody {
        kind: format!("/api/v1/errors/{}", code.as_str()),
        title: code.title(),
        status: status.as_u16(),
        detail,
        code: code.as_str(),
    };
    // A structure of texts and a number always becomes JSON.
    let mut response = Response::new(Body::from(serde_json::to_string(&body).unwrap_or_default()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    match code {
        Code::Unauthenticated => {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"Muster\""));
        }
        Code::Unavailable => {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("5"));
        }
        _ => {}
    }
    response
}

impl From<AppError> for Problem {
    /// Failures of the server are logged here, once, with their source chain.
    fn from(error: AppError) -> Self {
        let code = match &error {
            AppError::Unauthenticated => {
                // The words for SCIM speak of an address that the token was issued for.
                return Self::new(Code::Unauthenticated, "send a valid API token as Authorization: Bearer msk_…");
            }
            AppError::Forbidden(_) | AppError::BeyondOwnRights => Code::Forbidden,
            AppError::TenantNotFound(_)
            | AppError::ConnectionNotFound
            | AppError::ConflictNotFound
            | AppError::NotOwned
            | AppError::TokenNotFound
            | AppError::CredentialNotFound
            | AppError::RequestNotFound(_)
            | AppError::HeldNotFound(_)
            | AppError::WebhookEndpointNotFound
            | AppError::DeliveryNotFound
            | AppError::ResourceNotFound { .. } => return Self::new(Code::NotFound, not_found(&error)),
            AppError::ConnectionNameTaken(_) | AppError::TenantNameTaken(_) => Code::NameTaken,
            AppError::DefaultTenantKeepsName => Code::NameFixed,
            AppError::TooManyCredentials => Code::TooManyCredentials,
            AppError::NoRotation => Code::NoRotation,
            AppError::WebhookDisabled => Code::WebhookDisabled,
            AppError::TooManyWebhooks(_) => Code::TooManyWebhooks,
            AppError::KeyRotationUnderWay => Code::RotationUnderWay,
            AppError::SettingsChanged => Code::SettingsChanged,
            AppError::InvalidInput(_) => Code::InvalidRequest,
            AppError::Store(StoreError::Unavailable(_) | StoreError::Closed) | AppError::Contended => Code::Unavailable,
            _ => Code::Internal,
        };
        if matches!(code, Code::Internal | Code::Unavailable) {
            tracing::error!(error = &error as &dyn std::error::Error, "a call of the management API failed");
        }
        let detail = match code {
            Code::Internal => {
                "something went wrong on the server; the log has it under this answer's request id".to_owned()
            }
            _ => error.to_string(),
        };
        Self { code, detail }
    }
}

/// Nothing that the caller sent: the same answer for what is not there and for what is another tenant's.
fn not_found(error: &AppError) -> &'static str {
    match error {
        AppError::TenantNotFound(_) => "there is no tenant with this id",
        AppError::ConnectionNotFound => "there is no connection with this id",
        AppError::TokenNotFound => "there is no API token with this id",
        AppError::ConflictNotFound => "there is no conflict with this id",
        AppError::NotOwned => "the connection owns nothing with this id",
        AppError::RequestNotFound(_) => "there is no request with this id",
        AppError::HeldNotFound(_) => "nothing is held under this id",
        AppError::WebhookEndpointNotFound => "the tenant has no webhook endpoint with this id",
        AppError::DeliveryNotFound => "the webhook endpoint has no delivery with this id",
        AppError::CredentialNotFound => "the connection has no credential with this id",
        _ => "there is nothing with this id",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_page_that_says_what_to_do() {
        for code in Code::ALL {
            let page = code.page();
            assert!(page.starts_with(&format!("# `{}`", code.as_str())), "{}", code.as_str());
            assert!(page.contains("## What to do"), "{}", code.as_str());
        }
    }

    #[test]
    fn what_fails_inside_is_not_told() {
        let inside = Box::new(std::io::Error::other("canary: /var/lib/muster.db"));
        let problem = Problem::from(AppError::Internal(inside));
        assert_eq!(problem.code, Code::Internal);
        assert!(!problem.detail.contains("canary"));
        let problem = Problem::from(AppError::TenantNotFound("canary".to_owned()));
        assert!(!problem.detail.contains("canary"));
    }
}
