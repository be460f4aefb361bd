//! Conditional requests (RFC 7644 section 3.14) without HTTP.

use muster_model::Version;

use crate::AppError;

/// What the caller demands of the present version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Precondition {
    #[default]
    None,
    /// The version is one of these. Empty: tags were given that cannot be any version of ours.
    Versions(Vec<Version>),
}

impl Precondition {
    pub(crate) fn check(&self, present: Version) -> Result<(), AppError> {
        match self {
            Self::None => Ok(()),
            Self::Versions(versions) if versions.contains(&present) => Ok(()),
            Self::Versions(_) => Err(AppError::VersionMismatch),
        }
    }

    pub fn is_none(&self) -> bool {
        *self == Self::None
    }
}
