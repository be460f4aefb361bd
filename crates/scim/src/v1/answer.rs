//! What 1.1 answers in place of the messages of 2.0.

use serde_json::{Map, Value, json};

use super::names::{CORE, text_in_1_1};

/// The body of an error (protocol 1.1, section 3.9): the code as text, and neither `scimType` nor `status`. Okta's
/// acceptance test for 1.1 wants the description once more as `detail`, beside what the text asks for.
pub fn error_body(status: u16, detail: &str) -> Value {
    let description = text_in_1_1(detail);
    json!({
        "Errors": [{ "description": description, "code": status.to_string() }],
        "detail": description,
    })
}

/// One page of a query's result (protocol 1.1, section 3.2.2.3) from that of 2.0: the same numbers under the core
/// schema, and no cursors.
pub fn list_response(response: Value) -> Value {
    let Value::Object(members) = response else { return response };
    let mut shown = Map::new();
    shown.insert("schemas".to_owned(), json!([CORE]));
    for (name, value) in members {
        if matches!(name.as_str(), "totalResults" | "itemsPerPage" | "startIndex" | "Resources") {
            shown.insert(name, value);
        }
    }
    Value::Object(shown)
}

/// The service provider's configuration (core schema 1.1, section 9) from that of 2.0, which says what is supported;
/// both versions lead to the same directory, so it is the same.
pub fn service_provider_config(config: Value) -> Value {
    let Value::Object(members) = config else { return config };
    let mut shown = Map::new();
    shown.insert("schemas".to_owned(), json!([CORE]));
    for (name, value) in members {
        match (name.as_str(), value) {
            ("documentationUri", value) => {
                shown.insert("documentationUrl".to_owned(), value);
            }
            ("authenticationSchemes", Value::Array(schemes)) => {
                let schemes = schemes.into_iter().map(authentication_scheme).collect();
                shown.insert(name, Value::Array(schemes));
            }
            ("patch" | "bulk" | "filter" | "changePassword" | "sort" | "etag", value) => {
                shown.insert(name, value);
            }
            _ => {}
        }
    }
    // REQUIRED by section 9. Bodies and answers are JSON only.
    shown.insert("xmlDataFormat".to_owned(), json!({ "supported": false }));
    Value::Object(shown)
}

/// 1.1 calls addresses URLs.
fn authentication_scheme(scheme: Value) -> Value {
    let Value::Object(members) = scheme else { return scheme };
    let renamed = members.into_iter().map(|(name, value)| match name.as_str() {
        "specUri" => ("specUrl".to_owned(), value),
        "documentationUri" => ("documentationUrl".to_owned(), value),
        _ => (name, value),
    });
    Value::Object(renamed.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows: 1.1-api-3.9-01, 1.1-api-3.9-02
    #[test]
    fn an_error_has_the_shape_of_1_1_and_the_detail_that_okta_wants() {
        let body = error_body(409, "another resource has the same userName");
        assert_eq!(
            body,
            json!({
                "Errors": [{ "description": "another resource has the same userName", "code": "409" }],
                "detail": "another resource has the same userName",
            })
        );
        for name in ["scimType", "status", "schemas"] {
            assert!(body.get(name).is_none(), "{name}");
        }
    }

    /// Rows: 1.1-api-3.2.2-02
    #[test]
    fn a_list_carries_the_core_schema_and_no_cursor() {
        let response = json!({
            "schemas": [crate::message::LIST_RESPONSE], "totalResults": 3, "itemsPerPage": 1, "startIndex": 2,
            "nextCursor": "x", "previousCursor": "y", "Resources": [{ "id": "1" }],
        });
        assert_eq!(
            list_response(response),
            json!({
                "schemas": [CORE], "totalResults": 3, "itemsPerPage": 1, "startIndex": 2, "Resources": [{ "id": "1" }],
            })
        );
    }

    /// Rows: 1.1-core-9-01
    #[test]
    fn the_configuration_is_that_of_2_0_in_other_words() {
        let config = json!({
            "schemas": ["x"], "documentationUri": "https://d", "patch": { "supported": true },
            "pagination": { "cursor": true }, "sort": { "supported": false },
            "authenticationSchemes": [{ "type": "oauthbearertoken", "name": "n", "specUri": "https://s" }],
            "meta": { "resourceType": "ServiceProviderConfig" },
        });
        assert_eq!(
            service_provider_config(config),
            json!({
                "schemas": [CORE], "documentationUrl": "https://d", "patch": { "supported": true },
                "sort": { "supported": false },
                "authenticationSchemes": [{ "type": "oauthbearertoken", "name": "n", "specUrl": "https://s" }],
                "xmlDataFormat": { "supported": false },
            })
        );
    }
}
