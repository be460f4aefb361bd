//! Every id is its own type. Ids of ours carry a readable prefix (`con_…`); a SCIM resource's id does not, because
//! peers store it and some expect a plain UUID.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Clock, Rng};

/// A UUIDv7 (RFC 9562 section 5.7) from the given clock and random source: sorts by time of creation, cannot be
/// guessed (74 random bits).
fn new_uuid(clock: &dyn Clock, rng: &dyn Rng) -> Uuid {
    let millis = u64::try_from(clock.now().as_millisecond()).unwrap_or(0);
    let mut random = [0_u8; 10];
    rng.fill(&mut random);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

/// The text is not an id of the wanted kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {kind} id; it looks like \"{prefix}\" followed by 32 hexadecimal digits")]
pub struct IdError {
    kind: &'static str,
    prefix: &'static str,
}

macro_rules! prefixed_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Uuid);

        impl $name {
            pub fn new(clock: &dyn Clock, rng: &dyn Rng) -> Self {
                Self(new_uuid(clock, rng))
            }
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }
            pub const fn as_uuid(&self) -> &Uuid {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, concat!($prefix, "{}"), self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, formatter)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                let error = IdError { kind: $kind, prefix: $prefix };
                let digits = text.strip_prefix($prefix).ok_or(error.clone())?;
                // Only the canonical spelling: 32 lower-case digits. Two spellings of one id would be two cache keys,
                // two log entries, two URLs.
                if digits.len() != 32 || digits.bytes().any(|byte| !matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
                    return Err(error);
                }
                Uuid::parse_str(digits).map(Self).map_err(|_| error)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }
    };
}

prefixed_id!(
    /// A token of the management API: `tok_…`. Not secret.
    ApiTokenId, "tok_", "API token"
);
prefixed_id!(
    /// A tenant: `ten_…`.
    TenantId, "ten_", "tenant"
);
prefixed_id!(
    /// A connection: `con_…`. Part of the address that an identity provider calls.
    ConnectionId, "con_", "connection"
);
prefixed_id!(
    /// A conflict: `cfl_…`.
    ConflictId, "cfl_", "conflict"
);
prefixed_id!(
    /// A credential: `crd_…`. Not secret.
    CredentialId, "crd_", "credential"
);

prefixed_id!(
    /// A change that is held: `hld_…`.
    HeldId, "hld_", "held change"
);

prefixed_id!(
    /// A process that does background work, as long as it runs: `nod_…`.
    NodeId, "nod_", "node"
);

prefixed_id!(
    /// A secret that is kept sealed: `sec_…`. Not secret itself.
    SecretId, "sec_", "secret"
);

prefixed_id!(
    /// A key that seals secrets and is itself wrapped by the vault key: `dky_…`. Not secret itself.
    DataKeyId, "dky_", "data key"
);

prefixed_id!(
    /// An entry of the request log: `req_…`.
    RequestEntryId, "req_", "request"
);

prefixed_id!(
    /// An entry of the system log: `sys_…`.
    SystemEntryId, "sys_", "entry of the system log"
);

prefixed_id!(
    /// An event: `evt_…`. The same change has the same event ids, whoever asks and however often.
    EventId, "evt_", "event"
);

prefixed_id!(
    /// An address that events are sent to: `whe_…`.
    WebhookEndpointId, "whe_", "webhook endpoint"
);

prefixed_id!(
    /// An event on its way to one address: `whd_…`.
    DeliveryId, "whd_", "webhook delivery"
);

/// The `id` of a SCIM resource: a UUID in lower-case hyphenated form, unique over all types and tenants
/// (RFC 7643 section 3.1). Never contains `bulkId`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ResourceId(Uuid);

impl ResourceId {
    pub fn new(clock: &dyn Clock, rng: &dyn Rng) -> Self {
        Self(new_uuid(clock, rng))
    }
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid)
    }
    pub const fn as_uuid(&self) -> &Uuid {
        &self.0
    }
    /// Reads an id as a client sends it. `id` is caseExact (RFC 7643 section 3.1): only the canonical spelling is an id
    /// of ours, anything else names nothing.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 36 || text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return None;
        }
        Uuid::try_parse(text).ok().map(Self)
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.hyphenated(), formatter)
    }
}

impl fmt::Debug for ResourceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_only_in_their_canonical_spelling() {
        let id = ConnectionId::from_uuid(Uuid::from_u128(0xabc));
        assert_eq!(id.to_string().parse::<ConnectionId>(), Ok(id));
        assert!(id.to_string().parse::<TenantId>().is_err());
        assert!(id.to_string().to_uppercase().parse::<ConnectionId>().is_err());
        assert!("con_1".parse::<ConnectionId>().is_err());

        let resource = ResourceId::from_uuid(Uuid::from_u128(0xabc));
        assert_eq!(ResourceId::parse(&resource.to_string()), Some(resource));
        assert_eq!(ResourceId::parse(&resource.to_string().to_uppercase()), None);
        assert_eq!(ResourceId::parse("0"), None);
        assert_eq!(ResourceId::parse(&Uuid::from_u128(0xabc).simple().to_string()), None);
    }
}
