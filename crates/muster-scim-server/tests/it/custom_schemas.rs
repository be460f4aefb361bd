//! Schemas and resource types that a tenant adds as data (RFC 7643 sections 6 and 7).

mod changes;
mod characteristics;
mod extensions;
mod packs;
mod published;
mod types;

use muster_app::OperatorAccess;
use muster_app::schemas::{self, NewSchemas, SchemaExtensionOf};
use muster_testkit::TestHub;
use scim::schema::Addition;
use serde_json::{Value, json};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const BADGE: &str = "urn:example:scim:2.0:Badge";

/// A resource type with something of everything.
fn badges() -> Value {
    json!([
        {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
            "id": BADGE, "name": "Badge", "description": "What opens doors",
            "attributes": [
                { "name": "number", "required": true, "uniqueness": "server" },
                { "name": "colour", "canonicalValues": ["red", "blue"] },
                { "name": "floor", "type": "integer" },
                { "name": "serial", "caseExact": true, "uniqueness": "global" },
                { "name": "holder", "type": "complex", "subAttributes": [
                    { "name": "value", "caseExact": true },
                    { "name": "$ref", "type": "reference", "referenceTypes": ["User"] },
                    { "name": "display", "mutability": "readOnly" },
                ] },
                { "name": "doors", "type": "complex", "multiValued": true, "subAttributes": [
                    { "name": "value" }, { "name": "type" }, { "name": "primary", "type": "boolean" },
                ] },
            ],
        },
        {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
            "name": "Badge", "endpoint": "/Badges", "description": "Badges", "schema": BADGE,
        },
    ])
}

async fn try_to_add(hub: &TestHub, documents: &Value, extends: Option<(&str, bool)>) -> Result<Vec<String>, String> {
    let extends = extends
        .map(|(resource_type, required)| SchemaExtensionOf { resource_type: resource_type.to_owned(), required });
    let additions = Addition::read(documents).map_err(|error| error.to_string())?;
    let new = NewSchemas { additions, extends, replaces: true };
    let access = OperatorAccess::of_local_administrator();
    schemas::add(&hub.app, &access, None, &new).await.map_err(|error| error.to_string())
}

async fn add(hub: &TestHub, documents: &Value, extends: Option<&str>) {
    try_to_add(hub, documents, extends.map(|name| (name, false))).await.unwrap();
}

async fn remove(hub: &TestHub, name: &str) -> Result<Vec<String>, String> {
    let access = OperatorAccess::of_local_administrator();
    schemas::remove(&hub.app, &access, None, name, None).await.map_err(|error| error.to_string())
}
