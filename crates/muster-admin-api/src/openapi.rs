//! The description of the API (`OpenAPI` 3.1), as a document for programs and as a page for people.

use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::response::{Html, IntoResponse, Response};
use http::header::{CONTENT_TYPE, HeaderValue};
use serde_json::Value;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Components, InfoBuilder, License, OpenApi, OpenApiBuilder, SecurityRequirement, Tag};

use crate::service;

const SCHEME: &str = "api_token";

/// Everything but the routes.
pub(crate) fn frame() -> OpenApi {
    let mut components = Components::new();
    let scheme = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("An API token, as `muster api-token create` issues it"))
        .build();
    components.add_security_scheme(SCHEME, SecurityScheme::Http(scheme));
    let tag = |name: &str, words: &str| {
        let mut tag = Tag::new(name);
        tag.description = Some(words.to_owned());
        tag
    };
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Muster management API")
                .version("1")
                .description(Some(
                    "Everything that an operator does. Errors are problems (RFC 9457) whose `type` explains them. Lists \
                     go on behind `next_cursor`. Settings have an `ETag`, and a change with `If-Match` applies to that \
                     revision only. What is another tenant's is answered like what is not there.",
                ))
                .license(Some(License::new("Apache-2.0")))
                .build(),
        )
        .tags(Some([
            tag("Tenants", "Directories apart from each other"),
            tag("Connections", "Identity providers that call us"),
            tag("Credentials", "What they prove themselves with"),
            tag("Conflicts", "People and groups that two connections want"),
            tag("Held changes", "What the guard holds until a person decides"),
            tag("Requests", "What identity providers asked"),
            tag("Events", "What happens in a tenant"),
            tag("Webhooks", "Addresses that events are sent to"),
            tag("System log", "Who did what"),
            tag("API tokens", "Who may call this API"),
        ]))
        .security(Some([SecurityRequirement::new(SCHEME, [""; 0])]))
        .components(Some(components))
        .build()
}

/// The whole description.
pub fn document() -> OpenApi {
    service::described().1
}

pub(crate) async fn as_json() -> Response {
    static TEXT: LazyLock<String> = LazyLock::new(|| document().to_json().unwrap_or_default());
    ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], TEXT.as_str()).into_response()
}

/// A page without scripts: each operation with its words.
pub(crate) async fn as_page() -> Response {
    let Ok(document) = serde_json::to_value(document()) else { return Html("").into_response() };
    let mut operations = String::new();
    for (path, methods) in document.get("paths").and_then(Value::as_object).into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            let word = |name: &str| escaped(operation.get(name).and_then(Value::as_str).unwrap_or_default());
            // Writing to a String cannot fail.
            let _ = write!(
                operations,
                "<section id=\"{id}\"><h3><code>{method} {path}</code></h3><p><b>{summary}</b> {description}</p></section>",
                id = word("operationId"),
                method = escaped(&method.to_uppercase()),
                path = escaped(path),
                summary = word("summary"),
                description = word("description"),
            );
        }
    }
    Html(include_str!("openapi/page.html").replace("{{operations}}", &operations)).into_response()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
