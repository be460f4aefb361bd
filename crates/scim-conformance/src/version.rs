//! The two versions of SCIM that are spoken, and the words in which they differ.

use std::fmt;

/// A version of SCIM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScimVersion {
    /// SCIM 1.1 (2012), JSON only.
    V1_1,
    /// SCIM 2.0 (RFC 7643, RFC 7644).
    V2_0,
}

impl ScimVersion {
    /// The schemas of a User with nothing but core attributes.
    pub(crate) const fn user_schema(self) -> &'static str {
        match self {
            Self::V1_1 => "urn:scim:schemas:core:1.0",
            Self::V2_0 => scim::schema::USER,
        }
    }

    /// The schemas of a Group.
    pub(crate) const fn group_schema(self) -> &'static str {
        match self {
            Self::V1_1 => "urn:scim:schemas:core:1.0",
            Self::V2_0 => scim::schema::GROUP,
        }
    }

    /// The enterprise extension of a User.
    pub(crate) const fn enterprise_schema(self) -> &'static str {
        match self {
            Self::V1_1 => "urn:scim:schemas:extension:enterprise:1.0",
            Self::V2_0 => scim::schema::ENTERPRISE_USER,
        }
    }

    /// The media type that a client sends and asks for (RFC 7644 section 8.1; SCIM 1.1 api section 3.6).
    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Self::V1_1 => "application/json",
            Self::V2_0 => "application/scim+json",
        }
    }

    /// Where the features are announced.
    pub(crate) const fn config_endpoint(self) -> &'static str {
        match self {
            Self::V1_1 => "/ServiceProviderConfigs",
            Self::V2_0 => "/ServiceProviderConfig",
        }
    }
}

impl fmt::Display for ScimVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::V1_1 => "1.1",
            Self::V2_0 => "2.0",
        })
    }
}
