//! An answer, read.

use std::time::Duration;

use serde_json::Value;

use super::transport::Response;

/// An answer whose body was read as JSON where it is JSON.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Value,
    pub(crate) is_empty: bool,
    pub(crate) elapsed: Duration,
}

impl Answer {
    pub(super) fn read(response: &Response) -> Self {
        let parsed: Option<Value> = serde_json::from_slice(&response.body).ok();
        Self {
            status: response.status,
            headers: response.headers.clone(),
            is_empty: response.body.is_empty(),
            body: parsed.unwrap_or(Value::Null),
            elapsed: response.elapsed,
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A member of the body by JSON pointer; `null` where there is none.
    pub(crate) fn at(&self, pointer: &str) -> &Value {
        self.body.pointer(pointer).unwrap_or(&Value::Null)
    }

    pub(crate) fn text_at(&self, pointer: &str) -> Option<&str> {
        self.at(pointer).as_str()
    }

    pub(crate) fn number_at(&self, pointer: &str) -> Option<u64> {
        self.at(pointer).as_u64()
    }

    /// `Resources` of a list; empty where there are none.
    pub(crate) fn resources(&self) -> &[Value] {
        self.at("/Resources").as_array().map_or(&[], Vec::as_slice)
    }

    /// `id` of the resource in the body.
    pub(crate) fn id(&self) -> Option<&str> {
        self.text_at("/id").filter(|id| !id.is_empty())
    }
}
