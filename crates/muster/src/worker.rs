//! The background work of this process: each task in a loop of its own, by turns that come at random distances, so that
//! many nodes do not ask at the same moment.

use std::sync::Arc;
use std::time::Duration;

use muster_app::App;
use muster_app::upkeep::{TASKS, Task, Turn, Turns};
use muster_app::webhooks::DeliverWebhooks;
use muster_model::NodeId;
use muster_store::StoreError;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::failure::causes;
use crate::system::{SystemClock, SystemRng, random_number};
use crate::telemetry::metrics::{UPKEEP_DONE, UPKEEP_TURNS};
use crate::webhooks;

/// Before the first turn, so that what waited for a server does not wait for a whole period more.
const LONGEST_FIRST_PAUSE: Duration = Duration::from_secs(5);
/// After a defect, so that the log does not fill up with it.
const PAUSE_AFTER_PANIC: Duration = Duration::from_mins(1);
/// A lease that cannot be given back runs out by itself.
const LONGEST_STOP: Duration = Duration::from_secs(5);

/// Works until it is stopped.
pub(crate) struct Worker {
    stopping: CancellationToken,
    loops: TaskTracker,
}

impl Worker {
    pub(crate) fn start(app: &Arc<App>, webhooks: Option<DeliverWebhooks>) -> Self {
        let worker = Self { stopping: CancellationToken::new(), loops: TaskTracker::new() };
        let node = NodeId::new(&SystemClock, &SystemRng);
        tracing::info!(node = %node, "background work has begun");
        for task in TASKS {
            worker.loops.spawn(keep_going(Arc::clone(app), task, node, worker.stopping.clone()));
        }
        if let Some(webhooks) = webhooks {
            worker.loops.spawn(keep_delivering(webhooks, node, worker.stopping.clone()));
        }
        worker.loops.close();
        worker
    }

    /// Ends between two steps of work, and gives back what is leased.
    pub(crate) async fn stop(self) {
        self.stopping.cancel();
        if tokio::time::timeout(LONGEST_STOP, self.loops.wait()).await.is_err() {
            tracing::warn!("background work did not end in time; its leases run out by themselves");
        }
    }
}

/// A defect in one task must not end it for good, nor the others.
async fn keep_going(app: Arc<App>, task: Task, node: NodeId, stopping: CancellationToken) {
    loop {
        let turns = tokio::spawn(take_turns(Arc::clone(&app), task, node, stopping.clone()));
        if turns.await.is_ok() {
            return;
        }
        tracing::error!(upkeep.task = task.name, "background work panicked; it goes on in a minute");
        tokio::select! {
            () = stopping.cancelled() => return,
            () = tokio::time::sleep(PAUSE_AFTER_PANIC) => {}
        }
    }
}

/// The same for webhooks, which have work of another kind: it waits for strangers.
async fn keep_delivering(webhooks: DeliverWebhooks, node: NodeId, stopping: CancellationToken) {
    loop {
        let turns = tokio::spawn(webhooks::deliver(webhooks.clone(), node, stopping.clone()));
        if turns.await.is_ok() {
            return;
        }
        tracing::error!("the delivery of webhooks panicked; it goes on in a minute");
        tokio::select! {
            () = stopping.cancelled() => return,
            () = tokio::time::sleep(PAUSE_AFTER_PANIC) => {}
        }
    }
}

async fn take_turns(app: Arc<App>, task: Task, node: NodeId, stopping: CancellationToken) {
    let mut turns = Turns::new(task, node);
    let mut pause = at_random(task.period.min(LONGEST_FIRST_PAUSE) / 2);
    let mut is_failing = false;
    loop {
        tokio::select! {
            biased;
            () = stopping.cancelled() => break,
            () = tokio::time::sleep(pause) => {}
        }
        pause = at_random(task.period);
        let had_lease = turns.has_lease();
        let turn = turns.take(&app, &|| stopping.is_cancelled()).await;
        tell_turn(task, &turn, is_failing);
        tell_holder(task, had_lease, turns.has_lease());
        is_failing = turn.is_err();
    }
    if let Err(error) = turns.give_back(&app).await {
        tracing::debug!(upkeep.task = task.name, causes = causes(&error).join(": "), "the lease was not given back");
    }
}

/// In the log stands what changes: whether the work can be done.
fn tell_turn(task: Task, turn: &Result<Turn, StoreError>, was_failing: bool) {
    let name = task.name;
    let outcome = match turn {
        Ok(Turn::NothingToDo) => "nothing_to_do",
        Ok(Turn::OfAnother) => "of_another",
        Ok(Turn::Done(_)) => "done",
        Ok(Turn::LeaseLost) => "lease_lost",
        Err(_) => "failed",
    };
    metrics::counter!(UPKEEP_TURNS, "task" => name, "outcome" => outcome).increment(1);
    if let Ok(Turn::Done(done)) = turn {
        metrics::counter!(UPKEEP_DONE, "task" => name).increment(*done);
    }
    match turn {
        Err(error) if !was_failing => {
            tracing::warn!(upkeep.task = name, causes = causes(error).join(": "), "background work failed; it goes on");
        }
        Ok(_) if was_failing => tracing::info!(upkeep.task = name, "background work goes on"),
        _ => {}
    }
}

fn tell_holder(task: Task, before: bool, now: bool) {
    let name = task.name;
    match (before, now) {
        (false, true) => tracing::info!(upkeep.task = name, "this node does the task from now on"),
        (true, false) => tracing::info!(upkeep.task = name, "another node does the task from now on"),
        _ => {}
    }
}

/// Between a half and one and a half of it.
pub(crate) fn at_random(period: Duration) -> Duration {
    const PARTS: u32 = 1_024;
    let part = u32::try_from(random_number() % u64::from(PARTS)).unwrap_or(0);
    period / 2 + period * part / PARTS
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::at_random;

    #[test]
    fn turns_come_at_random_distances_around_their_period() {
        let period = Duration::from_secs(2);
        let pauses: Vec<_> = (0..1_000).map(|_| at_random(period)).collect();
        assert!(pauses.iter().all(|pause| (period / 2..period * 3 / 2).contains(pause)));
        let (least, most) = (pauses.iter().min().unwrap(), pauses.iter().max().unwrap());
        assert!(*most > *least + period / 2, "{least:?} to {most:?}");
    }
}
