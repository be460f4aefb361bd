//! Schemas that come with Muster and are off until a tenant enables them. A release may only add to a pack
//! (docs/adr/0015).

use scim::schema::{Addition, AdditionError, LoadError};

/// A set of documents that belong together.
#[derive(Debug)]
pub struct Pack {
    pub name: &'static str,
    pub title: &'static str,
    documents: &'static str,
}

pub const PACKS: [Pack; 3] = [
    Pack {
        name: "pam",
        title: "privileged access: containers, privileged data and their permissions",
        documents: include_str!("../../packs/pam.json"),
    },
    Pack {
        name: "roles",
        title: "roles and entitlements that people can be given",
        documents: include_str!("../../packs/roles.json"),
    },
    Pack {
        name: "devices",
        title: "devices of networks (RFC 9944), with their ways of getting on them",
        documents: include_str!("../../packs/devices.json"),
    },
];

impl Pack {
    pub(super) fn find(name: &str) -> Option<&'static Self> {
        PACKS.iter().find(|pack| pack.name == name)
    }

    pub(super) fn additions(&self) -> Result<Vec<Addition>, AdditionError> {
        let document = serde_json::from_str(self.documents).map_err(|error| AdditionError {
            document: format!("pack {}", self.name),
            error: LoadError { place: "document".to_owned(), problem: error.to_string() },
        })?;
        Addition::read(&document)
    }
}

#[cfg(test)]
mod tests {
    use scim::schema::{Attribute, SchemaSet};

    use super::*;

    #[test]
    fn every_pack_can_be_used_alone_and_with_all_others_and_is_described() {
        fn described(attribute: &Attribute) -> bool {
            !attribute.description.is_empty() && attribute.sub_attributes.iter().all(|part| described(part))
        }
        let mut all = Vec::new();
        for pack in &PACKS {
            let additions = pack.additions().unwrap();
            let set = SchemaSet::with(&additions).unwrap();
            for schema in set.added_schemas() {
                assert!(!schema.description.is_empty() && schema.name != schema.id, "{}", schema.id);
                for attribute in &schema.attributes {
                    assert!(described(attribute), "{}: {}", schema.id, attribute.name);
                }
            }
            assert!(set.resource_schemas().iter().all(|schema| !schema.resource_type().description.is_empty()));
            all.extend(additions);
        }
        assert!(SchemaSet::with(&all).is_ok());
    }
}
