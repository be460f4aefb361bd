//! What happens on one connection, so that one on which nothing happens can be told from a busy one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Shared by everything that belongs to one connection.
#[derive(Debug)]
pub(super) struct Activity {
    opened: Instant,
    /// Requests whose answer's head is not there yet.
    running: AtomicUsize,
    /// Milliseconds from the opening to the last sign of progress.
    last_progress: AtomicU64,
    has_asked: AtomicBool,
    speaks_http_2: AtomicBool,
}

/// A request that is being worked on; while one lives, the connection is not idle.
pub(super) struct Running(Arc<Activity>);

impl Activity {
    pub(super) fn begin() -> Arc<Self> {
        Arc::new(Self {
            opened: Instant::now(),
            running: AtomicUsize::new(0),
            last_progress: AtomicU64::new(0),
            has_asked: AtomicBool::new(false),
            speaks_http_2: AtomicBool::new(false),
        })
    }

    /// A request's head has come.
    pub(super) fn begin_request(self: &Arc<Self>, version: http::Version) -> Running {
        self.has_asked.store(true, Ordering::Relaxed);
        self.speaks_http_2.store(version == http::Version::HTTP_2, Ordering::Relaxed);
        self.running.fetch_add(1, Ordering::SeqCst);
        Running(Arc::clone(self))
    }

    /// A piece of an answer was taken.
    pub(super) fn advance(&self) {
        let now = u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last_progress.fetch_max(now, Ordering::SeqCst);
    }

    /// The peer took bytes. In HTTP/2 that proves nothing, because answers to pings are bytes too; there the pieces of
    /// answers are counted, which flow control lets through only when the peer asks for them.
    pub(super) fn advance_by_bytes(&self) {
        if !self.speaks_http_2.load(Ordering::Relaxed) {
            self.advance();
        }
    }

    pub(super) fn has_asked(&self) -> bool {
        self.has_asked.load(Ordering::Relaxed)
    }

    /// For how long nothing has happened; `None` while a request is being worked on.
    pub(super) fn idle_for(&self) -> Option<Duration> {
        if self.running.load(Ordering::SeqCst) > 0 {
            return None;
        }
        let last = Duration::from_millis(self.last_progress.load(Ordering::SeqCst));
        Some(self.opened.elapsed().saturating_sub(last))
    }

    pub(super) fn open_for(&self) -> Duration {
        self.opened.elapsed()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // In this order, so that nobody sees an idle connection with an old time in between.
        self.0.advance();
        self.0.running.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_running_request_is_never_idle_and_its_end_counts_as_progress() {
        let activity = Activity::begin();
        assert!(!activity.has_asked());
        let running = activity.begin_request(http::Version::HTTP_2);
        assert!(activity.has_asked());
        std::thread::sleep(Duration::from_millis(30));
        assert_eq!(activity.idle_for(), None);
        drop(running);
        assert!(activity.idle_for().unwrap() < Duration::from_millis(25));
    }

    #[test]
    fn bytes_count_for_http_1_only() {
        for (version, counts) in [(http::Version::HTTP_11, true), (http::Version::HTTP_2, false)] {
            let activity = Activity::begin();
            drop(activity.begin_request(version));
            std::thread::sleep(Duration::from_millis(40));
            activity.advance_by_bytes();
            assert_eq!(activity.idle_for().unwrap() < Duration::from_millis(30), counts, "{version:?}");
        }
    }
}
