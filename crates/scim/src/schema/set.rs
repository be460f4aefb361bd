//! Everything that a service knows: the built-in schemas and resource types, and what a tenant adds to them.

mod base_attributes;
mod check_schema;
mod check_type;

use std::sync::Arc;

use super::addition::{words_of_schema, words_of_type};
use super::{
    Addition, AdditionError, ResourceSchema, ResourceType, Schema, SchemaExtension, builtin_schemas,
    group_resource_schema, user_resource_schema,
};

/// How many schemas a tenant may add, and how many resource types.
pub const MOST_ADDED: usize = 100;
/// How many attributes and sub-attributes the added schemas of a tenant may have together.
pub const MOST_ADDED_ATTRIBUTES: usize = 1000;

/// What `/ResourceTypes` and `/Schemas` list, built-in ones first.
#[derive(Clone, Debug)]
pub struct SchemaSet {
    resource_schemas: Vec<Arc<ResourceSchema>>,
    schemas: Vec<Arc<Schema>>,
}

impl SchemaSet {
    /// What every tenant has.
    pub fn builtin() -> Self {
        Self {
            resource_schemas: vec![user_resource_schema(), group_resource_schema()],
            schemas: builtin_schemas().to_vec(),
        }
    }

    /// The built-in ones with additions, which are checked: each by itself, and all of them together.
    pub fn with(additions: &[Addition]) -> Result<Self, AdditionError> {
        let mut set = Self::builtin();
        set.add_schemas(additions)?;
        let types = declared_types(additions, &set)?;
        check_schema::check_reference_types(set.added_schemas(), &types)?;
        set.resource_schemas.clear();
        for resource_type in types {
            let resource_schema = set.resolved(resource_type)?;
            set.resource_schemas.push(Arc::new(resource_schema));
        }
        Ok(set)
    }

    pub fn resource_schemas(&self) -> &[Arc<ResourceSchema>] {
        &self.resource_schemas
    }

    pub fn schemas(&self) -> &[Arc<Schema>] {
        &self.schemas
    }

    /// The schemas that are not built in.
    pub fn added_schemas(&self) -> &[Arc<Schema>] {
        self.schemas.get(builtin_schemas().len()..).unwrap_or_default()
    }

    /// The schema of that URN, in any letter case.
    pub fn schema(&self, urn: &str) -> Option<&Arc<Schema>> {
        self.schemas.iter().find(|schema| schema.id.eq_ignore_ascii_case(urn))
    }

    /// The resource type of that name, in any letter case.
    pub fn resource_schema(&self, name: &str) -> Option<&Arc<ResourceSchema>> {
        self.resource_schemas.iter().find(|schema| schema.resource_type().name.eq_ignore_ascii_case(name))
    }

    /// The same without one attribute of all base schemas, as if nobody had thought of it.
    #[must_use]
    pub fn without_base_attribute(&self, attribute: &str) -> Self {
        let bases: Vec<String> = self.resource_schemas.iter().map(|schema| schema.base().id.clone()).collect();
        let reduced = |schema: &Arc<Schema>| {
            if schema.attribute(attribute).is_none() || !bases.contains(&schema.id) {
                return Arc::clone(schema);
            }
            let mut reduced = Schema::clone(schema);
            reduced.attributes.retain(|one| !one.name.eq_ignore_ascii_case(attribute));
            Arc::new(reduced)
        };
        let resource_schemas = self.resource_schemas.iter().map(|schema| {
            let extensions = schema.extensions().to_vec();
            Arc::new(ResourceSchema::new(schema.resource_type().clone(), reduced(schema.base()), extensions))
        });
        Self { resource_schemas: resource_schemas.collect(), schemas: self.schemas.iter().map(reduced).collect() }
    }

