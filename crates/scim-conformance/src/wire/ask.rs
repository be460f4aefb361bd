//! A request to be, relative to the base address.

use serde_json::Value;

use crate::encoding::percent_encoded;

/// What is asked; the client adds address, credentials and media types.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) method: &'static str,
    /// Begins with a slash.
    pub(crate) path: String,
    pub(crate) query: String,
    /// Replace the client's own of the same name; an empty value leaves the header out.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Option<String>,
}

impl Ask {
    fn new(method: &'static str, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), query: String::new(), headers: Vec::new(), body: None }
    }

    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self::new("GET", path)
    }

    pub(crate) fn post(path: impl Into<String>, body: &Value) -> Self {
        Self::new("POST", path).text(body.to_string())
    }

    pub(crate) fn put(path: impl Into<String>, body: &Value) -> Self {
        Self::new("PUT", path).text(body.to_string())
    }

    pub(crate) fn patch(path: impl Into<String>, body: &Value) -> Self {
        Self::new("PATCH", path).text(body.to_string())
    }

    pub(crate) fn delete(path: impl Into<String>) -> Self {
        Self::new("DELETE", path)
    }

    /// A method by its name; one that is not known is read as GET.
    pub(crate) fn with_method(method: &str, path: impl Into<String>) -> Self {
        const METHODS: [&str; 4] = ["POST", "PUT", "PATCH", "DELETE"];
        Self::new(METHODS.into_iter().find(|known| *known == method).unwrap_or("GET"), path)
    }

    pub(crate) fn query(mut self, name: &str, value: &str) -> Self {
        if !self.query.is_empty() {
            self.query.push('&');
        }
        self.query.push_str(name);
        self.query.push('=');
        self.query.push_str(&percent_encoded(value));
        self
    }

    /// A query as it goes over the wire.
    pub(crate) fn raw_query(mut self, query: impl Into<String>) -> Self {
        self.query = query.into();
        self
    }

    pub(crate) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub(crate) fn text(mut self, body: impl Into<String>) -> Self {
        self.body = Some(body.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_encoded() {
        let ask = Ask::get("/Users").query("filter", "a eq \"b\"").query("count", "1");
        assert_eq!(ask.query, "filter=a%20eq%20%22b%22&count=1");
    }
}
