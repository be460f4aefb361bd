//! The schemas and resource types that a connection has to do with.

use std::sync::Arc;

use scim::schema::{USER, builtin_schemas, group_resource_schema, user_resource_schema};
use scim::{ResourceSchema, Schema};

use crate::Profile;

/// Name of the attribute that a profile may leave out (RFC 7643 section 4.1.1).
const PASSWORD: &str = "password";

pub(crate) struct Schemas {
    with_passwords: SchemaSet,
    without_passwords: SchemaSet,
}

/// What `/ResourceTypes` and `/Schemas` list.
pub(crate) struct SchemaSet {
    pub(crate) resource_schemas: Vec<Arc<ResourceSchema>>,
    pub(crate) schemas: Vec<Arc<Schema>>,
}

impl Schemas {
    pub(crate) fn builtin() -> Self {
        let with_passwords = SchemaSet {
            resource_schemas: vec![user_resource_schema(), group_resource_schema()],
            schemas: builtin_schemas().to_vec(),
        };
        let without_passwords = with_passwords.without(USER, PASSWORD);
        Self { with_passwords, without_passwords }
    }

    pub(crate) fn of(&self, profile: &Profile) -> &SchemaSet {
        if profile.accept_passwords { &self.with_passwords } else { &self.without_passwords }
    }
}

impl SchemaSet {
    /// The same without one attribute of one schema, as if nobody had thought of it.
    fn without(&self, urn: &str, attribute: &str) -> Self {
        let reduced = |schema: &Arc<Schema>| {
            if schema.id != urn {
                return Arc::clone(schema);
            }
            let mut reduced = Schema::clone(schema);
            reduced.attributes.retain(|one| one.name != attribute);
            Arc::new(reduced)
        };
        let resource_schemas = self.resource_schemas.iter().map(|schema| {
            let extensions = schema.extensions().iter().map(reduced).collect();
            Arc::new(ResourceSchema::new(schema.resource_type().clone(), reduced(schema.base()), extensions))
        });
        Self { resource_schemas: resource_schemas.collect(), schemas: self.schemas.iter().map(reduced).collect() }
    }
}
