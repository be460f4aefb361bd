//! Cursors (RFC 9865): where a walk through a list goes on, sealed into a text that only this installation can read and
//! that only the question it was given to can use. Nothing is kept on the server for one (docs/adr/0013).

mod binding;
mod seal;

use jiff::{SignedDuration, Timestamp};
use muster_model::ResourceId;
use muster_store::{InstallationKey, Place, StoreError};
use scim::sort::SortKey;
use scim::{Error, ScimType};
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;

use crate::{App, AppError};
pub(crate) use binding::Binding;
use seal::Sealer;

/// How long a cursor may wait for the next request (`cursorTimeout` of RFC 9865 section 4).
pub const CURSOR_TIMEOUT: SignedDuration = SignedDuration::from_hours(1);
/// A cursor stands in a URL, for which proxies have limits of some 8 KiB. It carries the sort key of one resource.
const LONGEST_SORT_KEY: usize = 2048;

/// On which side of the place the page lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Side {
    #[serde(rename = "a")]
    After,
    #[serde(rename = "b")]
    Before,
}

/// What a cursor says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Cursor {
    /// When it was given out, in seconds since 1970.
    #[serde(rename = "t")]
    issued: i64,
    #[serde(rename = "s")]
    pub(crate) side: Side,
    #[serde(rename = "k")]
    key: Option<SortKey>,
    #[serde(rename = "i")]
    id: ResourceId,
    /// The page size of the walk.
    #[serde(rename = "c")]
    count: u64,
    /// How many matches there were when the walk began; pages whose counting would be dear repeat it.
    #[serde(rename = "n")]
    pub(crate) total: Option<u64>,
}

impl Cursor {
    /// A cursor for the page beside a place.
    pub(crate) fn beside(
        place: Place,
        side: Side,
        count: u64,
        total: Option<u64>,
        now: Timestamp,
    ) -> Result<Self, AppError> {
        if matches!(&place.key, Some(SortKey::Text(text)) if text.len() > LONGEST_SORT_KEY) {
            return Err(AppError::Scim(Error::invalid_value(format!(
                "\"sortBy\": a value is longer than {LONGEST_SORT_KEY} bytes, too long to continue from it by cursor; \
                 sort by another attribute, or page by startIndex"
            ))));
        }
        Ok(Self { issued: now.as_second(), side, key: place.key, id: place.id, count, total })
    }

    pub(crate) fn place(&self) -> Place {
        Place { key: self.key.clone(), id: self.id }
    }

    /// RFC 9865 section 2.1, table 3: a cursor lives for its time, and the count stays what it was.
    fn check(&self, count: u64, now: Timestamp) -> Result<(), Error> {
        if now.as_second().saturating_sub(self.issued) > CURSOR_TIMEOUT.as_secs() {
            return Err(Error::new(
                ScimType::ExpiredCursor,
                format!(
                    "the cursor has expired, because {} seconds passed without a request; begin again with an empty one",
                    CURSOR_TIMEOUT.as_secs()
                ),
            ));
        }
        if count != self.count {
            return Err(Error::new(
                ScimType::InvalidCount,
                "\"count\" must stay what it was on the first page; repeat it, or begin again with an empty cursor",
            ));
        }
        Ok(())
    }
}

/// The one answer to every cursor that is not ours, was changed, or belongs to another question or caller: which of them
/// it is must not be told (RFC 9865 section 5.2).
fn invalid() -> Error {
    Error::new(
        ScimType::InvalidCursor,
        "the cursor does not belong to this query; repeat all parameters of the query that gave it, \
         or begin again with an empty cursor",
    )
}

/// Seals and opens cursors; makes the installation's key at first use.
pub(crate) struct Cursors {
    sealer: OnceCell<Sealer>,
}

impl Cursors {
    pub(crate) fn new() -> Self {
        Self { sealer: OnceCell::new() }
    }

    pub(crate) async fn seal(&self, app: &App, cursor: &Cursor, binding: &Binding) -> Result<String, AppError> {
        let internal = |error| AppError::Internal(Box::new(error));
        let plain = serde_json::to_vec(cursor).map_err(|error| AppError::Internal(Box::new(error)))?;
        self.sealer(app).await?.seal(&*app.rng, plain, binding.as_bytes()).map_err(internal)
    }

    pub(crate) async fn open(&self, app: &App, text: &str, binding: &Binding, count: u64) -> Result<Cursor, AppError> {
        let plain = self.sealer(app).await?.open(text, binding.as_bytes()).ok_or_else(invalid)?;
        let cursor: Cursor = serde_json::from_slice(&plain).map_err(|_| invalid())?;
        cursor.check(count, app.now())?;
        Ok(cursor)
    }

    async fn sealer(&self, app: &App) -> Result<&Sealer, StoreError> {
        let find = || async {
            let mut candidate = [0; InstallationKey::LENGTH];
            app.rng.fill(&mut candidate);
            let candidate = InstallationKey::from_bytes(candidate);
            let key = app.store.find_or_create_installation_key("cursor", candidate).await?;
            Ok(Sealer::new(&key))
        };
        self.sealer.get_or_try_init(find).await
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    fn place(key: Option<SortKey>) -> Place {
        Place { key, id: ResourceId::from_uuid(Uuid::from_u128(7)) }
    }

    /// Rows: 9865-2.1-03, 9865-2.1-04, 9865-4-04
    #[test]
    fn a_cursor_lives_for_its_time_and_keeps_its_count() {
        let cursor = Cursor::beside(place(None), Side::After, 10, None, at(1000)).unwrap();
        let kind = |count, now| cursor.check(count, at(now)).map_err(|error| error.scim_type);
        assert_eq!(kind(10, 1000), Ok(()));
        assert_eq!(kind(10, 1000 + 3600), Ok(()), "announced as the least time");
        assert_eq!(kind(10, 1000 + 3601), Err(ScimType::ExpiredCursor));
        assert_eq!(kind(11, 1000), Err(ScimType::InvalidCount));
        // A clock that was turned back kills no walk.
        assert_eq!(kind(10, 0), Ok(()));
    }

    #[test]
    fn a_place_that_fits_into_no_address_is_refused_without_its_value() {
        let long = place(Some(SortKey::Text("secret".repeat(1000))));
        let Err(AppError::Scim(error)) = Cursor::beside(long, Side::After, 1, None, at(0)) else { panic!("refused") };
        assert_eq!(error.scim_type, ScimType::InvalidValue);
        assert!(!error.detail.contains("secret"));
    }
}
