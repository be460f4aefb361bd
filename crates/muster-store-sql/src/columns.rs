//! How our nouns are written into columns and read back. The only place that knows.

use jiff::Timestamp;
use muster_model::{
    ApiTokenId, ChangeKind, ChangeNotes, ConflictId, ConnectionId, CredentialId, DataKeyId, DeliveryId, EventId,
    HeldId, NodeId, RequestEntryId, ResourceId, SecretId, SystemEntryId, TenantId, Version, WebhookEndpointId,
};
use muster_store::StoreError;
use uuid::Uuid;

use crate::{FromValue, Value, damaged, defect};

/// The owner of resources that no connection brought, where NULL cannot stand.
pub const NOBODY: IdBytes = [0; 16];

/// An id as it stands in a column.
pub type IdBytes = [u8; 16];

/// An id that is kept as 16 bytes.
pub trait IdColumn: Copy {
    fn bytes(self) -> IdBytes;
    fn from_bytes(bytes: IdBytes) -> Self;
}

macro_rules! id_column {
    ($($name:ty),+ $(,)?) => {$(
        impl IdColumn for $name {
            fn bytes(self) -> IdBytes {
                *self.as_uuid().as_bytes()
            }
            fn from_bytes(bytes: IdBytes) -> Self {
                Self::from_uuid(Uuid::from_bytes(bytes))
            }
        }

        impl From<$name> for Value {
            fn from(id: $name) -> Self {
                Self::Id(id.bytes())
            }
        }

        impl FromValue for $name {
            fn from_value(value: Value) -> Option<Self> {
                IdBytes::from_value(value).map(Self::from_bytes)
            }
        }
    )+};
}

id_column!(
    ApiTokenId,
    TenantId,
    ConflictId,
    ConnectionId,
    CredentialId,
    DataKeyId,
    DeliveryId,
    EventId,
    HeldId,
    NodeId,
    RequestEntryId,
    ResourceId,
    SecretId,
    SystemEntryId,
    WebhookEndpointId,
);

/// Many ids in one column, one after another; `None` for none.
pub fn joined_ids(ids: &[ResourceId]) -> Option<Vec<u8>> {
    (!ids.is_empty()).then(|| ids.iter().flat_map(|id| id.bytes()).collect())
}

pub fn split_ids(bytes: Option<&[u8]>) -> Result<Vec<ResourceId>, StoreError> {
    let (ids, rest) = bytes.unwrap_or_default().as_chunks::<16>();
    if !rest.is_empty() {
        return Err(damaged("list of ids in the change log"));
    }
    Ok(ids.iter().map(|id| ResourceId::from_bytes(*id)).collect())
}

pub fn microseconds(time: Timestamp) -> i64 {
    time.as_microsecond()
}

pub fn timestamp(microseconds: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(microseconds).map_err(|_| damaged("time"))
}

pub fn version(column: i64) -> Result<Version, StoreError> {
    u64::try_from(column).map(Version).map_err(|_| damaged("version"))
}

/// A count or limit as a column takes it; what does not fit is larger than any table.
pub fn clamped(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// What an entry of the change log notes, as JSON; `None` for nothing.
pub fn notes_text(notes: &ChangeNotes) -> Result<Option<String>, StoreError> {
    if notes.is_empty() {
        return Ok(None);
    }
    serde_json::to_string(notes).map(Some).map_err(|_| defect("the notes of a change cannot be written as JSON"))
}

pub fn notes(text: Option<&str>) -> Result<ChangeNotes, StoreError> {
    text.map_or_else(
        || Ok(ChangeNotes::default()),
        |text| serde_json::from_str(text).map_err(|_| damaged("note of a change")),
    )
}

pub fn change_kind(text: &str) -> Result<ChangeKind, StoreError> {
    [ChangeKind::Created, ChangeKind::Updated, ChangeKind::Deleted, ChangeKind::MembersChanged]
        .into_iter()
        .find(|kind| kind.as_str() == text)
        .ok_or_else(|| damaged("kind of change"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_ids_are_read_back_and_a_cut_one_is_noticed() {
        let ids = [1_u128, u128::MAX].map(|number| ResourceId::from_uuid(Uuid::from_u128(number)));
        let column = joined_ids(&ids);
        assert_eq!(split_ids(column.as_deref()).unwrap(), ids);
        assert_eq!(joined_ids(&[]), None);
        assert_eq!(split_ids(None).unwrap(), []);
        assert!(split_ids(Some(&column.unwrap()[..17])).is_err());
    }

    #[test]
    fn every_kind_of_change_is_read_back() {
        for kind in [ChangeKind::Created, ChangeKind::Updated, ChangeKind::Deleted, ChangeKind::MembersChanged] {
            assert_eq!(change_kind(kind.as_str()).unwrap(), kind);
        }
        assert!(change_kind("renamed").is_err());
    }

    #[test]
    fn times_keep_their_microseconds_before_and_after_1970() {
        for text in ["2026-01-01T00:00:00.123456Z", "1969-12-31T23:59:59.999999Z"] {
            let time: Timestamp = text.parse().unwrap();
            assert_eq!(timestamp(microseconds(time)).unwrap(), time);
        }
    }
}
