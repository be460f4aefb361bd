//! Inbound connections: an identity provider that calls us.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{ConnectionId, TenantId};

/// One configured relation with an identity provider. Its id is part of the address that the provider calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    pub id: ConnectionId,
    pub tenant: TenantId,
    /// Unique in the tenant.
    pub name: String,
    pub provider: Provider,
    pub created: Timestamp,
}

/// Whom the connection is for. It chooses the profile; nothing else may branch on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    Generic,
    Okta,
    Entra,
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
    pub const ALL: [Self; 12] = [
        Self::Generic,
        Self::Okta,
        Self::Entra,
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
            Self::Entra => "entra",
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
    "unknown provider; use one of generic, okta, entra, onelogin, jumpcloud, ping, cyberark, sailpoint, google, rippling, oracle, strict"
)]
pub struct UnknownProvider;

impl FromStr for Provider {
    type Err = UnknownProvider;
    fn from_str(text: &str) -> Result<Self, UnknownProvider> {
        Self::ALL.into_iter().find(|provider| provider.as_str() == text).ok_or(UnknownProvider)
    }
}
