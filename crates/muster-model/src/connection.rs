//! Inbound connections: an identity provider that calls us.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{ConnectionId, Overrides, TenantId};

/// One configured relation with an identity provider. Its id is part of the address that the provider calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    pub id: ConnectionId,
    pub tenant: TenantId,
    /// Unique in the tenant.
    pub name: String,
    pub provider: Provider,
    /// What it wants otherwise than its provider's profile says.
    #[serde(default)]
    pub overrides: Overrides,
    pub created: Timestamp,
    /// Grows with each change of the settings.
    #[serde(default)]
    pub revision: u64,
    /// Since when it takes no requests.
    #[serde(default)]
    pub suspended: Option<Timestamp>,
}

impl Connection {
    /// The revision that a new connection has.
    pub const FIRST_REVISION: u64 = 1;
}

/// Whom the connection is for: the name by which its profile is found. Nothing may branch on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    Generic,
    Okta,
    /// Okta speaking SCIM 1.1.
    #[serde(rename = "okta-1.1")]
    Okta11,
    Entra,
    /// Entra with the compatibility flag `aadOptscim062020` in its tenant URL.
    #[serde(rename = "entra-flag")]
    EntraFlag,
    OneLogin,
    JumpCloud,
    Ping,
    CyberArk,
    SailPoint,
    Google,
    Rippling,
    Oracle,
    Strict,
}

impl Provider {
    pub const ALL: [Self; 14] = [
        Self::Generic,
        Self::Okta,
        Self::Okta11,
        Self::Entra,
        Self::EntraFlag,
        Self::OneLogin,
        Self::JumpCloud,
        Self::Ping,
        Self::CyberArk,
        Self::SailPoint,
        Self::Google,
        Self::Rippling,
        Self::Oracle,
        Self::Strict,
    ];

    /// The name used on the command line, in the API and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Generic => "generic",
            Self::Okta => "okta",
            Self::Okta11 => "okta-1.1",
            Self::Entra => "entra",
            Self::EntraFlag => "entra-flag",
            Self::OneLogin => "onelogin",
            Self::JumpCloud => "jumpcloud",
            Self::Ping => "ping",
            Self::CyberArk => "cyberark",
            Self::SailPoint => "sailpoint",
            Self::Google => "google",
            Self::Rippling => "rippling",
            Self::Oracle => "oracle",
            Self::Strict => "strict",
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// No provider has that name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown provider; use one of generic, okta, okta-1.1, entra, entra-flag, onelogin, jumpcloud, ping, cyberark, sailpoint, google, \
     rippling, oracle, strict"
)]
pub struct UnknownProvider;

impl FromStr for Provider {
    type Err = UnknownProvider;
    fn from_str(text: &str) -> Result<Self, UnknownProvider> {
        Self::ALL.into_iter().find(|provider| provider.as_str() == text).ok_or(UnknownProvider)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_has_one_name_everywhere_and_the_message_lists_them_all() {
        for provider in Provider::ALL {
            assert_eq!(provider.as_str().parse(), Ok(provider));
            assert_eq!(serde_json::to_value(provider).unwrap(), provider.as_str());
            assert!(UnknownProvider.to_string().contains(provider.as_str()), "{provider}");
        }
    }
}
