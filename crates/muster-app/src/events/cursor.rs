//! Where a reader of events stands, as a text that he only hands back. It is no secret and lives for ever; a few letters of
//! it tell whether it was copied whole and is of the right tenant.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use muster_model::{ResourceId, Sequence, TenantId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::AppError;

const CHECK: usize = 6;
/// Longer texts were not given out by us.
const LONGEST: usize = 1024;

/// In the feed: the entries behind `after`, of the first of which so many events were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FeedCursor {
    #[serde(rename = "a")]
    pub(super) after: Sequence,
    #[serde(rename = "s")]
    pub(super) skip: u32,
}

/// In a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SnapshotCursor {
    /// Where the feed goes on when the snapshot is read.
    #[serde(rename = "a")]
    pub(super) sequence: Sequence,
    #[serde(rename = "t")]
    pub(super) resource_type: String,
    /// Resources of the type up to this one were read; in the middle of a group, up to the one before it.
    #[serde(rename = "i")]
    pub(super) after: Option<ResourceId>,
    /// Of the group behind it, the members up to this one were read.
    #[serde(rename = "m")]
    pub(super) members_after: Option<ResourceId>,
}

/// Which of the two it is, so that none is taken for the other.
pub(super) trait Kind: Serialize + DeserializeOwned {
    const MARK: &'static str;
}

impl Kind for FeedCursor {
    const MARK: &'static str = "muster event cursor 1";
}

impl Kind for SnapshotCursor {
    const MARK: &'static str = "muster snapshot cursor 1";
}

pub(super) fn to_text<C: Kind>(tenant: TenantId, cursor: &C) -> Result<String, AppError> {
    let mut bytes = serde_json::to_vec(cursor).map_err(|error| AppError::Internal(Box::new(error)))?;
    let check = check::<C>(tenant, &bytes);
    bytes.extend_from_slice(&check);
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

pub(super) fn from_text<C: Kind>(tenant: TenantId, text: &str) -> Result<C, AppError> {
    read(tenant, text).ok_or_else(|| {
        AppError::InvalidInput(
            "the cursor is not one that this tenant's events gave out; repeat it as it was, or begin again with a snapshot"
                .to_owned(),
        )
    })
}

fn read<C: Kind>(tenant: TenantId, text: &str) -> Option<C> {
    if text.len() > LONGEST {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (cursor, found) = bytes.split_last_chunk::<CHECK>()?;
    if check::<C>(tenant, cursor) != *found {
        return None;
    }
    serde_json::from_slice(cursor).ok()
}

fn check<C: Kind>(tenant: TenantId, cursor: &[u8]) -> [u8; CHECK] {
    let text = [C::MARK.as_bytes(), tenant.as_uuid().as_bytes(), cursor].concat();
    digest(&SHA256, &text).as_ref().first_chunk::<CHECK>().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_cursor_is_read_back_by_its_own_tenant_and_as_what_it_is() {
        let (ours, theirs) = (TenantId::from_uuid(Uuid::from_u128(1)), TenantId::from_uuid(Uuid::from_u128(2)));
        let cursor = FeedCursor { after: Sequence(u64::MAX), skip: 3 };
        let text = to_text(ours, &cursor).unwrap();
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{text}");
        assert_eq!(from_text::<FeedCursor>(ours, &text).unwrap(), cursor);
        assert!(from_text::<FeedCursor>(theirs, &text).is_err());
        assert!(from_text::<SnapshotCursor>(ours, &text).is_err());
        for cut in 0..text.len() {
            assert!(from_text::<FeedCursor>(ours, &text[..cut]).is_err(), "{cut}");
        }
        assert!(from_text::<FeedCursor>(ours, &"A".repeat(100_000)).is_err());
    }
}
