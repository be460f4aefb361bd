//! Discovery in 1.1 (core schema 1.1, sections 9 and 10). The configuration is that of 2.0 in other words, see
//! [`crate::wire::Wire::show_service_provider_config`].

use axum::response::Response;
use http::StatusCode;
use scim::{message, v1};
use serde_json::{Value, json};

use crate::dispatch::Call;
use crate::failure::Failure;

/// GET `/Schemas`: one for each resource type.
pub(crate) fn schemas(call: &Call<'_>) -> Result<Response, Failure> {
    call.refuse_filter()?;
    let mut list = v1::show_schemas(call.resource_schemas());
    if let Some(Value::Array(shown)) = list.get_mut("Resources") {
        for schema in shown {
            add_location(call, schema);
        }
    }
    Ok(call.json(StatusCode::OK, &list))
}

/// GET `/Schemas/{name}`.
pub(crate) fn schema(call: &Call<'_>, name: &str) -> Result<Response, Failure> {
    let found = v1::find_schema(call.resource_schemas(), name).ok_or(Failure::UnknownAddress)?;
    let mut shown = v1::show_schema(found);
    add_location(call, &mut shown);
    Ok(call.json(StatusCode::OK, &shown))
}

fn add_location(call: &Call<'_>, schema: &mut Value) {
    let location = schema.get("id").and_then(Value::as_str).map(|id| format!("{}/Schemas/{id}", call.base.url));
    if let (Some(location), Value::Object(members)) = (location, schema) {
        members.insert("meta".to_owned(), json!({ "location": location }));
    }
}

/// GET `/ResourceTypes`, which only 2.0 defines. Okta's acceptance test for 1.1 asks for it, so there is an answer
/// unless the connection is strict.
pub(crate) fn resource_types(call: &Call<'_>) -> Result<Response, Failure> {
    if !call.caller.profile().resource_types_in_1_1 {
        return Err(Failure::UnknownAddress);
    }
    let types: Vec<Value> = call
        .resource_schemas()
        .iter()
        .map(|schema| {
            let resource_type = schema.resource_type();
            json!({
                "schemas": [v1::CORE],
                "id": resource_type.id,
                "name": resource_type.name,
                "description": resource_type.description,
                "endpoint": resource_type.endpoint,
                "schema": v1::schema_id(schema),
            })
        })
        .collect();
    let list = message::list_response(types.len() as u64, 1, types);
    Ok(call.json(StatusCode::OK, &call.wire().show_list(list)))
}
