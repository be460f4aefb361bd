//! The request log: one entry for each call of an identity provider, kept for the person who has to find out what went wrong.

use std::net::IpAddr;
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use crate::{ConnectionId, CredentialId, RequestEntryId, ResourceId, TypeName};

/// The version of SCIM in which a call was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScimVersion {
    V1_1,
    V2_0,
}

impl ScimVersion {
    pub const ALL: [Self; 2] = [Self::V1_1, Self::V2_0];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1_1 => "1.1",
            Self::V2_0 => "2.0",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.as_str() == text)
    }
}

/// Why the text of a body is not kept as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BodyNote {
    /// Only the beginning is kept. What must not be kept was taken out before.
    Cut,
    /// It is longer than what is looked through for secrets, so nothing of it is kept.
    TooLong,
    /// It is no JSON, so nobody can say which part of it is a secret.
    NotJson,
    /// It was written while the client took it and was never whole.
    Streamed,
    /// The installation keeps no bodies.
    NotWanted,
}

impl BodyNote {
    pub const ALL: [Self; 5] = [Self::Cut, Self::TooLong, Self::NotJson, Self::Streamed, Self::NotWanted];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cut => "cut",
            Self::TooLong => "too_long",
            Self::NotJson => "not_json",
            Self::Streamed => "streamed",
            Self::NotWanted => "not_wanted",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|note| note.as_str() == text)
    }

    /// For a person.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Cut => "only the beginning is kept",
            Self::TooLong => "not kept: it is longer than what is looked through for secrets",
            Self::NotJson => "not kept: it is no JSON, so secrets in it could not be found",
            Self::Streamed => "not kept: it was written while the client took it",
            Self::NotWanted => "not kept: request_log_bodies is off",
        }
    }
}

/// What is kept of a body. Secrets, and attributes that are to be masked, have been taken out of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptBody {
    /// How long it was on the wire; `None`: there was none, or it was never read.
    pub bytes: Option<u64>,
    pub text: Option<String>,
    pub note: Option<BodyNote>,
}

/// One call. It has no header of the client but the name of its program, and no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestEntry {
    /// Made when the call was answered, so that entries are in the order of their answers.
    pub id: RequestEntryId,
    pub connection: ConnectionId,
    /// `None`: the caller did not prove who he is.
    pub credential: Option<CredentialId>,
    /// When it was answered.
    pub at: Timestamp,
    /// To the microsecond.
    pub duration: Duration,
    pub method: String,
    /// The part of the address behind the connection, with its query; values in filters are masked.
    pub path: String,
    pub version: ScimVersion,
    pub resource_type: Option<TypeName>,
    /// The resource that was asked for, or the first one that was changed.
    pub resource: Option<ResourceId>,
    /// `None`: the client went away, or the call was given up, before there was an answer.
    pub status: Option<u16>,
    /// What went wrong, as one of the known codes.
    pub code: Option<String>,
    /// What the client was told of it.
    pub detail: Option<String>,
    /// The id under which the log lines of the process have it.
    pub request: Option<String>,
    pub address: Option<IpAddr>,
    /// What the client calls itself.
    pub agent: Option<String>,
    /// What was repaired in the message, by kind, and how often.
    pub repairs: Vec<(String, u64)>,
    /// How many resources were changed, without those that follow from others.
    pub changes: u64,
    /// The moments that the entries of these changes have in the change log; not all of them when they are very many.
    pub changed_at: Vec<Timestamp>,
    pub request_body: KeptBody,
    pub response_body: KeptBody,
}

impl RequestEntry {
    /// Whether the client got an error, or nothing.
    pub fn has_failed(&self) -> bool {
        self.status.is_none_or(|status| status >= 400)
    }
}

/// Ids begin with their moment (RFC 9562 section 5.7), so a span of time is a span of ids.
impl RequestEntryId {
    /// Before every id of that millisecond and behind every one of those before it.
    pub fn first_of(at: Timestamp) -> Self {
        let millis = u128::try_from(at.as_millisecond()).unwrap_or(0);
        Self::from_uuid(Uuid::from_u128(millis << 80))
    }

    /// The millisecond in which the id was made, since 1970.
    pub fn millisecond(&self) -> i64 {
        i64::try_from(self.as_uuid().as_u128() >> 80).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Clock, Rng};

    struct Fixed(Timestamp);

    impl Clock for Fixed {
        fn now(&self) -> Timestamp {
            self.0
        }
    }

    impl Rng for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0xff);
        }
    }

    #[test]
    fn a_span_of_time_is_a_span_of_ids() {
        let at = |millisecond| Fixed(Timestamp::from_millisecond(millisecond).unwrap());
        let now = at(1_767_225_600_123);
        let id = RequestEntryId::new(&now, &now);
        assert_eq!(id.millisecond(), 1_767_225_600_123);
        assert!(RequestEntryId::first_of(now.0) <= id);
        assert!(RequestEntryId::first_of(at(1_767_225_600_124).0) > id);
    }

    #[test]
    fn words_in_columns_are_read_back() {
        for version in ScimVersion::ALL {
            assert_eq!(ScimVersion::parse(version.as_str()), Some(version));
        }
        for note in BodyNote::ALL {
            assert_eq!(BodyNote::parse(note.as_str()), Some(note));
        }
        assert_eq!((ScimVersion::parse("2"), BodyNote::parse("")), (None, None));
    }
}
