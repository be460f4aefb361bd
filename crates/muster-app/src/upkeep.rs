//! What is done in the background, by one node at a time (docs/adr/0021). Nothing here is urgent or missed when it comes
//! late: a task looks for itself what there is to do, and doing it twice is doing it once.

mod turns;

use std::time::Duration;

use jiff::Timestamp;
use muster_model::{Lease, TenantId};
use muster_store::{LeaseError, StoreError};

use crate::App;

use crate::webhooks::KEPT_FOR;

pub use turns::{Turn, Turns};

/// A piece of background work. Its name is also that of its lease, so it stays what it is from release to release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Task {
    pub name: &'static str,
    /// How long after a turn the next one comes, on average.
    pub period: Duration,
    job: Job,
}

/// Every task that there is.
pub const TASKS: [Task; 4] = [
    // Often, so that who reads the change log does not have to number a long backlog first.
    Task { name: "number-changes", period: Duration::from_secs(2), job: Job::NumberChanges },
    Task { name: "forget-guard-counts", period: Duration::from_mins(30), job: Job::ForgetGuardCounts },
    // Often, because a busy installation may write in a minute what a turn forgets.
    Task { name: "forget-requests", period: Duration::from_secs(5), job: Job::ForgetRequests },
    Task { name: "forget-webhook-deliveries", period: Duration::from_mins(30), job: Job::ForgetWebhookDeliveries },
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Job {
    NumberChanges,
    ForgetGuardCounts,
    ForgetRequests,
    ForgetWebhookDeliveries,
}

impl Task {
    /// How long a lease lasts without being renewed: as long as it takes to miss a few turns, and never so short that a
    /// busy database makes it change hands.
    fn term(&self) -> Duration {
        (self.period * 3).max(Duration::from_secs(10))
    }

    /// For whom there is something to do.
    async fn find_due(&self, app: &App, now: Timestamp) -> Result<Vec<TenantId>, StoreError> {
        let store = app.store.as_ref();
        match self.job {
            Job::NumberChanges => store.list_tenants_with_unnumbered_changes().await,
            Job::ForgetGuardCounts => store.list_tenants_with_past_guard_counts(now).await,
            Job::ForgetRequests => store.list_tenants_with_past_requests(now, app.requests.bounds()).await,
            Job::ForgetWebhookDeliveries => store.list_tenants_with_old_deliveries(long_ago(now)).await,
        }
    }

    /// One small step for one tenant; says how much was done, 0 when nothing is left.
    async fn step(&self, app: &App, now: Timestamp, tenant: TenantId, lease: &Lease) -> Result<u64, LeaseError> {
        let store = app.store.as_ref();
        match self.job {
            Job::NumberChanges => store.number_changes(tenant, lease).await,
            Job::ForgetGuardCounts => store.forget_past_guard_counts(tenant, now, lease).await,
            Job::ForgetRequests => store.forget_past_requests(tenant, now, app.requests.bounds(), lease).await,
            Job::ForgetWebhookDeliveries => store.forget_old_deliveries(tenant, long_ago(now), lease).await,
        }
    }
}

fn long_ago(now: Timestamp) -> Timestamp {
    now.saturating_sub(KEPT_FOR).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests;
