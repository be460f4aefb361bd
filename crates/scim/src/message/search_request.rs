//! A query, as parameters of a URL (RFC 7644 section 3.4.2) or as a body (section 3.4.3), with cursors (RFC 9865
//! section 2).

use serde_json::{Map, Value};

use super::{SEARCH_REQUEST, lists_schema, member};
use crate::{Error, Result, ScimType};

/// What a client asks a list endpoint for. The numbers are as sent; [`Self::start_index`] and [`Self::count`] apply the
/// rules of RFC 7644 section 3.4.2.4.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchRequest {
    pub attributes: Vec<String>,
    pub excluded_attributes: Vec<String>,
    pub filter: Option<String>,
    pub sort_by: Option<String>,
    pub sort_order: Option<String>,
    pub start_index: Option<i64>,
    pub count: Option<i64>,
    /// Asks for cursor paging; empty for the first page (RFC 9865 section 2). `None`: not asked for.
    pub cursor: Option<String>,
}

impl SearchRequest {
    /// Reads the body of `POST …/.search`.
    pub fn parse(body: &Value) -> Result<Self> {
        let Value::Object(body) = body else {
            return Err(Error::invalid_syntax("The body of a search must be a JSON object"));
        };
        if lists_schema(body, SEARCH_REQUEST)? != Some(true) {
            return Err(Error::invalid_syntax(format!("\"schemas\" of a search must list \"{SEARCH_REQUEST}\"")));
        }
        let filter = text(body, "filter")?;
        refuse_empty_filter(filter.as_deref())?;
        let cursor = match member(body, "cursor")? {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(_) => return Err(Error::new(ScimType::InvalidCursor, "\"cursor\" must be a string")),
        };
        let count = integer(body, "count").map_err(|error| of_count(error, cursor.is_some()))?;
        refuse_both_methods(cursor.is_some(), member(body, "startIndex")?.is_some_and(|index| !index.is_null()))?;
        Ok(Self {
            attributes: names(body, "attributes")?,
            excluded_attributes: names(body, "excludedAttributes")?,
            filter,
            sort_by: text(body, "sortBy")?.filter(|name| !name.is_empty()),
            sort_order: text(body, "sortOrder")?.filter(|order| !order.is_empty()),
            start_index: integer(body, "startIndex")?,
            count,
            cursor,
        })
    }

    /// Reads decoded query parameters. Names match in any letter case and unknown ones are ignored, because identity
    /// providers add their own to the URL.
    pub fn from_query(parameters: impl IntoIterator<Item = (String, String)>) -> Result<Self> {
        let mut request = Self::default();
        let mut count = None;
        for (name, value) in parameters {
            match name.to_ascii_lowercase().as_str() {
                "attributes" => request.attributes.extend(comma_list(&value)),
                "excludedattributes" => request.excluded_attributes.extend(comma_list(&value)),
                "filter" => {
                    refuse_empty_filter(Some(&value))?;
                    if request.filter.replace(value).is_some() {
                        return Err(Error::invalid_filter(
                            "The parameter \"filter\" is given more than once; join the filters with \"and\"",
                        ));
                    }
                }
                "sortby" => request.sort_by = Some(value).filter(|name| !name.is_empty()),
                "sortorder" => request.sort_order = Some(value).filter(|order| !order.is_empty()),
                "startindex" => request.start_index = Some(integer_from_text("startIndex", &value)?),
                "count" => count = Some(value),
                "cursor" if request.cursor.is_some() => {
                    let detail = "The parameter \"cursor\" is given more than once";
                    return Err(Error::new(ScimType::InvalidCursor, detail));
                }
                "cursor" => request.cursor = Some(value),
                _ => {}
            }
        }
        let has_cursor = request.cursor.is_some();
        refuse_both_methods(has_cursor, request.start_index.is_some())?;
        let count = count.map(|text| integer_from_text("count", &text)).transpose();
        request.count = count.map_err(|error| of_count(error, has_cursor))?;
        Ok(request)
    }

    /// The 1-based index of the first result; anything below 1 counts as 1 (RFC 7644 section 3.4.2.4).
    pub fn start_index(&self) -> u64 {
        self.start_index.and_then(|index| u64::try_from(index).ok()).unwrap_or(1).max(1)
    }

