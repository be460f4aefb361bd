//! What the server says about itself.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::likeness::member;
use crate::version::ScimVersion;
use crate::wire::{Ask, Client, TransportError};

/// Something that a server may leave out if it says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Feature {
    Patch,
    Filter,
    Bulk,
    Sort,
    Etag,
    ChangePassword,
    /// Cursor paging (RFC 9865).
    Cursor,
    Groups,
    /// The enterprise extension of User.
    Enterprise,
}

impl Feature {
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Patch => "PATCH",
            Self::Filter => "filters",
            Self::Bulk => "bulk requests",
            Self::Sort => "sorting",
            Self::Etag => "ETags",
            Self::ChangePassword => "changing passwords",
            Self::Cursor => "cursor paging",
            Self::Groups => "Groups",
            Self::Enterprise => "the enterprise extension",
        }
    }
}

/// The three discovery documents, as far as they could be read.
#[derive(Debug, Default)]
pub(crate) struct Announced {
    pub(crate) config: Option<Value>,
    pub(crate) resource_types: Vec<Value>,
    pub(crate) schemas: Vec<Value>,
}

impl Announced {
    /// Reads them. What cannot be read is a finding of the discovery checks, not of this.
    pub(crate) fn read(client: &mut Client<'_>, version: ScimVersion) -> Result<Self, TransportError> {
        let answer = client.send(&Ask::get(version.config_endpoint()))?;
        let config = match answer.resources() {
            // SCIM 1.1 servers answer with the object or with a list of one.
            [only] if version == ScimVersion::V1_1 => Some(only.clone()),
            _ => (answer.status == 200 && answer.body.is_object()).then(|| answer.body.clone()),
        };
        let resource_types = match version {
            ScimVersion::V2_0 => client.send(&Ask::get("/ResourceTypes"))?.resources().to_vec(),
            ScimVersion::V1_1 => Vec::new(),
        };
        let schemas = client.send(&Ask::get("/Schemas"))?.resources().to_vec();
        Ok(Self { config, resource_types, schemas })
    }

    /// Whether the server says that it has it. Where it says nothing, what every client relies on is taken for granted.
    pub(crate) fn has(&self, feature: Feature) -> bool {
        match feature {
            Feature::Patch => self.flag("/patch/supported", true),
            Feature::Filter => self.flag("/filter/supported", true),
            Feature::Bulk => self.flag("/bulk/supported", false),
            Feature::Sort => self.flag("/sort/supported", false),
            Feature::Etag => self.flag("/etag/supported", false),
            Feature::ChangePassword => self.flag("/changePassword/supported", false),
            Feature::Cursor => self.flag("/pagination/cursor", false),
            Feature::Groups => {
                self.resource_types.is_empty()
                    || self.resource_types.iter().filter_map(|kind| member(kind, "/endpoint").as_str()).any(is_groups)
            }
            Feature::Enterprise => {
                self.resource_types.is_empty()
                    || self.resource_types.iter().flat_map(extensions).any(|urn| urn == scim::schema::ENTERPRISE_USER)
            }
        }
    }

    fn flag(&self, pointer: &str, otherwise: bool) -> bool {
        self.config.as_ref().map_or(otherwise, |config| member(config, pointer).as_bool().unwrap_or(false))
    }

    pub(crate) fn number(&self, pointer: &str) -> Option<u64> {
        member(self.config.as_ref()?, pointer).as_u64()
    }

    pub(crate) fn schema(&self, urn: &str) -> Option<&Value> {
        self.schemas.iter().find(|schema| member(schema, "/id").as_str().is_some_and(|id| id.eq_ignore_ascii_case(urn)))
    }

    /// The top-level attributes of a published schema in lower case; `None` where it is not published.
    pub(crate) fn attributes(&self, urn: &str) -> Option<BTreeSet<String>> {
        let attributes = member(self.schema(urn)?, "/attributes").as_array()?;
        Some(attributes.iter().filter_map(|one| member(one, "/name").as_str()).map(str::to_lowercase).collect())
    }
}

/// The endpoint is relative to the base address (RFC 7643 section 6), but some servers announce an absolute one.
fn is_groups(endpoint: &str) -> bool {
    endpoint.trim_end_matches('/').rsplit('/').next() == Some("Groups")
}

/// The extensions of a resource type.
pub(crate) fn extensions(resource_type: &Value) -> Vec<&str> {
    let listed = member(resource_type, "/schemaExtensions").as_array();
    listed.into_iter().flatten().filter_map(|extension| member(extension, "/schema").as_str()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn groups_are_known_by_the_end_of_their_address() {
        let announcing = |endpoint: &str| Announced {
            resource_types: vec![json!({"endpoint": "/Users"}), json!({"endpoint": endpoint})],
            ..Announced::default()
        };
        for endpoint in ["/Groups", "Groups", "/Groups/", "https://x/scim/v2/Groups"] {
            assert!(announcing(endpoint).has(Feature::Groups), "{endpoint}");
        }
        for endpoint in ["/Devices", "https://x/Groups/Devices", "/NoGroups"] {
            assert!(!announcing(endpoint).has(Feature::Groups), "{endpoint}");
        }
    }

    #[test]
    fn silence_is_not_an_announcement_except_for_what_everybody_needs() {
        let silent = Announced::default();
        assert!(silent.has(Feature::Patch) && silent.has(Feature::Filter) && silent.has(Feature::Groups));
        assert!(!silent.has(Feature::Bulk) && !silent.has(Feature::Cursor));
        let honest = Announced {
            config: Some(json!({"patch": {"supported": false}, "pagination": {"cursor": true}})),
            ..Announced::default()
        };
        assert!(!honest.has(Feature::Patch) && !honest.has(Feature::Filter) && honest.has(Feature::Cursor));
    }
}
