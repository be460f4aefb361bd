//! The system log: who did what to the installation, by whatever way.

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use uuid::Uuid;

use crate::{ApiTokenId, SystemEntryId, TenantId};

/// Who did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// Whoever may open the data folder and its database, with a command.
    LocalAdministrator,
    /// A program with that token of the management API.
    ApiToken(ApiTokenId),
    /// Muster itself.
    Muster,
}

impl Actor {
    const LOCAL: &'static str = "local_administrator";
    const MUSTER: &'static str = "muster";

    /// Reads what [`fmt::Display`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            Self::LOCAL => Some(Self::LocalAdministrator),
            Self::MUSTER => Some(Self::Muster),
            text => text.parse().ok().map(Self::ApiToken),
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LocalAdministrator => formatter.write_str(Self::LOCAL),
            Self::ApiToken(id) => id.fmt(formatter),
            Self::Muster => formatter.write_str(Self::MUSTER),
        }
    }
}

/// What was done, as `what.done`: an open set, because a newer release on the same database may have more.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Action(Cow<'static, str>);

impl Action {
    pub const fn of(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// An action as the database has it.
    pub const fn from_stored(name: String) -> Self {
        Self(Cow::Owned(name))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One deed. Nothing in it is a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemEntry {
    /// In the order in which things happened, to the millisecond.
    pub id: SystemEntryId,
    pub at: Timestamp,
    /// Whose matter it is; `None`: the whole installation's.
    pub tenant: Option<TenantId>,
    pub actor: Actor,
    pub action: Action,
    /// The id of what it was done to.
    pub target: String,
    /// What differs, as JSON objects: before and after. `None`: there is nothing to tell.
    pub before: Option<String>,
    pub after: Option<String>,
}

/// Ids begin with their moment (RFC 9562 section 5.7), so a span of time is a span of ids.
impl SystemEntryId {
    /// Before every id of that millisecond and behind every one of those before it.
    pub fn first_of(at: Timestamp) -> Self {
        let millis = u128::try_from(at.as_millisecond()).unwrap_or(0);
        Self::from_uuid(Uuid::from_u128(millis << 80))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actors_are_read_back() {
        let token = Actor::ApiToken(ApiTokenId::from_uuid(Uuid::from_u128(7)));
        for actor in [Actor::LocalAdministrator, token, Actor::Muster] {
            assert_eq!(Actor::parse(&actor.to_string()), Some(actor));
        }
        assert_eq!(Actor::parse("somebody"), None);
    }
}
