//! What must not be in use so that one set of schemas may take the place of another. Stored resources are never rewritten,
//! so each of them must be lawful under the new set.

use muster_model::TypeName;
use muster_store::SchemaUse;
use scim::ResourceSchema;
use scim::schema::SchemaSet;

pub(super) fn uses_that_end(old: &SchemaSet, new: &SchemaSet) -> Vec<SchemaUse> {
    let mut uses = Vec::new();
    for before in old.resource_schemas() {
        let name = &before.resource_type().name;
        // Resources bear the name of their type as it is spelt.
        match new.resource_schemas().iter().find(|after| after.resource_type().name == *name) {
            Some(after) if before.base().id == after.base().id && before.base().grows_into(after.base()) => {
                extensions_that_end(before, after, &mut uses);
            }
            _ => uses.push(SchemaUse::Type(TypeName::new(name))),
        }
    }
    uses
}

fn extensions_that_end(before: &ResourceSchema, after: &ResourceSchema, uses: &mut Vec<SchemaUse>) {
    let resource_type = TypeName::new(&before.resource_type().name);
    for extension in before.extensions() {
        // Documents have the URN of an extension as it is spelt.
        let stays = after.extensions().iter().any(|one| one.id == extension.id && extension.grows_into(one));
        if !stays {
            uses.push(SchemaUse::Extension { resource_type: resource_type.clone(), urn: extension.id.clone() });
        }
    }
    let was_required = |urn: &str| {
        before.resource_type().schema_extensions.iter().any(|extension| extension.required && extension.schema == urn)
    };
    let demands_more = after
        .resource_type()
        .schema_extensions
        .iter()
        .any(|extension| extension.required && !was_required(&extension.schema));
    if demands_more {
        // Those that are there do not have it.
        uses.push(SchemaUse::Type(resource_type));
    }
}

#[cfg(test)]
mod tests {
    use scim::schema::Addition;
    use serde_json::{Value, json};

    use super::*;

    fn set(documents: &Value) -> SchemaSet {
        SchemaSet::with(&Addition::read(documents).unwrap()).unwrap()
    }

    fn documents(attribute_type: &str, extensions: &Value) -> Value {
        json!([
            { "id": "urn:e:Badge", "attributes": [{ "name": "colour", "type": attribute_type }] },
            { "id": "urn:e:Chip", "attributes": [{ "name": "maker" }] },
            { "name": "Badge", "endpoint": "/Badges", "schema": "urn:e:Badge", "schemaExtensions": extensions },
        ])
    }

    #[test]
    fn what_resources_may_hold_must_stay_lawful() {
        let badge = || SchemaUse::Type(TypeName::new("Badge"));
        let chip = || SchemaUse::Extension { resource_type: TypeName::new("Badge"), urn: "urn:e:Chip".to_owned() };
        let old = set(&documents("string", &json!([{ "schema": "urn:e:Chip" }])));
        let same = documents("string", &json!([{ "schema": "urn:e:Chip" }]));
        assert_eq!(uses_that_end(&old, &set(&same)), []);
        assert_eq!(uses_that_end(&SchemaSet::builtin(), &old), []);
        assert_eq!(uses_that_end(&old, &SchemaSet::builtin()), [badge()]);
        assert_eq!(uses_that_end(&old, &set(&documents("integer", &json!([])))), [badge()]);
        assert_eq!(uses_that_end(&old, &set(&documents("string", &json!([])))), [chip()]);
        let required = documents("string", &json!([{ "schema": "urn:e:Chip", "required": true }]));
        assert_eq!(uses_that_end(&old, &set(&required)), [badge()]);
        assert_eq!(uses_that_end(&set(&required), &old), [], "to demand less is lawful");
        let mut other_chip = same.clone();
        other_chip[1]["attributes"][0]["caseExact"] = json!(true);
        assert_eq!(uses_that_end(&old, &set(&other_chip)), [chip()]);
        let mut respelt = same;
        respelt[2]["name"] = json!("BADGE");
        assert_eq!(uses_that_end(&old, &set(&respelt)), [badge()]);
    }
}
