//! The messages of the protocol that are no resources (RFC 7644 sections 3.4.2, 3.4.3 and 3.12, RFC 9865 section 2).

mod page_text;
mod search_request;

pub use page_text::{begin_page, end_page};
pub use search_request::SearchRequest;

use serde_json::{Map, Value, json};

use crate::{Error, Result, ScimType};

/// URN of a query response (RFC 7644 section 3.4.2).
pub const LIST_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
/// URN of a query by POST (RFC 7644 section 3.4.3).
pub const SEARCH_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
/// URN of a PATCH body (RFC 7644 section 3.5.2).
pub const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// URN of a bulk request (RFC 7644 section 3.7).
pub const BULK_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
/// URN of a bulk response (RFC 7644 section 3.7).
pub const BULK_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
/// URN of an error (RFC 7644 section 3.12).
pub const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// The body of an error (RFC 7644 section 3.12). It carries nothing but the members that the section names, because
/// acceptance tests of identity providers refuse any other; `status` is text.
pub fn error_body(status: u16, scim_type: Option<ScimType>, detail: &str) -> Value {
    let mut body = Map::new();
    body.insert("schemas".to_owned(), json!([ERROR]));
    body.insert("status".to_owned(), Value::from(status.to_string()));
    if let Some(scim_type) = scim_type {
        body.insert("scimType".to_owned(), Value::from(scim_type.as_str()));
    }
    body.insert("detail".to_owned(), Value::from(detail));
    Value::Object(body)
}

/// One page of a query's result (RFC 7644 section 3.4.2). `Resources` is there even when it is empty: identity
/// providers read it without asking.
pub fn list_response(total: u64, start_index: u64, resources: Vec<Value>) -> Value {
    with_resources(list_response_head(total, start_index, resources.len()), resources)
}

/// The same without its resources, of which there are `items`.
pub fn list_response_head(total: u64, start_index: u64, items: usize) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("schemas".to_owned(), json!([LIST_RESPONSE]));
    body.insert("totalResults".to_owned(), Value::from(total));
    body.insert("itemsPerPage".to_owned(), Value::from(items));
    body.insert("startIndex".to_owned(), Value::from(start_index));
    body
}

fn with_resources(mut head: Map<String, Value>, resources: Vec<Value>) -> Value {
    head.insert("Resources".to_owned(), Value::Array(resources));
    Value::Object(head)
}

/// The cursors of a page (RFC 9865 section 2, table 2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageCursors {
    /// Never on the first page.
    pub previous: Option<String>,
    /// Left out on the last page and only there.
    pub next: Option<String>,
}

/// One page of a query's result that is walked by cursors (RFC 9865 section 2). It has no `startIndex`: the page is
/// found by its place, not by counting. `totalResults` may be left out where it is not known.
pub fn cursor_list_response(total: Option<u64>, cursors: PageCursors, resources: Vec<Value>) -> Value {
    with_resources(cursor_list_response_head(total, cursors, resources.len()), resources)
}

/// The same without its resources, of which there are `items`.
pub fn cursor_list_response_head(total: Option<u64>, cursors: PageCursors, items: usize) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("schemas".to_owned(), json!([LIST_RESPONSE]));
    if let Some(total) = total {
        body.insert("totalResults".to_owned(), Value::from(total));
    }
    body.insert("itemsPerPage".to_owned(), Value::from(items));
    if let Some(previous) = cursors.previous {
        body.insert("previousCursor".to_owned(), Value::from(previous));
    }
    if let Some(next) = cursors.next {
        body.insert("nextCursor".to_owned(), Value::from(next));
    }
    body
}

/// A member of a message by name. Names match without regard to case (RFC 7643 section 2.1), so the same name twice in
/// two spellings would leave open which one counts; that is refused.
pub(crate) fn member<'a>(message: &'a Map<String, Value>, name: &str) -> Result<Option<&'a Value>> {
    let mut found = message.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    let first = found.next();
    if found.next().is_some() {
        return Err(Error::invalid_syntax(format!(
            "The body has the member \"{name}\" more than once, in different letter case; send it once"
        )));
    }
    Ok(first)
}

/// Whether the `schemas` of a message lists the URN; `None` when the message has no `schemas`, or an empty list.
pub(crate) fn lists_schema(message: &Map<String, Value>, urn: &str) -> Result<Option<bool>> {
    match member(message, "schemas")? {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(listed)) if listed.is_empty() => Ok(None),
        Some(Value::Array(listed)) => {
            Ok(Some(listed.iter().any(|one| one.as_str().is_some_and(|text| text.eq_ignore_ascii_case(urn)))))
        }
        Some(_) => Err(Error::invalid_syntax("\"schemas\" must be a list of URNs")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_carries_only_the_members_of_the_rfc() {
        let body = error_body(404, None, "There is no such user");
        assert_eq!(body, json!({ "schemas": [ERROR], "status": "404", "detail": "There is no such user" }));
        let body = error_body(400, Some(ScimType::InvalidPath), "x");
        assert_eq!(body["scimType"], "invalidPath");
    }

    #[test]
    fn an_empty_page_still_has_all_members() {
        let body = list_response(0, 1, Vec::new());
        assert_eq!(
            body,
            json!({ "schemas": [LIST_RESPONSE], "totalResults": 0, "itemsPerPage": 0, "startIndex": 1, "Resources": [] })
        );
    }

    /// Rows: 9865-2-07, 9865-2-09, 9865-2-11
    #[test]
    fn a_page_carries_only_the_cursors_it_has() {
        let only = cursor_list_response(Some(1), PageCursors::default(), vec![json!({"id": "1"})]);
        assert_eq!(
            only,
            json!({ "schemas": [LIST_RESPONSE], "totalResults": 1, "itemsPerPage": 1, "Resources": [{"id": "1"}] })
        );
        let cursors = PageCursors { previous: Some("a".to_owned()), next: Some("b".to_owned()) };
        let middle = cursor_list_response(None, cursors, Vec::new());
        assert_eq!(
            middle,
            json!({
                "schemas": [LIST_RESPONSE], "itemsPerPage": 0, "previousCursor": "a", "nextCursor": "b", "Resources": []
            })
        );
    }

    /// Rows: 7644-3.4.2-07
    #[test]
    fn the_page_counts_its_own_items() {
        let body = list_response(7, 3, vec![json!({"id": "1"}), json!({"id": "2"})]);
        assert_eq!(
            (&body["totalResults"], &body["itemsPerPage"], &body["startIndex"]),
            (&json!(7), &json!(2), &json!(3))
        );
    }
}
