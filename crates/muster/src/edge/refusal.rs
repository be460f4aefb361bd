//! What refuses a request before anybody has looked at what it wants: in the words of whom the address belongs to.

use axum::response::Response;
use http::StatusCode;

/// A problem for the management API, a SCIM error in the right version for everybody else.
pub(crate) fn refused(path: &str, status: StatusCode, detail: &str) -> Response {
    let is_api =
        path.strip_prefix(muster_admin_api::PREFIX).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if is_api {
        return muster_admin_api::problem_at_edge(status, detail);
    }
    muster_scim_server::error_response_at(path, status, None, detail)
}

#[cfg(test)]
mod tests {
    use http::header::CONTENT_TYPE;

    use super::*;

    #[test]
    fn each_address_is_refused_in_its_own_words() {
        for (path, media_type) in [
            ("/api/v1/tenants", "application/problem+json"),
            ("/api/v10", "application/scim+json; charset=utf-8"),
            ("/scim/v2/con_1/Users", "application/scim+json; charset=utf-8"),
        ] {
            let response = refused(path, StatusCode::SERVICE_UNAVAILABLE, "busy");
            assert_eq!(response.headers()[CONTENT_TYPE], media_type, "{path}");
        }
    }
}
