//! The types of events. Their names are for good: others have written them down.

use muster_model::webhook::is_of_type;

use crate::AppError;

macro_rules! catalogue {
    ($($(#[$doc:meta])* $name:ident = $text:literal: $meaning:literal;)+) => {
        /// What an event tells.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum EventType {
            $($(#[$doc])* $name,)+
        }

        /// All of them, each with its meaning.
        pub const CATALOGUE: &[(EventType, &str)] = &[$((EventType::$name, $meaning),)+];

        impl EventType {
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }
        }
    };
}

catalogue! {
    UserCreated = "directory.user.created": "A user is there.";
    UserUpdated = "directory.user.updated": "Attributes of a user other than \"active\" have changed.";
    UserDeactivated = "directory.user.deactivated": "A user's access was taken away: \"active\" became false.";
    UserReactivated = "directory.user.reactivated": "A user's access was given back: \"active\" is no longer false.";
    UserDeleted = "directory.user.deleted": "A user is gone.";
    GroupCreated = "directory.group.created": "A group is there. Its members follow.";
    GroupUpdated = "directory.group.updated": "Attributes of a group have changed.";
    GroupDeleted = "directory.group.deleted": "A group is gone, and everybody's membership in it.";
    MemberAdded = "directory.group.member.added": "Users or groups became members of a group.";
    MemberRemoved = "directory.group.member.removed": "Users or groups are no longer members of a group.";
    /// Of types that a tenant has added.
    ResourceCreated = "directory.resource.created": "A resource of a type of the tenant's own is there.";
    ResourceUpdated = "directory.resource.updated": "Attributes of a resource of a type of the tenant's own have changed.";
    ResourceDeleted = "directory.resource.deleted": "A resource of a type of the tenant's own is gone.";
    WebhookTest = "webhook.test": "Somebody tries whether messages arrive. It goes to the endpoint that is tried only.";
}

/// Refuses names that no event will ever have. `directory.user.*` means all that begin so.
pub fn check_types(types: &[String]) -> Result<(), AppError> {
    for wanted in types {
        if !CATALOGUE.iter().any(|(known, _)| is_of_type(known.as_str(), wanted)) {
            return Err(AppError::InvalidInput(format!(
                "there is no event type {wanted:?}; docs/events.md lists them, and \"directory.user.*\" means all that begin so"
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_of_the_form_that_standard_webhooks_wants_and_differ() {
        let mut names: Vec<&str> = CATALOGUE.iter().map(|(known, _)| known.as_str()).collect();
        for name in &names {
            assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'.'), "{name}");
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), CATALOGUE.len());
    }

    #[test]
    fn what_no_event_will_have_is_refused() {
        assert!(check_types(&["directory.user.*".to_owned(), "directory.group.member.added".to_owned()]).is_ok());
        for unknown in ["directory.user.renamed", "*", "directory.users.*", ""] {
            assert!(check_types(&[unknown.to_owned()]).is_err(), "{unknown}");
        }
    }

    #[test]
    fn the_page_lists_them_all() {
        let page = include_str!("../../../../docs/events.md");
        for (known, meaning) in CATALOGUE {
            assert!(page.contains(&format!("| `{}` | {meaning} |", known.as_str())), "{}", known.as_str());
        }
    }
}
