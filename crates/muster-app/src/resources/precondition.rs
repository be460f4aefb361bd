//! Conditional requests (RFC 7644 section 3.14) without HTTP.

use muster_model::Version;

use crate::{AppError, Profile};

/// What the caller demands of the present version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Precondition {
    /// `If-Match` was not sent.
    #[default]
    None,
    /// `If-Match: *`: the resource must be there, which it must in any case.
    Any,
    /// The version is one of these. Empty: tags were given that cannot be any version of ours.
    Versions(Vec<Version>),
}

/// The version in an entity tag: weak, strong or unquoted, because its digits are the version. `None`: it can be the tag
/// of no version of ours.
pub fn version_of_tag(tag: &str) -> Option<Version> {
    let tag = tag.trim();
    let opaque = tag.strip_prefix("W/").or_else(|| tag.strip_prefix("w/")).unwrap_or(tag).trim_matches('"');
    opaque.parse().ok().map(Version)
}

impl Precondition {
    /// What one entity tag demands, as `version` of a bulk operation gives it (RFC 7644 section 3.7).
    pub fn of_tag(tag: &str) -> Self {
        if tag.trim() == "*" { Self::Any } else { Self::Versions(version_of_tag(tag).into_iter().collect()) }
    }

    /// A profile may demand that a version is named (RFC 6585 section 3).
    pub(crate) fn check(&self, profile: &Profile, present: Version) -> Result<(), AppError> {
        match self {
            Self::None if profile.require_if_match => Err(AppError::PreconditionRequired),
            Self::None | Self::Any => Ok(()),
            Self::Versions(versions) if versions.contains(&present) => Ok(()),
            Self::Versions(_) => Err(AppError::VersionMismatch),
        }
    }

    /// Whether nothing is demanded of the version.
    pub fn is_none(&self) -> bool {
        matches!(self, Self::None | Self::Any)
    }
}
