//! The right to administer the installation, as something one holds.
//!
//! A use case names what it needs in its parameters: `&impl Grants<may::DeleteConnections>`. Who has not been granted that has
//! nothing to pass, so a route that forgets to ask does not compile.

use std::fmt;
use std::marker::PhantomData;

use jiff::Timestamp;
use muster_model::{Actor, Permission, Permissions, Reach};

use crate::AppError;

/// Proof that somebody may do `P`, and how far.
pub trait Grants<P>: Sync {
    /// Beyond it nothing is there for him.
    fn reach(&self) -> Reach;

    /// Everything that he may do: what he gives to others is no more.
    fn permissions(&self) -> Permissions;

    /// Until when he may do it: what he gives to others ends no later. `None`: without an end.
    fn expires(&self) -> Option<Timestamp>;

    /// Who it is, for the system log.
    fn actor(&self) -> Actor;
}

/// For the command line: whoever may open the data folder and its database already holds everything in it.
#[derive(Debug)]
pub struct OperatorAccess {
    _private: (),
}

impl OperatorAccess {
    pub fn of_local_administrator() -> Self {
        Self { _private: () }
    }
}

impl<P> Grants<P> for OperatorAccess {
    fn reach(&self) -> Reach {
        Reach::Environment
    }

    fn permissions(&self) -> Permissions {
        Permissions::all()
    }

    fn expires(&self) -> Option<Timestamp> {
        None
    }

    fn actor(&self) -> Actor {
        Actor::LocalAdministrator
    }
}

/// A permission as a type.
pub trait Named {
    const PERMISSION: Permission;
}

/// One permission, granted to somebody who was asked who he is. Only [`Rights::grant`] makes one.
pub struct Granted<P> {
    rights: Rights,
    permission: PhantomData<fn() -> P>,
}

impl<P> Grants<P> for Granted<P> {
    fn reach(&self) -> Reach {
        self.rights.reach
    }

    fn permissions(&self) -> Permissions {
        self.rights.permissions
    }

    fn expires(&self) -> Option<Timestamp> {
        self.rights.expires
    }

    fn actor(&self) -> Actor {
        self.rights.actor
    }
}

impl<P: Named> fmt::Debug for Granted<P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Granted({})", P::PERMISSION)
    }
}

/// What somebody may do, and how far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rights {
    pub(crate) actor: Actor,
    pub(crate) expires: Option<Timestamp>,
    pub(crate) reach: Reach,
    pub(crate) permissions: Permissions,
}

impl Rights {
    /// Fails with [`AppError::Forbidden`].
    pub(crate) fn grant<P: Named>(self) -> Result<Granted<P>, AppError> {
        if self.permissions.contains(P::PERMISSION) {
            Ok(Granted { rights: self, permission: PhantomData })
        } else {
            Err(AppError::Forbidden(P::PERMISSION))
        }
    }
}

/// Each permission as a type.
pub mod may {
    use muster_model::Permission;

    use super::Named;

    macro_rules! may {
        ($($name:ident),+ $(,)?) => {$(
            #[doc = concat!("[`Permission::", stringify!($name), "`]")]
            #[derive(Debug)]
            pub enum $name {}

            impl Named for $name {
                const PERMISSION: Permission = Permission::$name;
            }
        )+};
    }

    may!(
        ReadTenants,
        ChangeTenants,
        ReadConnections,
        CreateConnections,
        ChangeConnections,
        DeleteConnections,
        ReadCredentials,
        ChangeCredentials,
        ReadDirectory,
        ReadConflicts,
        DecideConflicts,
        ReadHeldChanges,
        DecideHeldChanges,
        ReadRequests,
        ReadEvents,
        ReadSystemLog,
        ReadWebhooks,
        ChangeWebhooks,
        ReadTokens,
        ChangeTokens,
    );
}

#[cfg(test)]
mod tests {
    use muster_model::TenantId;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn only_what_is_permitted_is_granted_and_only_as_far() {
        let reach = Reach::Tenant(TenantId::from_uuid(Uuid::nil()));
        let rights = Rights {
            actor: Actor::Muster,
            expires: None,
            reach,
            permissions: [Permission::ReadConnections].into_iter().collect(),
        };
        let granted = rights.grant::<may::ReadConnections>().unwrap();
        assert_eq!(granted.reach(), reach);
        assert_eq!(granted.permissions(), rights.permissions);
        let refused = rights.grant::<may::DeleteConnections>();
        assert!(matches!(refused, Err(AppError::Forbidden(Permission::DeleteConnections))), "{refused:?}");
    }
}
