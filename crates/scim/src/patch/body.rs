//! The body of a PATCH in either version of SCIM.

use serde_json::{Map, Value, json};

use super::{CompiledPatch, PatchRequest};
use crate::message::{PATCH_OP, lists_schema, member};
use crate::{Leniency, Repair, Repairs, ResourceSchema, Result, v1};

/// A body as parsed from JSON, and which language it is in. Both become the same [`CompiledPatch`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PatchBody<'a> {
    /// A list of operations (RFC 7644 section 3.5.2).
    Operations(&'a Value),
    /// A partial resource that is merged (SCIM 1.1, protocol section 3.3.2).
    PartialResource(&'a Value),
}

impl PatchBody<'_> {
    /// Checks the body against the schema, before any resource is read.
    pub fn compile(self, schema: &ResourceSchema, leniency: &Leniency, repairs: &mut Repairs) -> Result<CompiledPatch> {
        match self {
            Self::Operations(body) => {
                let envelope = bare_operation(body, leniency);
                if envelope.is_some() {
                    repairs.push(Repair::EnvelopeAssumed);
                } else if lacks_schemas(body) {
                    repairs.push(Repair::SchemasAssumed);
                }
                PatchRequest::parse(envelope.as_ref().unwrap_or(body), leniency)?.compile(schema, leniency, repairs)
            }
            Self::PartialResource(body) => v1::compile_patch(schema, body, leniency, repairs),
        }
    }
}

/// The envelope around a body that is one operation, where that is allowed: it has `op` and no `Operations`.
fn bare_operation(body: &Value, leniency: &Leniency) -> Option<Value> {
    let members = body.as_object()?;
    is_bare_operation(members, leniency).then(|| json!({ "schemas": [PATCH_OP], "Operations": [body] }))
}

/// Whether the body of a PATCH is read as one operation (see [`Leniency::bare_patch_operation`]).
pub(crate) fn is_bare_operation(body: &Map<String, Value>, leniency: &Leniency) -> bool {
    let has = |name: &str| member(body, name).is_ok_and(|found| found.is_some());
    leniency.bare_patch_operation && has("op") && !has("Operations")
}

fn lacks_schemas(body: &Value) -> bool {
    body.as_object().is_some_and(|members| lists_schema(members, PATCH_OP) == Ok(None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::user_resource_schema;

    fn compiled(body: &Value, leniency: &Leniency) -> Result<(usize, Repairs)> {
        let mut repairs = Repairs::new();
        let compiled = PatchBody::Operations(body).compile(&user_resource_schema(), leniency, &mut repairs)?;
        Ok((compiled.operations.len(), repairs))
    }

    #[test]
    fn one_operation_may_come_without_its_envelope_where_that_is_allowed() {
        let body = json!({ "op": "replace", "path": "name", "value": { "givenName": "A" } });
        let allowed = Leniency { bare_patch_operation: true, ..Leniency::TOLERANT };
        assert_eq!(compiled(&body, &allowed), Ok((1, vec![Repair::EnvelopeAssumed])));
        assert!(compiled(&body, &Leniency::TOLERANT).is_err());
    }

    #[test]
    fn a_missing_list_of_schemas_is_noted() {
        let operations = json!([{ "op": "replace", "path": "title", "value": "x" }]);
        for body in [json!({ "Operations": operations }), json!({ "schemas": [], "Operations": operations })] {
            assert_eq!(compiled(&body, &Leniency::TOLERANT), Ok((1, vec![Repair::SchemasAssumed])), "{body}");
            assert!(compiled(&body, &Leniency::STRICT).is_err(), "{body}");
        }
        let body = json!({ "schemas": [PATCH_OP], "Operations": [{ "op": "remove", "path": "title" }] });
        assert_eq!(compiled(&body, &Leniency::TOLERANT), Ok((1, vec![])));
    }
}
