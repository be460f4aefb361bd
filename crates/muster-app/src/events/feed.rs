//! The feed: events after a cursor, with waiting for those that are still to come.

use std::time::Duration;

use muster_model::webhook::is_of_type;
use muster_model::{Change, Sequence, TenantId};
use muster_store::{Directory, Scope, StoreError};
use tokio::time::Instant;

use super::cursor::{FeedCursor, from_text, to_text};
use super::{Event, add_object, check_types, events_of};
use crate::operator::{Grants, may};
use crate::tenants::TenantName;
use crate::{App, AppError, tenants};

/// In one page.
pub const MOST_EVENTS: usize = 1_000;
/// Longer no reader is kept waiting: proxies cut connections that are silent.
pub const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// Entries of the log that are read together.
const PORTION: usize = 500;
/// Portions that are looked through for one page, when few events are of the wanted types.
const MOST_PORTIONS: usize = 20;
/// Between two looks of one who waits: soon at first, then more seldom.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// Where a reader begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// With the oldest event.
    Beginning,
    /// With what comes from now on.
    Now,
    /// Behind all events of that entry.
    After(Sequence),
    /// Where a page, or a snapshot, ended.
    Cursor(String),
}

/// A question for events.
#[derive(Clone, Debug)]
pub struct FeedQuery {
    /// `None`: the tenant that the caller is bound to, or the default one.
    pub tenant: Option<TenantName>,
    pub start: Start,
    /// Names of types, or their beginning and `.*`; empty: all.
    pub types: Vec<String>,
    /// At most [`MOST_EVENTS`].
    pub limit: usize,
    /// How long to wait when there is nothing, at most [`LONGEST_WAIT`].
    pub wait: Duration,
    /// Whether each event has its resource as it is now.
    pub objects: bool,
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub struct FeedPage {
    pub events: Vec<Event>,
    /// Where the next page begins; also of an empty page, because what was passed over need not be looked at again.
    pub next: String,
    /// Whether there is more already.
    pub has_more: bool,
}

/// Events in the order of the change log. Who goes on with [`FeedPage::next`] misses none and meets none twice.
pub async fn list(app: &App, access: &impl Grants<may::ReadEvents>, query: &FeedQuery) -> Result<FeedPage, AppError> {
    check_types(&query.types)?;
    let tenant = tenants::named(app, access.reach(), query.tenant.clone()).await?.id;
    let directory = app.store.directory(tenant, Scope::Tenant);
    let begin = begin(directory.as_ref(), tenant, &query.start).await?;
    let until = Instant::now() + query.wait.min(LONGEST_WAIT);
    let mut reader = Reader { directory: directory.as_ref(), tenant, query, place: begin };
    let mut pause = FIRST_PAUSE;
    loop {
        let (mut events, has_more) = reader.read().await?;
        if !events.is_empty() || has_more || Instant::now() >= until {
            if events.is_empty() && !has_more {
                expect_in_log(directory.as_ref(), reader.place.after).await?;
            }
            if query.objects {
                add_object(app, directory.as_ref(), &mut events).await?;
            }
            return Ok(FeedPage { events, next: to_text(tenant, &reader.place)?, has_more });
        }
        tokio::time::sleep_until(until.min(Instant::now() + at_random(app, pause))).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

async fn begin(directory: &dyn Directory, tenant: TenantId, start: &Start) -> Result<FeedCursor, AppError> {
    let behind = |after| FeedCursor { after, skip: 0 };
    Ok(match start {
        Start::Beginning => behind(Sequence::START),
        Start::Now => behind(end_of_log(directory).await?),
        Start::After(sequence) => behind(*sequence),
        Start::Cursor(text) => from_text(tenant, text)?,
    })
}

/// Behind everything that is there now. A database may have entries that get their numbers when somebody reads them; a tenant
/// that is written to all the time has no end, and then the last one seen will do.
pub(crate) async fn end_of_log(directory: &dyn Directory) -> Result<Sequence, StoreError> {
    let mut last = directory.find_last_sequence().await?;
    for _ in 0..MOST_PORTIONS {
        if directory.list_changes(last, 1).await?.is_empty() {
            break;
        }
        last = directory.find_last_sequence().await?;
    }
    Ok(last)
}

/// A database that was restored from a backup begins its numbers again. Who was further must not wait for ever, nor go on in
/// the middle of other events.
async fn expect_in_log(directory: &dyn Directory, after: Sequence) -> Result<(), AppError> {
    if after <= directory.find_last_sequence().await? {
        return Ok(());
    }
    Err(AppError::InvalidInput(
        "the cursor is beyond the end of the change log, because the database was restored from a backup; begin again with \
         a snapshot"
            .to_owned(),
    ))
}

struct Reader<'a> {
    directory: &'a dyn Directory,
    tenant: TenantId,
    query: &'a FeedQuery,
    place: FeedCursor,
}

impl Reader<'_> {
    /// What is there, and whether there is more.
    async fn read(&mut self) -> Result<(Vec<Event>, bool), AppError> {
        let limit = self.query.limit.clamp(1, MOST_EVENTS);
        let mut events = Vec::new();
        for _ in 0..MOST_PORTIONS {
            let changes = self.directory.list_changes(self.place.after, PORTION).await?;
            let is_last = changes.len() < PORTION;
            for change in &changes {
                if !self.take(change, limit, &mut events) {
                    return Ok((events, true));
                }
            }
            if is_last {
                return Ok((events, false));
            }
        }
        Ok((events, true))
    }

    /// `false`: the page is full, and the entry was not read to its end.
    fn take(&mut self, change: &Change, limit: usize, events: &mut Vec<Event>) -> bool {
        for event in events_of(self.tenant, change).into_iter().skip(self.place.skip as usize) {
            if events.len() >= limit {
                return false;
            }
            self.place.skip += 1;
            if self.wants(event.event_type.as_str()) {
                events.push(event);
            }
        }
        self.place = FeedCursor { after: change.sequence, skip: 0 };
        true
    }

    fn wants(&self, event_type: &str) -> bool {
        self.query.types.is_empty() || self.query.types.iter().any(|wanted| is_of_type(event_type, wanted))
    }
}

/// Between a half and one and a half of it, so that many who wait do not ask at the same moment.
fn at_random(app: &App, pause: Duration) -> Duration {
    let mut byte = [0];
    app.rng.fill(&mut byte);
    let [byte] = byte;
    pause / 2 + pause * u32::from(byte) / 256
}
