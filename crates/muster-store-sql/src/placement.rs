//! Which threads answer a list: those for look-ups, which everybody waits for, or those for what may take long.

use muster_store::ResourceQuery;
use muster_store::query::PageStart;

use crate::Plan;

/// SQLite walks over every resource that a page passes over; up to that many, the walk takes a few milliseconds.
const DEEPEST_OFFSET: u64 = 10_000;

/// Whether the list costs little whatever the directory holds. Everything else goes to the scanning threads: what is
/// evaluated, sorted or counted over more than a few candidates, and pages deep inside.
pub fn is_look_up(query: &ResourceQuery, plan: &Plan) -> bool {
    let is_deep = matches!(query.start, PageStart::Offset(offset) if offset > DEEPEST_OFFSET);
    plan.is_few || (query.filter.is_none() && query.sort.is_none() && !is_deep)
}
