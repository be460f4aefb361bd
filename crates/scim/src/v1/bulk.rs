//! Bulk in 1.1 (protocol 1.1, section 3.5).

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::names::{CORE, text_in_1_1};
use super::resource::{Operations, read_resource, translate};
use crate::bulk::{BulkLanguage, BulkOperation, BulkRequest, Method, OperationRequest};
use crate::message::member;
use crate::{Error, Leniency, ResourceSchema, Result, ScimType};

/// Reads a bulk request. The data of its operations gets the names of 2.0; that of a PATCH stays a partial resource.
/// What cannot be translated fails as the operation that it belongs to.
pub fn read_bulk(body: &Value, schemas: &[Arc<ResourceSchema>], leniency: &Leniency) -> Result<BulkRequest> {
    let mut request = match body.as_object() {
        // Core schema 1.1, section 5.1: the core schema is implied.
        Some(members) if member(members, "schemas")?.is_none_or(Value::is_null) => {
            let mut members: Map<String, Value> =
                members.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("schemas")).map(owned).collect();
            members.insert("schemas".to_owned(), json!([CORE]));
            BulkRequest::parse(&Value::Object(members), BulkLanguage::Scim1, leniency)?
        }
        _ => BulkRequest::parse(body, BulkLanguage::Scim1, leniency)?,
    };
    for operation in &mut request.operations {
        let BulkOperation::Understood(understood) = operation else { continue };
        let Some(schema) = understood.place.schema(schemas) else { continue };
        let data = match understood.method {
            Method::Post | Method::Put => read_resource(schema, &understood.data),
            Method::Patch => translate(schema, &understood.data, Operations::Kept),
            Method::Delete => continue,
        };
        match data {
            Ok(data) => understood.data = data,
            Err(error) => *operation = refused(understood, error),
        }
    }
    Ok(request)
}

/// Refuses every PUT, PATCH and DELETE without `version`, which 1.1 calls REQUIRED where resources have versions. Few
/// clients send it, so it is for the caller to say whether that is demanded.
pub fn demand_versions(request: &mut BulkRequest) {
    for operation in &mut request.operations {
        if let BulkOperation::Understood(understood) = operation
            && understood.method != Method::Post
            && understood.version.is_none()
        {
            let detail = format!("a {} needs the \"version\" that it changes", understood.method.as_str());
            *operation = refused(understood, Error::new(ScimType::InvalidVers, detail));
        }
    }
}

fn refused(understood: &OperationRequest, error: Error) -> BulkOperation {
    BulkOperation::Refused {
        method: Some(understood.method),
        bulk_id: understood.bulk_id.clone(),
        place: Some(understood.place.clone()),
        error,
    }
}

fn owned((name, value): (&String, &Value)) -> (String, Value) {
    (name.clone(), value.clone())
}

/// The answer to a bulk request from that of 2.0: `status` is an object with the code and, for a failure, a description;
/// there is no `response`.
pub fn show_bulk(response: Value) -> Value {
    let Value::Object(mut members) = response else { return response };
    let operations = match members.shift_remove("Operations") {
        Some(Value::Array(operations)) => operations.into_iter().map(show_operation).collect(),
        _ => Vec::new(),
    };
    json!({ "schemas": [CORE], "Operations": operations })
}

fn show_operation(operation: Value) -> Value {
    let Value::Object(mut members) = operation else { return operation };
    let code = members.shift_remove("status");
    let code = code.as_ref().and_then(Value::as_str).unwrap_or_default();
    let mut status = Map::new();
    status.insert("code".to_owned(), Value::from(code));
    let response = members.shift_remove("response");
    if !code.starts_with('2') {
        let detail = response.as_ref().and_then(|body| body.get("detail")).and_then(Value::as_str);
        status.insert("description".to_owned(), Value::from(text_in_1_1(detail.unwrap_or("The operation failed"))));
    }
    members.insert("status".to_owned(), Value::Object(status));
    Value::Object(members)
}

#[cfg(test)]
mod tests;
