//! The identity providers that can be played.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// An identity provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Provider {
    /// A client that follows the standard.
    #[serde(rename = "generic")]
    Generic,
    /// Okta, SCIM 2.0.
    #[serde(rename = "okta")]
    Okta,
    /// Okta, SCIM 1.1.
    #[serde(rename = "okta-1.1")]
    Okta11,
    /// Microsoft Entra ID as it is by default.
    #[serde(rename = "entra")]
    Entra,
    /// Microsoft Entra ID with `aadOptscim062020` in the tenant URL.
    #[serde(rename = "entra-flag")]
    EntraFlag,
    /// `OneLogin`.
    #[serde(rename = "onelogin")]
    OneLogin,
    /// `JumpCloud`.
    #[serde(rename = "jumpcloud")]
    JumpCloud,
    /// `PingFederate` and `PingOne`.
    #[serde(rename = "ping")]
    Ping,
}

impl Provider {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Okta,
        Self::Okta11,
        Self::Entra,
        Self::EntraFlag,
        Self::OneLogin,
        Self::JumpCloud,
        Self::Ping,
        Self::Generic,
    ];

    /// The name by which it is chosen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Generic => "generic",
            Self::Okta => "okta",
            Self::Okta11 => "okta-1.1",
            Self::Entra => "entra",
            Self::EntraFlag => "entra-flag",
            Self::OneLogin => "onelogin",
            Self::JumpCloud => "jumpcloud",
            Self::Ping => "ping",
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Provider {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|provider| provider.name() == text);
        found.ok_or_else(|| format!("{text} cannot be played"))
    }
}
