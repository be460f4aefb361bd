//! What may be done through the management plane, each by a name that tokens, roles and people use.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! permissions {
    ($($variant:ident = $name:literal: $words:literal;)+) => {
        /// One thing that somebody may be allowed to do. Names are `what:how`; they are kept in databases and never change
        /// their meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Permission {
            $(#[doc = $words] #[serde(rename = $name)] $variant,)+
        }

        impl Permission {
            /// In the order in which they are listed everywhere.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What it allows, for a person who gives it: the end of "may …".
            pub const fn words(self) -> &'static str {
                match self { $(Self::$variant => $words,)+ }
            }
        }
    };
}

permissions! {
    ReadTenants = "tenants:read": "see tenants";
    ChangeTenants = "tenants:write": "create and rename tenants";
    ReadConnections = "connections:read": "read provisioning configurations";
    CreateConnections = "connections:create": "create provisioning configurations";
    ChangeConnections = "connections:write": "change, suspend and resume provisioning configurations";
    DeleteConnections = "connections:delete": "delete provisioning configurations";
    ReadCredentials = "credentials:read": "see which credentials there are, never the secrets themselves";
    ChangeCredentials = "credentials:write": "issue, rotate, suspend and revoke credentials";
    ReadDirectory = "directory:read": "read the people and groups of the directory";
    ReadConflicts = "conflicts:read": "see which people and groups two connections want";
    DecideConflicts = "conflicts:decide": "give them to a connection, and make them ownerless";
    ReadHeldChanges = "held_changes:read": "see which changes the guard holds";
    DecideHeldChanges = "held_changes:decide": "make or drop what the guard holds, and let it begin anew";
    ReadRequests = "requests:read": "read what identity providers asked, with personal data in it";
    ReadEvents = "events:read": "read what happens in the directory, with personal data in it";
    ReadSystemLog = "system_log:read": "read who did what";
    ReadWebhooks = "webhooks:read": "see webhook endpoints and what was sent to them";
    ChangeWebhooks = "webhooks:write": "create, change and delete webhook endpoints, and send again";
    ReadTokens = "api_tokens:read": "see which API tokens there are";
    ChangeTokens = "api_tokens:write": "issue and revoke API tokens that allow no more than one's own";
}

impl fmt::Display for Permission {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// No permission has that name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such permission; there are {}", names(Permission::ALL.iter().copied()))]
pub struct UnknownPermission;

impl FromStr for Permission {
    type Err = UnknownPermission;
    fn from_str(text: &str) -> Result<Self, UnknownPermission> {
        Self::ALL.iter().copied().find(|permission| permission.as_str() == text).ok_or(UnknownPermission)
    }
}

fn names(permissions: impl Iterator<Item = Permission>) -> String {
    permissions.map(Permission::as_str).collect::<Vec<_>>().join(", ")
}

/// A set of them. As text: names with spaces between, as OAuth writes scopes (RFC 6749 section 3.3).
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Permissions(u64);

impl Permissions {
    pub fn all() -> Self {
        Permission::ALL.iter().copied().collect()
    }

    pub fn contains(self, permission: Permission) -> bool {
        self.0 & bit(permission) != 0
    }

    /// Whether there is nothing in it that is not in the other.
    pub fn is_within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// In the order of [`Permission::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |permission| self.contains(*permission))
    }
}

const fn bit(permission: Permission) -> u64 {
    1 << permission as u32
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        Self(permissions.into_iter().fold(0, |set, permission| set | bit(permission)))
    }
}

impl fmt::Display for Permissions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, permission) in self.iter().enumerate() {
            let gap = if place == 0 { "" } else { " " };
            write!(formatter, "{gap}{permission}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Permissions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.iter()).finish()
    }
}

impl FromStr for Permissions {
    type Err = UnknownPermission;
    fn from_str(text: &str) -> Result<Self, UnknownPermission> {
        text.split_ascii_whitespace().map(str::parse).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permission_has_one_name_everywhere_and_room_in_a_set() {
        assert!(Permission::ALL.len() <= 64);
        for permission in Permission::ALL {
            assert_eq!(permission.as_str().parse(), Ok(*permission));
            assert_eq!(serde_json::to_value(permission).unwrap(), permission.as_str());
            assert!(UnknownPermission.to_string().contains(permission.as_str()));
            assert!(permission.as_str().contains(':') && !permission.words().is_empty());
        }
        assert_eq!("connections:fly".parse::<Permission>(), Err(UnknownPermission));
    }

    #[test]
    fn a_set_is_written_as_names_and_read_back() {
        let set: Permissions = [Permission::ReadTenants, Permission::ReadConnections].into_iter().collect();
        assert_eq!(set.to_string(), "tenants:read connections:read");
        assert_eq!("connections:read  tenants:read".parse(), Ok(set));
        assert!(set.is_within(Permissions::all()) && !Permissions::all().is_within(set));
        assert!(set.contains(Permission::ReadTenants) && !set.contains(Permission::ChangeTenants));
        assert_eq!(Permissions::all().iter().count(), Permission::ALL.len());
        assert_eq!("".parse(), Ok(Permissions::default()));
        assert!("tenants:read nonsense".parse::<Permissions>().is_err());
    }
}
