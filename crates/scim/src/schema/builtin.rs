//! The schemas that every tenant has, read from the documents in `schemas/`.
//!
//! The documents carry the names and characteristics of RFC 7643 section 8.7 as corrected by its errata (5368, 5606,
//! 5607, 6001, 6004, 6011, 7522, 8011, 8415, 8471, 8472, 8475) and RFC 9865 section 4; the descriptions are ours.
//! Beyond the errata: `addresses.primary`, which section 8.2 shows and 8.7.1 forgot; identifiers of other resources
//! (`members.value`, `groups.value`, `manager.value`) are case exact, because `id` is.

use std::sync::{Arc, LazyLock};

use super::{
    Attribute, AttributeType, LoadError, Mutability, ResourceSchema, ResourceType, Returned, Schema, SchemaExtension,
    Uniqueness,
};

/// RFC 7643 section 4.1.
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// RFC 7643 section 4.2.
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// RFC 7643 section 4.3.
pub const ENTERPRISE_USER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// RFC 7643 section 5.
pub const SERVICE_PROVIDER_CONFIG: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
/// RFC 7643 section 6.
pub const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
/// RFC 7643 section 7.
pub const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";

struct Builtin {
    user: Arc<Schema>,
    group: Arc<Schema>,
    enterprise_user: Arc<Schema>,
    service_provider_config: Arc<Schema>,
    resource_type: Arc<Schema>,
    schema: Arc<Schema>,
}

/// The documents are part of the program and a test reads every one of them, so a failure here is a broken build.
#[expect(clippy::panic, reason = "the documents are compiled in; a test proves that each of them can be read")]
static BUILTIN: LazyLock<Builtin> = LazyLock::new(|| match load_builtin() {
    Ok(builtin) => builtin,
    Err(error) => panic!("a schema document in crates/scim/schemas cannot be read: {error}"),
});

fn load_builtin() -> Result<Builtin, LoadError> {
    Ok(Builtin {
        user: load(include_str!("../../schemas/user.json"))?,
        group: load(include_str!("../../schemas/group.json"))?,
        enterprise_user: load(include_str!("../../schemas/enterprise_user.json"))?,
        service_provider_config: load(include_str!("../../schemas/service_provider_config.json"))?,
        resource_type: load(include_str!("../../schemas/resource_type.json"))?,
        schema: load(include_str!("../../schemas/schema.json"))?,
    })
}

fn load(text: &str) -> Result<Arc<Schema>, LoadError> {
    let document = serde_json::from_str(text)
        .map_err(|error| LoadError { place: "document".to_owned(), problem: error.to_string() })?;
    Schema::parse(&document).map(Arc::new)
}

static LISTED: LazyLock<[Arc<Schema>; 6]> = LazyLock::new(|| {
    [
        Arc::clone(&BUILTIN.user),
        Arc::clone(&BUILTIN.group),
        Arc::clone(&BUILTIN.enterprise_user),
        Arc::clone(&BUILTIN.service_provider_config),
        Arc::clone(&BUILTIN.resource_type),
        Arc::clone(&BUILTIN.schema),
    ]
});

/// What `/Schemas` lists for a tenant without schemas of its own: one for every URN that a resource of this service
/// can carry in `schemas` (RFC 7643 section 7).
pub fn builtin_schemas() -> &'static [Arc<Schema>] {
    LISTED.as_slice()
}

/// `User` with the enterprise extension, which a user may or may not carry (RFC 7643 sections 4.1 and 4.3).
pub fn user_resource_schema() -> Arc<ResourceSchema> {
    static USER_RESOURCE: LazyLock<Arc<ResourceSchema>> = LazyLock::new(|| {
        let extension = SchemaExtension { schema: ENTERPRISE_USER.to_owned(), required: false };
        Arc::new(ResourceSchema::new(
            resource_type("User", "/Users", "User accounts", USER, vec![extension]),
            Arc::clone(&BUILTIN.user),
            vec![Arc::clone(&BUILTIN.enterprise_user)],
        ))
    });
    Arc::clone(&USER_RESOURCE)
}

/// `Group` (RFC 7643 section 4.2).
pub fn group_resource_schema() -> Arc<ResourceSchema> {
    static GROUP_RESOURCE: LazyLock<Arc<ResourceSchema>> = LazyLock::new(|| {
        Arc::new(ResourceSchema::new(
            resource_type("Group", "/Groups", "Groups of users and of other groups", GROUP, Vec::new()),
            Arc::clone(&BUILTIN.group),
            Vec::new(),
        ))
    });
    Arc::clone(&GROUP_RESOURCE)
}

fn resource_type(
    name: &str,
    endpoint: &str,
    description: &str,
    schema: &str,
    schema_extensions: Vec<SchemaExtension>,
) -> ResourceType {
    ResourceType {
        id: name.to_owned(),
        name: name.to_owned(),
        endpoint: endpoint.to_owned(),
        description: description.to_owned(),
        schema: schema.to_owned(),
        schema_extensions,
    }
}

/// The attributes that every resource has and no schema lists (RFC 7643 sections 3 and 3.1).
pub(super) fn common_attributes() -> Vec<Arc<Attribute>> {
    static COMMON: LazyLock<Vec<Arc<Attribute>>> =
        LazyLock::new(|| vec![schemas_attribute(), id_attribute(), external_id_attribute(), meta_attribute()]);
    COMMON.clone()
}