    fn add_schemas(&mut self, additions: &[Addition]) -> Result<(), AdditionError> {
        let mut attributes = 0;
        for addition in additions {
            let Addition::Schema(schema) = addition else { continue };
            check_schema::check(schema)?;
            if self.schema(&schema.id).is_some() {
                return Err(AdditionError::new(
                    words_of_schema(&schema.id),
                    "id",
                    "is the URN of another schema already; letter case does not make URNs different, so choose another",
                ));
            }
            check_schema::check_paths_are_clear(schema, &self.schemas)?;
            attributes += check_schema::number_of_attributes(schema);
            self.schemas.push(Arc::clone(schema));
        }
        let added = self.added_schemas().len();
        if added > MOST_ADDED {
            return Err(too_many(&format!("{added} schemas are added; {MOST_ADDED} can be")));
        }
        if attributes > MOST_ADDED_ATTRIBUTES {
            return Err(too_many(&format!(
                "the added schemas have {attributes} attributes and sub-attributes; they can have {MOST_ADDED_ATTRIBUTES}"
            )));
        }
        Ok(())
    }

    /// The type with its schemas.
    fn resolved(&self, resource_type: ResourceType) -> Result<ResourceSchema, AdditionError> {
        let called = words_of_type(&resource_type.name);
        let Some(base) = self.schema(&resource_type.schema).map(Arc::clone) else {
            return Err(AdditionError::new(called, "schema", unknown_schema(&resource_type.schema)));
        };
        let mut extensions = Vec::new();
        for extension in &resource_type.schema_extensions {
            let found = self.schema(&extension.schema).map(Arc::clone);
            let place = format!("schemaExtensions ({})", extension.schema);
            let Some(found) = found else {
                return Err(AdditionError::new(called, place, unknown_schema(&extension.schema)));
            };
            if !check_type::may_extend(&found) {
                let problem = "is a built-in schema that can extend nothing; name a schema of your own";
                return Err(AdditionError::new(called, place, problem));
            }
            if found.attributes.is_empty() {
                // Absent, null and empty are one state (RFC 7643 section 2.5).
                let problem = "has no attributes, so that having it could not be told from not having it; list some";
                return Err(AdditionError::new(called, place, problem));
            }
            if found.id == base.id || extensions.contains(&found) {
                return Err(AdditionError::new(called, place, "extends the resource type already; name it once"));
            }
            extensions.push(found);
        }
        if !check_type::is_builtin(&resource_type.name) {
            check_type::check_base(&called, &base)?;
        }
        // As the schemas spell them, so that a URN has one spelling wherever it is shown.
        let resource_type = ResourceType {
            schema: base.id.clone(),
            schema_extensions: (resource_type.schema_extensions.iter().zip(&extensions))
                .map(|(named, found)| SchemaExtension { schema: found.id.clone(), required: named.required })
                .collect(),
            ..resource_type
        };
        Ok(ResourceSchema::new(resource_type, base, extensions))
    }
}

/// The types with all extensions that the additions name for them, built-in ones first.
fn declared_types(additions: &[Addition], builtin: &SchemaSet) -> Result<Vec<ResourceType>, AdditionError> {
    let mut types: Vec<ResourceType> =
        builtin.resource_schemas.iter().map(|schema| schema.resource_type().clone()).collect();
    for addition in additions {
        if let Addition::ResourceType(resource_type) = addition {
            check_type::check(resource_type, &types)?;
            types.push(resource_type.clone());
        }
    }
    if types.len() > MOST_ADDED {
        return Err(too_many(&format!("there are {} resource types; {MOST_ADDED} can be", types.len())));
    }
    for addition in additions {
        let Addition::Extension { resource_type, extension } = addition else { continue };
        let Some(found) = types.iter_mut().find(|one| one.name.eq_ignore_ascii_case(resource_type)) else {
            let known: Vec<&str> = types.iter().map(|one| one.name.as_str()).collect();
            let problem = format!("there is no such resource type; there are {}", known.join(", "));
            return Err(AdditionError::new(addition.words(), "resource type", problem));
        };
        found.schema_extensions.push(extension.clone());
    }
    Ok(types)
}

fn unknown_schema(urn: &str) -> String {
    format!("there is no schema {urn}; add its document too")
}

fn too_many(problem: &str) -> AdditionError {
    AdditionError::new("all documents together", "number", problem)
}

#[cfg(test)]
mod tests;
