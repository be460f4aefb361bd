//! What a call changed, found in the change log. The log is in the order of its numbers and very nearly in that of time, so the
//! place is found by halving, and no index has to be kept for it (docs/adr/0027).

use std::time::Duration;

use jiff::Timestamp;
use muster_model::{Change, RequestEntry, Sequence};
use muster_store::Directory;

use crate::AppError;

/// By how much entries of the log may be out of the order of time: requests that took long, and clocks that differ.
const DISORDER: Duration = Duration::from_secs(5);
const PORTION: usize = 1_000;
/// More entries are not looked at, however busy the tenant was in that minute.
const MOST_LOOKED_AT: usize = 50_000;

/// In the order of the log. Who is known by nothing but the moment and the connection may share it with another call of that
/// connection in the same microsecond.
pub(super) async fn of(directory: &dyn Directory, entry: &RequestEntry) -> Result<Vec<Change>, AppError> {
    let (Some(first), Some(last)) = (entry.changed_at.iter().min(), entry.changed_at.iter().max()) else {
        return Ok(Vec::new());
    };
    let mut after = last_before(directory, *first - DISORDER).await?;
    let mut found = Vec::new();
    for _ in 0..MOST_LOOKED_AT / PORTION {
        let portion = directory.list_changes(after, PORTION).await?;
        let Some(newest) = portion.last() else { break };
        after = newest.sequence;
        let is_over = newest.at > *last + DISORDER;
        found.extend(
            portion
                .into_iter()
                .filter(|change| change.connection == Some(entry.connection) && entry.changed_at.contains(&change.at)),
        );
        if is_over {
            break;
        }
    }
    Ok(found)
}

/// The place in the log behind which entries are of that moment or later.
async fn last_before(directory: &dyn Directory, at: Timestamp) -> Result<Sequence, AppError> {
    let is_earlier = async |after: u64| -> Result<bool, AppError> {
        let next = directory.list_changes(Sequence(after), 1).await?;
        Ok(next.first().is_some_and(|change| change.at < at))
    };
    let (mut low, mut high) = (0, 1);
    while is_earlier(high).await? {
        low = high;
        high *= 2;
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if is_earlier(middle).await? { low = middle } else { high = middle }
    }
    Ok(Sequence(low))
}
