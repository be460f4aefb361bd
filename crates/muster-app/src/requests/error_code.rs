//! What can go wrong with a call, each with a word that stays what it is. A call that was refused has the `scimType` of the
//! answer where it has one (RFC 7644 section 3.12); other refusals have words of ours.

use scim::ScimType;

use crate::{AppError, StoreError};

/// Why a call was refused or not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    Scim(ScimType),
    Unauthenticated,
    UnknownAddress,
    ResourceNotFound,
    MethodNotAllowed,
    BodyTooLarge,
    TooManyOperations,
    BulkTooLarge,
    BodyBroken,
    UnsupportedMediaType,
    NotAcceptable,
    DiscoveryFilter,
    MethodOverride,
    PreconditionRequired,
    VersionMismatch,
    TooManyRequests,
    Held,
    Suspended,
    ReferenceFailed,
    MembershipCircle,
    UnknownMembers,
    NotSupported,
    Contended,
    TooBroad,
    DatabaseUnavailable,
    Internal,
    NotAnswered,
}

/// Every kind of mistake of RFC 7644 section 3.12 and RFC 9865 that there is.
const SCIM_TYPES: [ScimType; 13] = [
    ScimType::InvalidFilter,
    ScimType::TooMany,
    ScimType::Uniqueness,
    ScimType::Mutability,
    ScimType::InvalidSyntax,
    ScimType::InvalidPath,
    ScimType::NoTarget,
    ScimType::InvalidValue,
    ScimType::InvalidVers,
    ScimType::Sensitive,
    ScimType::InvalidCursor,
    ScimType::ExpiredCursor,
    ScimType::InvalidCount,
];

const OWN: [ErrorCode; 26] = [
    ErrorCode::Unauthenticated,
    ErrorCode::UnknownAddress,
    ErrorCode::ResourceNotFound,
    ErrorCode::MethodNotAllowed,
    ErrorCode::BodyTooLarge,
    ErrorCode::TooManyOperations,
    ErrorCode::BulkTooLarge,
    ErrorCode::BodyBroken,
    ErrorCode::UnsupportedMediaType,
    ErrorCode::NotAcceptable,
    ErrorCode::DiscoveryFilter,
    ErrorCode::MethodOverride,
    ErrorCode::PreconditionRequired,
    ErrorCode::VersionMismatch,
    ErrorCode::TooManyRequests,
    ErrorCode::Held,
    ErrorCode::Suspended,
    ErrorCode::ReferenceFailed,
    ErrorCode::MembershipCircle,
    ErrorCode::UnknownMembers,
    ErrorCode::NotSupported,
    ErrorCode::Contended,
    ErrorCode::TooBroad,
    ErrorCode::DatabaseUnavailable,
    ErrorCode::Internal,
    ErrorCode::NotAnswered,
];

impl ErrorCode {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        SCIM_TYPES.into_iter().map(Self::Scim).chain(OWN)
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scim(scim_type) => scim_type.as_str(),
            Self::Unauthenticated => "unauthenticated",
            Self::UnknownAddress => "unknownAddress",
            Self::ResourceNotFound => "resourceNotFound",
            Self::MethodNotAllowed => "methodNotAllowed",
            Self::BodyTooLarge => "bodyTooLarge",
            Self::TooManyOperations => "tooManyOperations",
            Self::BulkTooLarge => "bulkTooLarge",
            Self::BodyBroken => "bodyBroken",
            Self::UnsupportedMediaType => "unsupportedMediaType",
            Self::NotAcceptable => "notAcceptable",
            Self::DiscoveryFilter => "discoveryFilter",
            Self::MethodOverride => "methodOverride",
            Self::PreconditionRequired => "preconditionRequired",
            Self::VersionMismatch => "versionMismatch",
            Self::TooManyRequests => "tooManyRequests",
            Self::Held => "held",
            Self::Suspended => "connectionSuspended",
            Self::ReferenceFailed => "referenceFailed",
            Self::MembershipCircle => "membershipCircle",
            Self::UnknownMembers => "unknownMembers",
            Self::NotSupported => "notSupported",
            Self::Contended => "contended",
            Self::TooBroad => "tooBroad",
            Self::DatabaseUnavailable => "databaseUnavailable",
            Self::Internal => "internal",
            Self::NotAnswered => "notAnswered",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::all().find(|code| code.as_str() == text)
    }

    /// Of what a use case answers instead of a result.
    pub const fn of(error: &AppError) -> Self {
        match error {
            AppError::Scim(error) => Self::Scim(error.scim_type),
            AppError::NotUnique { .. } => Self::Scim(ScimType::Uniqueness),
            AppError::Unauthenticated => Self::Unauthenticated,
            AppError::ResourceNotFound { .. } => Self::ResourceNotFound,
            AppError::UnknownEndpoint => Self::UnknownAddress,
            AppError::VersionMismatch => Self::VersionMismatch,
            AppError::PreconditionRequired => Self::PreconditionRequired,
            AppError::UnknownMembers { .. } => Self::UnknownMembers,
            AppError::ReferenceFailed => Self::ReferenceFailed,
            AppError::MembershipCircle => Self::MembershipCircle,
            AppError::NotSupported(_) => Self::NotSupported,
            AppError::Contended => Self::Contended,
            AppError::TooManyRequests { .. } => Self::TooManyRequests,
            AppError::Held => Self::Held,
            AppError::ConnectionSuspended => Self::Suspended,
            AppError::Store(StoreError::TooBroad) => Self::TooBroad,
            AppError::Store(StoreError::Unavailable(_) | StoreError::Closed) => Self::DatabaseUnavailable,
            // The rest is what the management plane is answered, and never an identity provider.
            _ => Self::Internal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_has_a_word_of_its_own() {
        let words: std::collections::BTreeSet<&str> = ErrorCode::all().map(ErrorCode::as_str).collect();
        assert_eq!(words.len(), ErrorCode::all().count());
        for code in ErrorCode::all() {
            assert_eq!(ErrorCode::parse(code.as_str()), Some(code));
        }
        assert_eq!(ErrorCode::parse("somethingElse"), None);
    }
}
