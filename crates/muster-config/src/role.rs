//! What a server does of all that there is to do.

use std::fmt;

/// The part of one server among several on one database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Answers requests and does background work.
    All,
    /// Answers requests, and leaves to others what one server does for all.
    Web,
    /// Does background work, and answers nothing but questions about itself.
    Worker,
}

impl Role {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        match text {
            "all" => Ok(Self::All),
            "web" => Ok(Self::Web),
            "worker" => Ok(Self::Worker),
            _ => Err("write all, web or worker".to_owned()),
        }
    }

    pub const fn answers_requests(self) -> bool {
        matches!(self, Self::All | Self::Web)
    }

    pub const fn does_background_work(self) -> bool {
        matches!(self, Self::All | Self::Worker)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::All => "all",
            Self::Web => "web",
            Self::Worker => "worker",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Role;

    #[test]
    fn a_role_is_read_as_it_is_shown_and_each_work_has_somebody() {
        for role in [Role::All, Role::Web, Role::Worker] {
            assert_eq!(Role::parse(&role.to_string()), Ok(role));
            assert!(role.answers_requests() || role.does_background_work());
        }
        assert!(Role::parse("Worker").unwrap_err().contains("all, web or worker"));
    }
}
