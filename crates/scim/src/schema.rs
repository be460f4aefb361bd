//! Schemas, attributes and resource types (RFC 7643 sections 2, 6 and 7), and the look-ups that everything else uses.

mod addition;
mod builtin;
mod growth;
mod load;
mod resource_schema;
mod set;

pub use addition::{Addition, AdditionError, LARGEST_DOCUMENT};
pub use builtin::{
    ENTERPRISE_USER, GROUP, RESOURCE_TYPE, SCHEMA, SERVICE_PROVIDER_CONFIG, USER, builtin_schemas,
    group_resource_schema, user_resource_schema,
};
pub use load::LoadError;
pub use resource_schema::{ResolvedPath, ResourceSchema, Target};
pub use set::{MOST_ADDED, MOST_ADDED_ATTRIBUTES, SchemaSet};

use std::sync::Arc;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// RFC 7643 section 2.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum AttributeType {
    String,
    Boolean,
    Decimal,
    Integer,
    DateTime,
    Reference,
    Binary,
    Complex,
}

/// RFC 7643 section 7.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Mutability {
    ReadOnly,
    ReadWrite,
    Immutable,
    WriteOnly,
}

/// RFC 7643 section 7.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Returned {
    Always,
    Never,
    Default,
    Request,
}

/// RFC 7643 section 7.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Uniqueness {
    None,
    Server,
    Global,
}

/// One attribute or sub-attribute with its characteristics (RFC 7643 sections 2.2 and 7).
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    pub name: String,
    pub attribute_type: AttributeType,
    pub multi_valued: bool,
    pub description: String,
    pub required: bool,
    pub canonical_values: Vec<String>,
    pub case_exact: bool,
    pub mutability: Mutability,
    pub returned: Returned,
    pub uniqueness: Uniqueness,
    pub reference_types: Vec<String>,
    pub sub_attributes: Vec<Arc<Attribute>>,
}

impl Attribute {
    /// The sub-attribute of that name, in any letter case (RFC 7643 section 2.1).
    pub fn sub_attribute(&self, name: &str) -> Option<&Arc<Attribute>> {
        self.sub_attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
    }

    pub fn is_complex(&self) -> bool {
        self.attribute_type == AttributeType::Complex
    }
}

/// The form of `/Schemas`. Complex and boolean attributes have neither case nor uniqueness (RFC 7643 sections 2.3.2 and
/// 2.3.8, erratum 6004), so they are not said of them; empty lists are left out.
impl Serialize for Attribute {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", &self.name)?;
        map.serialize_entry("type", &self.attribute_type)?;
        map.serialize_entry("multiValued", &self.multi_valued)?;
        map.serialize_entry("description", &self.description)?;
        map.serialize_entry("required", &self.required)?;
        if !self.canonical_values.is_empty() {
            map.serialize_entry("canonicalValues", &self.canonical_values)?;
        }
        let compares = !matches!(self.attribute_type, AttributeType::Complex | AttributeType::Boolean);
        if compares {
            map.serialize_entry("caseExact", &self.case_exact)?;
        }
        map.serialize_entry("mutability", &self.mutability)?;
        map.serialize_entry("returned", &self.returned)?;
        if compares {
            map.serialize_entry("uniqueness", &self.uniqueness)?;
        }
        if !self.reference_types.is_empty() {
            map.serialize_entry("referenceTypes", &self.reference_types)?;
        }
        if !self.sub_attributes.is_empty() {
            map.serialize_entry("subAttributes", &self.sub_attributes)?;
        }
        map.end()
    }
}

/// A schema (RFC 7643 section 7). `id` is its URN.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Schema {
    pub id: String,
    pub name: String,
    pub description: String,
    pub attributes: Vec<Arc<Attribute>>,
}

impl Schema {
    /// The attribute of that name, in any letter case.
    pub fn attribute(&self, name: &str) -> Option<&Arc<Attribute>> {
        self.attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
    }
}

/// A resource type (RFC 7643 section 6). `endpoint` begins with a slash: `/Users`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceType {
    pub id: String,
    pub name: String,
    pub endpoint: String,
    pub description: String,
    pub schema: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub schema_extensions: Vec<SchemaExtension>,
}

/// An extension that resources of a type may or must carry (RFC 7643 section 6).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SchemaExtension {
    pub schema: String,
    pub required: bool,
}