    /// The wanted page size; a negative one counts as 0 (RFC 7644 section 3.4.2.4). `None`: the provider decides.
    pub fn count(&self) -> Option<u64> {
        self.count.map(|count| u64::try_from(count).unwrap_or(0))
    }
}

fn refuse_empty_filter(filter: Option<&str>) -> Result<()> {
    match filter {
        Some(text) if text.trim().is_empty() => Err(Error::invalid_filter("The filter is empty; leave it out instead")),
        _ => Ok(()),
    }
}

/// A count that is no number is `invalidCount` to who knows RFC 9865 (section 2.1, table 3), and `invalidValue` to who
/// only knows the words of RFC 7644.
fn of_count(error: Error, has_cursor: bool) -> Error {
    if has_cursor && error.scim_type == ScimType::InvalidValue {
        return Error { scim_type: ScimType::InvalidCount, ..error };
    }
    error
}

/// Each parameter asks for one method of paging (RFC 9865 section 2.4); both at once contradict each other.
fn refuse_both_methods(has_cursor: bool, has_start_index: bool) -> Result<()> {
    if has_cursor && has_start_index {
        return Err(Error::invalid_value(
            "\"cursor\" and \"startIndex\" ask for different methods of paging; give one of them",
        ));
    }
    Ok(())
}

fn comma_list(text: &str) -> impl Iterator<Item = String> {
    text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned)
}

/// A number that is too large for us is still a number: the page it asks for is empty, which is no mistake.
fn integer_from_text(name: &str, text: &str) -> Result<i64> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Error::invalid_value(format!("The parameter \"{name}\" must be an integer")));
    }
    let magnitude = digits.parse::<i64>().unwrap_or(i64::MAX);
    Ok(if negative { -magnitude } else { magnitude })
}

fn integer(body: &Map<String, Value>, name: &str) -> Result<Option<i64>> {
    match member(body, name)? {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(number)) if number.is_i64() => Ok(number.as_i64()),
        Some(Value::Number(number)) if number.is_u64() => Ok(Some(i64::MAX)),
        Some(_) => Err(Error::invalid_value(format!("\"{name}\" must be an integer"))),
    }
}

fn text(body: &Map<String, Value>, name: &str) -> Result<Option<String>> {
    match member(body, name)? {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Error::invalid_syntax(format!("\"{name}\" must be a string"))),
    }
}

