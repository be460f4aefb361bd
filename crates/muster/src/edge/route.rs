//! What of an address may be logged and counted: its shape. Whatever a client can choose freely becomes `*`.

use muster_model::{ConnectionId, ResourceId};

/// Segments that are ours. Anything else is a client's, and may be a name or an address of a person.
const KNOWN: [&str; 31] = [
    "directory",
    "resources",
    "scim",
    "v2.0",
    "v2",
    "v1",
    "Users",
    "Groups",
    ".search",
    "Bulk",
    "Me",
    "ServiceProviderConfig",
    "ServiceProviderConfigs",
    "ResourceTypes",
    "Schemas",
    "healthz",
    "readyz",
    "metrics",
    "api",
    "tenants",
    "connections",
    "credentials",
    "suspend",
    "resume",
    "rotation",
    "complete",
    "api-tokens",
    "me",
    "errors",
    "docs",
    "openapi.json",
];
/// An address of ours has at most seven segments.
const MOST_SEGMENTS: usize = 8;

/// The shape of a request's address.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Route {
    /// `/scim/v2/{connection}/Users/{id}`.
    pub(crate) template: String,
    /// One of a few words, for metrics.
    pub(crate) kind: &'static str,
    pub(crate) resource: Option<ResourceId>,
}

impl Route {
    /// Reads the path of an address (never its query).
    pub(crate) fn of(path: &str) -> Self {
        let mut route = Self { template: String::new(), kind: "other", resource: None };
        let mut is_below_connection = false;
        for (position, segment) in path.split('/').skip(1).enumerate() {
            route.template.push('/');
            if position == MOST_SEGMENTS {
                route.template.push_str("**");
                break;
            }
            if segment.is_empty() {
                continue;
            }
            if let Some(known) = known(segment) {
                route.template.push_str(known);
                if let Some(kind) = kind(known, is_below_connection) {
                    route.kind = kind;
                }
            } else if segment.parse::<ConnectionId>().is_ok() {
                is_below_connection = true;
                route.template.push_str("{connection}");
            } else if let Some(id) = ResourceId::parse(segment) {
                route.resource = Some(id);
                route.template.push_str("{id}");
            } else {
                route.template.push('*');
            }
        }
        route
    }
}

fn known(segment: &str) -> Option<&'static str> {
    KNOWN.into_iter().find(|known| known.eq_ignore_ascii_case(segment))
}

fn kind(known: &str, is_below_connection: bool) -> Option<&'static str> {
    match known {
        "healthz" | "readyz" | "metrics" => Some("operations"),
        "api" => Some("management"),
        _ if !is_below_connection => None,
        "Users" => Some("users"),
        "Groups" => Some("groups"),
        "ServiceProviderConfig" | "ServiceProviderConfigs" | "ResourceTypes" | "Schemas" => Some("discovery"),
        ".search" => Some("search"),
        "Bulk" => Some("bulk"),
        "Me" => Some("me"),
        _ => None,
    }
}

/// The method, when it is one that HTTP defines; a client may send any word.
pub(crate) fn method(method: &http::Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        "TRACE" => "TRACE",
        "CONNECT" => "CONNECT",
        _ => "other",
    }
}

/// `2xx` and its like.
pub(crate) fn status_class(status: http::StatusCode) -> &'static str {
    match status.as_u16() {
        100..=199 => "1xx",
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_of_our_addresses_is_kept() {
        let connection = "con_00000000000070008000000000000abc";
        let id = "00000000-0000-7000-8000-000000000abc";
        let route = Route::of(&format!("/directory/resources/scim/v2.0/{connection}/Users/{id}"));
        assert_eq!(route.template, "/directory/resources/scim/v2.0/{connection}/Users/{id}");
        assert_eq!((route.kind, route.resource), ("users", ResourceId::parse(id)));
        let route = Route::of(&format!("/scim/v2/{connection}/groups/.search"));
        assert_eq!((route.template.as_str(), route.kind), ("/scim/v2/{connection}/Groups/.search", "search"));
        let route = Route::of(&format!("/scim/v1/{connection}/serviceproviderconfigs"));
        assert_eq!(route.template, "/scim/v1/{connection}/ServiceProviderConfigs");
        assert_eq!(route.kind, "discovery");
        assert_eq!(Route::of("/healthz").kind, "operations");
        assert_eq!(Route::of("/").template, "/");
    }

    #[test]
    fn what_a_client_chooses_is_never_kept() {
        for path in
            ["/canary", "/scim/v2/canary/Users/canary", "/scim/v2/x/Users/a%40canary", "/Users/canary@example.com/"]
        {
            let route = Route::of(path);
            assert!(!route.template.contains("canary") && route.template.contains('*'), "{}", route.template);
            assert_eq!(route.kind, "other");
        }
        assert_eq!(Route::of(&"/a".repeat(5000)).template, format!("{}/**", "/*".repeat(8)));
        assert_eq!(method(&http::Method::from_bytes(b"CANARY").unwrap()), "other");
    }
}