fn plain(name: &str, attribute_type: AttributeType, description: &str) -> Attribute {
    Attribute {
        name: name.to_owned(),
        attribute_type,
        multi_valued: false,
        description: description.to_owned(),
        required: false,
        canonical_values: Vec::new(),
        case_exact: false,
        mutability: Mutability::ReadWrite,
        returned: Returned::Default,
        uniqueness: Uniqueness::None,
        reference_types: Vec::new(),
        sub_attributes: Vec::new(),
    }
}

/// URNs are compared without regard to case, unlike other references (RFC 8141 section 3.1 for the fixed part; schema
/// names differ in more than case).
fn schemas_attribute() -> Arc<Attribute> {
    Arc::new(Attribute {
        multi_valued: true,
        required: true,
        returned: Returned::Always,
        reference_types: vec!["uri".to_owned()],
        ..plain("schemas", AttributeType::Reference, "URNs of the schemas that the resource uses.")
    })
}

fn id_attribute() -> Arc<Attribute> {
    Arc::new(Attribute {
        case_exact: true,
        mutability: Mutability::ReadOnly,
        returned: Returned::Always,
        uniqueness: Uniqueness::Server,
        ..plain("id", AttributeType::String, "Identifier given by this service; it never changes.")
    })
}

fn external_id_attribute() -> Arc<Attribute> {
    Arc::new(Attribute {
        case_exact: true,
        ..plain("externalId", AttributeType::String, "Identifier given by the client.")
    })
}

fn meta_attribute() -> Arc<Attribute> {
    let part = |name: &str, attribute_type: AttributeType, description: &str| {
        Arc::new(Attribute {
            case_exact: matches!(attribute_type, AttributeType::String | AttributeType::Reference),
            mutability: Mutability::ReadOnly,
            reference_types: match attribute_type {
                AttributeType::Reference => vec!["uri".to_owned()],
                _ => Vec::new(),
            },
            ..plain(name, attribute_type, description)
        })
    };
    Arc::new(Attribute {
        mutability: Mutability::ReadOnly,
        sub_attributes: vec![
            part("resourceType", AttributeType::String, "Name of the resource type."),
            part("created", AttributeType::DateTime, "When the resource was created."),
            part("lastModified", AttributeType::DateTime, "When the resource was last changed."),
            part("location", AttributeType::Reference, "Address of the resource."),
            part("version", AttributeType::String, "Version of the resource, equal to its entity tag."),
        ],
        ..plain("meta", AttributeType::Complex, "What this service records about the resource.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_document_is_read_and_described() {
        fn described(attribute: &Attribute) -> bool {
            !attribute.description.is_empty() && attribute.sub_attributes.iter().all(|part| described(part))
        }
        let names = [USER, GROUP, ENTERPRISE_USER, SERVICE_PROVIDER_CONFIG, RESOURCE_TYPE, SCHEMA];
        for (schema, name) in builtin_schemas().iter().zip(names) {
            assert_eq!(schema.id, name);
            assert!(schema.attributes.iter().all(|attribute| described(attribute)), "{name}");
        }
        assert_eq!(builtin_schemas().len(), names.len());
    }

    #[test]
    fn errata_are_applied() {
        let part = |schema: &Schema, attribute: &str, part: &str| {
            Arc::clone(schema.attribute(attribute).unwrap().sub_attribute(part).unwrap())
        };
        assert!(BUILTIN.group.attribute("displayName").unwrap().required, "5368");
        for name in ["value", "$ref", "type"] {
            let member = part(&BUILTIN.group, "members", name);
            assert!(member.case_exact && member.mutability == Mutability::Immutable, "members.{name}");
        }
        assert_eq!(part(&BUILTIN.group, "members", "display").mutability, Mutability::ReadOnly, "6011");
        assert_eq!(part(&BUILTIN.user, "groups", "$ref").reference_types, ["Group"], "8471");
        assert!(part(&BUILTIN.enterprise_user, "manager", "value").case_exact, "8472");
        assert_eq!(part(&BUILTIN.enterprise_user, "manager", "displayName").mutability, Mutability::ReadOnly);
        let binary = part(&BUILTIN.schema, "attributes", "type").canonical_values.contains(&"binary".to_owned());
        assert!(binary, "5606");
        let nested = part(&BUILTIN.schema, "attributes", "subAttributes");
        assert!(nested.sub_attribute("referenceTypes").unwrap().multi_valued, "5607");
        assert!(!nested.sub_attribute("type").unwrap().canonical_values.contains(&"complex".to_owned()), "8415");
        assert!(BUILTIN.resource_type.attribute("schemaExtensions").unwrap().multi_valued, "7522");
        assert_eq!(BUILTIN.resource_type.attribute("endpoint").unwrap().uniqueness, Uniqueness::Server, "8475");
        for name in ["type", "primary"] {
            part(&BUILTIN.service_provider_config, "authenticationSchemes", name);
        }
    }

    #[test]
    fn sensitive_and_unique_attributes_are_marked() {
        let user = user_resource_schema();
        let password = user.attribute("password").unwrap();
        assert_eq!((password.mutability, password.returned), (Mutability::WriteOnly, Returned::Never));
        let user_name = user.attribute("username").unwrap();
        assert_eq!((user_name.case_exact, user_name.uniqueness), (false, Uniqueness::Server));
        assert_eq!(user.attribute("groups").unwrap().mutability, Mutability::ReadOnly);
        assert!(user.attribute("externalid").unwrap().case_exact);
        assert_eq!(user.attribute("schemas").unwrap().returned, Returned::Always);
        assert_eq!(user.attribute("id").unwrap().mutability, Mutability::ReadOnly);
    }
}