fn names(body: &Map<String, Value>, name: &str) -> Result<Vec<String>> {
    let must_be_names = || Error::invalid_syntax(format!("\"{name}\" must be a list of attribute names"));
    match member(body, name)? {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(listed)) => {
            listed.iter().map(|one| one.as_str().map(|text| text.trim().to_owned()).ok_or_else(must_be_names)).collect()
        }
        Some(_) => Err(must_be_names()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ScimType;

    fn query(parameters: &[(&str, &str)]) -> Result<SearchRequest> {
        SearchRequest::from_query(parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn a_body_is_read_whole() {
        let request = SearchRequest::parse(&json!({
            "schemas": [SEARCH_REQUEST], "attributes": ["displayName", "userName"], "filter": "userName pr",
            "sortBy": "userName", "sortOrder": "descending", "startIndex": 1, "count": 10
        }))
        .unwrap();
        assert_eq!(request.attributes, ["displayName", "userName"]);
        assert_eq!(request.filter.as_deref(), Some("userName pr"));
        assert_eq!((request.start_index(), request.count()), (1, Some(10)));
    }

    /// Rows: 7644-3.4.3-02
    #[test]
    fn a_body_of_another_schema_or_shape_is_refused() {
        for (body, expected) in [
            (json!([]), ScimType::InvalidSyntax),
            (json!({ "filter": "userName pr" }), ScimType::InvalidSyntax),
            (json!({ "schemas": ["urn:other"] }), ScimType::InvalidSyntax),
            (json!({ "schemas": [SEARCH_REQUEST], "count": "10" }), ScimType::InvalidValue),
            (json!({ "schemas": [SEARCH_REQUEST], "count": 1.5 }), ScimType::InvalidValue),
            (json!({ "schemas": [SEARCH_REQUEST], "filter": " " }), ScimType::InvalidFilter),
            (json!({ "schemas": [SEARCH_REQUEST], "attributes": "userName" }), ScimType::InvalidSyntax),
            (json!({ "schemas": [SEARCH_REQUEST], "attributes": [1] }), ScimType::InvalidSyntax),
            (json!({ "schemas": [SEARCH_REQUEST], "count": 1, "COUNT": 2 }), ScimType::InvalidSyntax),
        ] {
            assert_eq!(SearchRequest::parse(&body).unwrap_err().scim_type, expected, "{body}");
        }
    }

    #[test]
    fn query_parameters_are_read_in_any_case_and_unknown_ones_ignored() {
        let request = query(&[
            ("Attributes", "userName, name.givenName,"),
            ("excludedattributes", ""),
            ("STARTINDEX", "5"),
            ("aadOptscim062020", ""),
        ])
        .unwrap();
        assert_eq!(request.attributes, ["userName", "name.givenName"]);
        assert!(request.excluded_attributes.is_empty());
        assert_eq!((request.start_index(), request.count()), (5, None));
    }

    #[test]
    fn numbers_are_clamped_and_words_refused() {
        assert_eq!(
            query(&[("startIndex", "-5"), ("count", "-1")]).map(|r| (r.start_index(), r.count())),
            Ok((1, Some(0)))
        );
        assert_eq!(query(&[("startIndex", "0")]).map(|r| r.start_index()), Ok(1));
        let huge = query(&[("count", "99999999999999999999")]).unwrap();
        assert_eq!(huge.count(), Some(i64::MAX.unsigned_abs()));
        for text in ["ten", "", "1.5", "-", "1 2"] {
            assert_eq!(query(&[("count", text)]).unwrap_err().scim_type, ScimType::InvalidValue, "{text}");
        }
    }

    /// Rows: 9865-2-01, 9865-3-01
    #[test]
    fn an_empty_cursor_asks_for_the_first_page_and_none_for_index_paging() {
        assert_eq!(query(&[("Cursor", ""), ("count", "2")]).unwrap().cursor.as_deref(), Some(""));
        assert_eq!(query(&[("count", "2")]).unwrap().cursor, None);
        let body = |cursor: Value| SearchRequest::parse(&json!({ "schemas": [SEARCH_REQUEST], "cursor": cursor }));
        assert_eq!(body(json!("")).unwrap().cursor.as_deref(), Some(""));
        assert_eq!(body(json!("abc")).unwrap().cursor.as_deref(), Some("abc"));
        assert_eq!(body(Value::Null).unwrap().cursor, None);
    }

    /// Rows: 9865-2.1-01, 9865-2.1-04, 9865-2.1-05
    #[test]
    fn bad_parameters_of_cursor_paging_are_named() {
        let kind = |parameters: &[(&str, &str)]| query(parameters).unwrap_err().scim_type;
        assert_eq!(kind(&[("count", "x"), ("cursor", "")]), ScimType::InvalidCount);
        assert_eq!(kind(&[("count", "x")]), ScimType::InvalidValue);
        assert_eq!(kind(&[("cursor", ""), ("startIndex", "1")]), ScimType::InvalidValue);
        assert_eq!(kind(&[("cursor", ""), ("cursor", "a")]), ScimType::InvalidCursor);
        let body = |mut body: Value| {
            body["schemas"] = json!([SEARCH_REQUEST]);
            SearchRequest::parse(&body).unwrap_err().scim_type
        };
        assert_eq!(body(json!({ "cursor": 1 })), ScimType::InvalidCursor);
        assert_eq!(body(json!({ "cursor": "", "count": "1" })), ScimType::InvalidCount);
        assert_eq!(body(json!({ "cursor": "", "startIndex": 1 })), ScimType::InvalidValue);
    }

    #[test]
    fn an_empty_or_repeated_filter_is_refused() {
        assert_eq!(query(&[("filter", "")]).unwrap_err().scim_type, ScimType::InvalidFilter);
        let twice = query(&[("filter", "userName pr"), ("filter", "id pr")]);
        assert_eq!(twice.unwrap_err().scim_type, ScimType::InvalidFilter);
    }
}
