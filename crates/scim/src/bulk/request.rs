//! The shape of a bulk request (RFC 7644 section 3.7), before any name is looked up.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::{BULK_ID_PREFIX, BulkLanguage, BulkOperation, BulkRequest, Method, NamedResource, OperationRequest, Place};
use crate::message::{BULK_REQUEST, PATCH_OP, lists_schema, member};
use crate::{Error, Leniency, Result, v1};

impl BulkRequest {
    /// Reads a body. `Err` refuses the whole request; what is wrong with one operation stays with that operation,
    /// because the others shall be performed all the same (RFC 7644 section 3.7).
    pub fn parse(body: &Value, language: BulkLanguage, leniency: &Leniency) -> Result<Self> {
        let Value::Object(body) = body else {
            return Err(Error::invalid_syntax("The body of a bulk request must be a JSON object"));
        };
        let urn = match language {
            BulkLanguage::Scim2 => BULK_REQUEST,
            BulkLanguage::Scim1 => v1::CORE,
        };
        if !lists_schema(body, urn)?.unwrap_or(leniency.missing_schemas) {
            return Err(Error::invalid_syntax(format!("\"schemas\" of a bulk request must list \"{urn}\"")));
        }
        let fail_on_errors = match member(body, "failOnErrors")? {
            None | Some(Value::Null) => None,
            // Neither 0 nor a negative number of failures can be waited for, and a client that means "never stop"
            // leaves the member out.
            Some(count) => Some(count.as_u64().filter(|count| *count > 0).ok_or_else(|| {
                Error::invalid_value("\"failOnErrors\" must be a whole number greater than 0; leave it out to go on")
            })?),
        };
        let Some(Value::Array(sent)) = member(body, "Operations")? else {
            return Err(Error::invalid_syntax("\"Operations\" must be a list of operations"));
        };
        if sent.is_empty() {
            return Err(Error::invalid_syntax("\"Operations\" is empty; send at least one operation"));
        }
        let mut operations: Vec<BulkOperation> = sent.iter().map(|one| read_operation(one, language)).collect();
        refuse_repeated_bulk_ids(&mut operations);
        Ok(Self { fail_on_errors, operations, language })
    }
}

/// A `bulkId` that two creations have could mean either of their resources, so both are refused rather than one guessed.
fn refuse_repeated_bulk_ids(operations: &mut [BulkOperation]) {
    let mut uses: HashMap<String, usize> = HashMap::new();
    let creations = operations.iter().filter(|operation| operation.method() == Some(Method::Post));
    for bulk_id in creations.filter_map(BulkOperation::bulk_id) {
        *uses.entry(bulk_id.to_owned()).or_default() += 1;
    }
    for operation in operations {
        let BulkOperation::Understood(request) = operation else { continue };
        let is_repeated = request.method == Method::Post
            && request.bulk_id.as_ref().and_then(|bulk_id| uses.get(bulk_id)).is_some_and(|uses| *uses > 1);
        if is_repeated {
            *operation = BulkOperation::Refused {
                method: Some(request.method),
                bulk_id: request.bulk_id.clone(),
                place: Some(request.place.clone()),
                error: Error::invalid_value("another POST of the request has the same \"bulkId\"; each needs its own"),
            };
        }
    }
}

fn read_operation(sent: &Value, language: BulkLanguage) -> BulkOperation {
    let Value::Object(sent) = sent else {
        let error = Error::invalid_syntax("an operation must be an object with \"method\", \"path\" and \"data\"");
        return BulkOperation::Refused { method: None, bulk_id: None, place: None, error };
    };
    // What can be read is read first, because the result of a wrong operation repeats it, too.
    let method = read_method(sent);
    let bulk_id = read_text(sent, "bulkId");
    let place = method.clone().and_then(|method| read_place(sent, method));
    let request = read_request(sent, method.clone(), bulk_id.clone(), place.clone(), language);
    match request {
        Ok(request) => BulkOperation::Understood(request),
        Err(error) => {
            BulkOperation::Refused { method: method.ok(), bulk_id: bulk_id.ok().flatten(), place: place.ok(), error }
        }
    }
}

fn read_request(
    sent: &Map<String, Value>,
    method: Result<Method>,
    bulk_id: Result<Option<String>>,
    place: Result<Place>,
    language: BulkLanguage,
) -> Result<OperationRequest> {
    let (method, bulk_id, place) = (method?, bulk_id?, place?);
    if method == Method::Post && bulk_id.is_none() {
        return Err(Error::invalid_value("a POST needs a \"bulkId\", by which its result is told from the others"));
    }
    let version = read_version(sent)?;
    let data = match (method, member(sent, "data")?) {
        (Method::Delete, _) => Value::Null,
        (_, None | Some(Value::Null)) => {
            return Err(Error::invalid_value(format!("\"data\" is missing; a {} needs it", method.as_str())));
        }
        // RFC 7644 section 3.7.3 shows a bare list here; by erratum 5050 it is a whole PATCH body. Both are read.
        (Method::Patch, Some(Value::Array(operations))) if language == BulkLanguage::Scim2 => {
            json!({ "schemas": [PATCH_OP], "Operations": operations })
        }
        (_, Some(data)) => data.clone(),
    };
    Ok(OperationRequest { method, bulk_id, place, data, version })
}

fn read_method(sent: &Map<String, Value>) -> Result<Method> {
    let text = member(sent, "method")?.and_then(Value::as_str).unwrap_or_default();
    [Method::Post, Method::Put, Method::Patch, Method::Delete]
        .into_iter()
        .find(|method| text.eq_ignore_ascii_case(method.as_str()))
        .ok_or_else(|| Error::invalid_syntax("\"method\" must be \"POST\", \"PUT\", \"PATCH\" or \"DELETE\""))
}

/// A text that is there; an empty one says nothing.
fn read_text(sent: &Map<String, Value>, name: &str) -> Result<Option<String>> {
    match member(sent, name)? {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Error::invalid_syntax(format!("\"{name}\" must be a string"))),
    }
}

/// An empty version is one, which no resource has, as with an empty `If-Match`: who names a version wants no change that
/// does not depend on it.
fn read_version(sent: &Map<String, Value>) -> Result<Option<String>> {
    match member(sent, "version")? {
        Some(Value::String(text)) if text.is_empty() => Ok(Some(String::new())),
        _ => read_text(sent, "version"),
    }
}

fn read_place(sent: &Map<String, Value>, method: Method) -> Result<Place> {
    let wrong = || {
        Error::invalid_value(match method {
            Method::Post => "\"path\" of a POST must name an endpoint, such as \"/Users\"",
            _ => "\"path\" must name one resource, such as \"/Users/{id}\" or \"/Users/bulkId:{bulkId}\"",
        })
    };
    let path = read_text(sent, "path")?.ok_or_else(wrong)?;
    let path = path.trim_matches('/');
    let (endpoint, resource) = match path.split_once('/') {
        Some((endpoint, resource)) => (endpoint, Some(resource)),
        None => (path, None),
    };
    if endpoint.is_empty() || resource.is_some() == (method == Method::Post) {
        return Err(wrong());
    }
    let resource = resource.map(|name| match name.strip_prefix(BULK_ID_PREFIX) {
        Some(bulk_id) => NamedResource::BulkId(bulk_id.to_owned()),
        None => NamedResource::Id(name.to_owned()),
    });
    Ok(Place { endpoint: endpoint.to_owned(), resource })
}

#[cfg(test)]
mod tests;
