//! Tokens of the management API: for programs that administer Muster, of the whole environment or of one tenant.

use jiff::Timestamp;

use crate::{ApiTokenId, CredentialDigest, Permissions, TenantId};

/// How far somebody's rights reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Every tenant, and what belongs to none.
    Environment,
    /// One tenant and nothing else; what is outside is not there.
    Tenant(TenantId),
}

impl Reach {
    pub fn includes(self, tenant: TenantId) -> bool {
        match self {
            Self::Environment => true,
            Self::Tenant(own) => own == tenant,
        }
    }

    /// The one tenant that it is bound to.
    pub fn tenant(self) -> Option<TenantId> {
        match self {
            Self::Environment => None,
            Self::Tenant(tenant) => Some(tenant),
        }
    }

    /// Whether nothing is in it that is not in the other.
    pub fn is_within(self, other: Self) -> bool {
        other == Self::Environment || self == other
    }
}

impl From<Option<TenantId>> for Reach {
    fn from(tenant: Option<TenantId>) -> Self {
        tenant.map_or(Self::Environment, Self::Tenant)
    }
}

/// A token's record. The token itself is never kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    pub id: ApiTokenId,
    pub reach: Reach,
    /// What people call it.
    pub name: String,
    pub permissions: Permissions,
    pub digest: CredentialDigest,
    /// The last four characters, so that a person can tell two tokens apart.
    pub last_four: String,
    pub created: Timestamp,
    /// `None`: never expires, by an explicit choice.
    pub expires: Option<Timestamp>,
    /// To the minute.
    pub last_used: Option<Timestamp>,
}

impl ApiToken {
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires.is_none_or(|expires| now < expires)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_tenant_is_within_the_environment_and_not_the_other_way() {
        let tenant = |number| TenantId::from_uuid(Uuid::from_u128(number));
        let (one, other) = (Reach::Tenant(tenant(1)), Reach::Tenant(tenant(2)));
        assert!(one.includes(tenant(1)) && !one.includes(tenant(2)) && Reach::Environment.includes(tenant(2)));
        assert!(one.is_within(Reach::Environment) && one.is_within(one));
        assert!(!one.is_within(other) && !Reach::Environment.is_within(one));
    }
}
