//! The shape of a PATCH body (RFC 7644 section 3.5.2), before any name is looked up.

use serde_json::{Map, Value};

use super::{OperationKind, PatchOperation, PatchRequest};
use crate::message::{PATCH_OP, lists_schema, member};
use crate::path::PatchPath;
use crate::{Error, Leniency, Result};

/// More operations than any identity provider sends, and few enough to be worked through in one request.
pub(crate) const MOST_OPERATIONS: usize = 10_000;

impl PatchRequest {
    /// Reads a body. Member names match in any letter case (RFC 7643 section 2.1), and so does `op`, because Entra
    /// writes `Add`.
    pub fn parse(body: &Value, leniency: &Leniency) -> Result<Self> {
        let Value::Object(body) = body else {
            return Err(Error::invalid_syntax("The body of a PATCH must be a JSON object"));
        };
        let accepted = match lists_schema(body, PATCH_OP)? {
            Some(listed) => listed,
            None => leniency.missing_schemas,
        };
        if !accepted {
            return Err(Error::invalid_syntax(format!("\"schemas\" of a PATCH must list \"{PATCH_OP}\"")));
        }
        let Some(Value::Array(operations)) = member(body, "Operations")? else {
            return Err(Error::invalid_syntax("\"Operations\" must be a list of operations"));
        };
        if operations.is_empty() {
            return Err(Error::invalid_syntax("\"Operations\" is empty; send at least one operation"));
        }
        if operations.len() > MOST_OPERATIONS {
            return Err(Error::invalid_syntax(format!(
                "\"Operations\" holds more than {MOST_OPERATIONS} operations; spread them over several requests"
            )));
        }
        let operations = operations.iter().enumerate().map(|(position, operation)| {
            read_operation(operation, leniency).map_err(|error| in_operation(position, &error))
        });
        Ok(Self { operations: operations.collect::<Result<_>>()? })
    }
}

/// Says which operation was meant; people count from 1.
pub(super) fn in_operation(position: usize, error: &Error) -> Error {
    Error::new(error.scim_type, format!("Operation {}: {}", position.saturating_add(1), error.detail))
}

fn read_operation(operation: &Value, leniency: &Leniency) -> Result<PatchOperation> {
    let Value::Object(operation) = operation else {
        return Err(Error::invalid_syntax("must be an object with \"op\", \"path\" and \"value\""));
    };
    let kind = read_kind(operation)?;
    let path = match member(operation, "path")? {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(PatchPath::parse(text, leniency)?),
        Some(_) => return Err(Error::invalid_path("\"path\" must be a string")),
    };
    let value = member(operation, "value")?.cloned();
    // RFC 7644 section 3.5.2.1: an add must contain a value. A replace without one leaves open what it wants; null
    // says that the attribute shall be unassigned.
    if value.is_none() && kind != OperationKind::Remove {
        return Err(Error::invalid_value("\"value\" is missing"));
    }
    Ok(PatchOperation { kind, path, value })
}

fn read_kind(operation: &Map<String, Value>) -> Result<OperationKind> {
    let text = member(operation, "op")?.and_then(Value::as_str).unwrap_or_default();
    for (word, kind) in
        [("add", OperationKind::Add), ("remove", OperationKind::Remove), ("replace", OperationKind::Replace)]
    {
        if text.eq_ignore_ascii_case(word) {
            return Ok(kind);
        }
    }
    Err(Error::invalid_syntax("\"op\" must be \"add\", \"remove\" or \"replace\""))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ScimType;

    fn refusal(body: &Value, leniency: Leniency) -> ScimType {
        PatchRequest::parse(body, &leniency).unwrap_err().scim_type
    }

    /// Rows: 7644-3.5.2-02, 7644-3.5.2-03
    #[test]
    fn the_envelope_is_checked() {
        let operation = json!({ "op": "add", "path": "title", "value": "x" });
        let tolerant = Leniency::TOLERANT;
        assert!(PatchRequest::parse(&json!({ "operations": [operation] }), &tolerant).is_ok());
        for body in [
            json!([operation]),
            json!({ "schemas": [PATCH_OP] }),
            json!({ "schemas": [PATCH_OP], "Operations": [] }),
            json!({ "schemas": [PATCH_OP], "Operations": operation }),
            json!({ "schemas": ["urn:other"], "Operations": [operation] }),
            json!({ "schemas": PATCH_OP, "Operations": [operation] }),
            json!({ "schemas": [PATCH_OP], "Operations": [operation], "operations": [operation] }),
            json!({ "schemas": [PATCH_OP], "Operations": vec![operation.clone(); MOST_OPERATIONS + 1] }),
        ] {
            assert_eq!(refusal(&body, tolerant), ScimType::InvalidSyntax);
        }
        assert_eq!(refusal(&json!({ "Operations": [operation] }), Leniency::STRICT), ScimType::InvalidSyntax);
    }

    /// Rows: 7644-3.5.2-05, 7644-3.5.2.1-01
    #[test]
    fn each_operation_is_checked() {
        for (operation, expected) in [
            (json!("add"), ScimType::InvalidSyntax),
            (json!({ "path": "title", "value": "x" }), ScimType::InvalidSyntax),
            (json!({ "op": "move", "path": "title", "value": "x" }), ScimType::InvalidSyntax),
            (json!({ "op": "add", "path": "title" }), ScimType::InvalidValue),
            (json!({ "op": "replace", "path": "title" }), ScimType::InvalidValue),
            (json!({ "op": "add", "path": 1, "value": "x" }), ScimType::InvalidPath),
            (json!({ "op": "add", "path": "emails[", "value": "x" }), ScimType::InvalidPath),
        ] {
            let good = json!({ "op": "Remove", "path": "title" });
            let body = json!({ "schemas": [PATCH_OP], "Operations": [good, operation] });
            let error = PatchRequest::parse(&body, &Leniency::STRICT).unwrap_err();
            assert_eq!(error.scim_type, expected, "{operation}");
            assert!(error.detail.starts_with("Operation 2: "), "{}", error.detail);
        }
    }

    #[test]
    fn null_is_told_from_absent() {
        let body = json!({ "Operations": [{ "op": "REPLACE", "path": null, "value": null }, { "op": "remove" }] });
        let request = PatchRequest::parse(&body, &Leniency::TOLERANT).unwrap();
        assert_eq!(request.operations[0].value, Some(Value::Null));
        assert_eq!((request.operations[1].kind, &request.operations[1].value), (OperationKind::Remove, &None));
        assert!(request.operations[0].path.is_none());
    }
}
