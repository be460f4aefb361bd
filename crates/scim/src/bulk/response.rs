//! What a bulk request is answered (RFC 7644 section 3.7.3).

use serde_json::{Map, Value, json};

use super::Method;
use crate::message::BULK_RESPONSE;

/// The result of one operation.
#[derive(Clone, Debug, PartialEq)]
pub struct ResponseEntry {
    /// `None`: the operation named none of the four methods.
    pub method: Option<Method>,
    pub bulk_id: Option<String>,
    /// The resource's address; absent for a POST that failed.
    pub location: Option<String>,
    /// The entity tag after the operation.
    pub version: Option<String>,
    /// What a single request would have been answered.
    pub status: u16,
    /// The error's body; successes have none (RFC 7644 section 3.7 leaves that open, and it keeps answers small).
    pub response: Option<Value>,
}

impl ResponseEntry {
    /// `status` is text, without an object around it (erratum 7916).
    pub fn into_value(self) -> Value {
        let mut entry = Map::new();
        let mut put = |name: &str, text: Option<String>| {
            if let Some(text) = text {
                entry.insert(name.to_owned(), Value::String(text));
            }
        };
        put("location", self.location);
        put("method", self.method.map(|method| method.as_str().to_owned()));
        put("bulkId", self.bulk_id);
        put("version", self.version);
        put("status", Some(self.status.to_string()));
        if let Some(response) = self.response {
            entry.insert("response".to_owned(), response);
        }
        Value::Object(entry)
    }
}

/// The whole answer; entries stand in the order of the request.
pub fn response_body(entries: Vec<ResponseEntry>) -> Value {
    let entries: Vec<Value> = entries.into_iter().map(ResponseEntry::into_value).collect();
    json!({ "schemas": [BULK_RESPONSE], "Operations": entries })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::error_body;

    /// Rows: 7644-3.7-02, 7644-3.7-11, 7644-3.7-12
    #[test]
    fn status_is_text_and_a_success_has_no_body() {
        let done = ResponseEntry {
            method: Some(Method::Post),
            bulk_id: Some("q".to_owned()),
            location: Some("https://x/Users/1".to_owned()),
            version: Some("W/\"1\"".to_owned()),
            status: 201,
            response: None,
        };
        let failed = ResponseEntry {
            method: None,
            bulk_id: None,
            location: None,
            version: None,
            status: 400,
            response: Some(error_body(400, None, "no")),
        };
        assert_eq!(
            response_body(vec![done, failed]),
            json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkResponse"],
                "Operations": [
                    {
                        "location": "https://x/Users/1", "method": "POST", "bulkId": "q", "version": "W/\"1\"",
                        "status": "201"
                    },
                    { "status": "400", "response": error_body(400, None, "no") },
                ],
            })
        );
    }
}
