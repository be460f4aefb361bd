//! A sign of life for steps that take longer than a person likes to wait without one.

use std::io::{IsTerminal, Write as _};
use std::time::{Duration, Instant};

use crate::output;

const FIRST_LINE_AFTER: Duration = Duration::from_secs(1);
const NEXT_LINE_AFTER: Duration = Duration::from_secs(5);

/// Waits for a step; says that it is still going on when it takes longer than a second. The lines go to standard error,
/// so that standard output stays what the command promises.
pub(crate) async fn announced<T>(step: &str, work: impl Future<Output = T>) -> T {
    let begun = Instant::now();
    let mut work = std::pin::pin!(work);
    let mut wait = FIRST_LINE_AFTER;
    loop {
        if let Ok(done) = tokio::time::timeout(wait, work.as_mut()).await {
            return done;
        }
        output::note(&format!("still {step} ({} s)", begun.elapsed().as_secs()));
        wait = NEXT_LINE_AFTER;
    }
}

/// How often a line that says how far a step is may change.
const BETWEEN_TICKS: Duration = Duration::from_millis(500);

/// One line on a terminal that says how far a step is; nothing where standard error is no terminal.
pub(crate) struct Ticker {
    is_terminal: bool,
    last: Option<Instant>,
}

impl Ticker {
    pub(crate) fn on_standard_error() -> Self {
        Self { is_terminal: std::io::stderr().is_terminal(), last: None }
    }

    /// Shows the text if it is time for a new one.
    pub(crate) fn tell(&mut self, text: impl FnOnce() -> String) {
        if self.is_terminal && self.last.is_none_or(|last| last.elapsed() >= BETWEEN_TICKS) {
            self.tell_now(&text());
        }
    }

    pub(crate) fn tell_now(&mut self, text: &str) {
        if self.is_terminal {
            self.last = Some(Instant::now());
            Self::write(text);
        }
    }

    /// Takes the line away, so that the answer stands alone.
    pub(crate) fn clear(&mut self) {
        if self.last.take().is_some() {
            Self::write("");
        }
    }

    fn write(text: &str) {
        // To the beginning of the line, and what stood there is wiped. Nobody is there to tell when that fails.
        let _ = write!(std::io::stderr(), "\r\u{1b}[K{text}");
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_step_is_waited_for_however_long_it_takes() {
        let step = async {
            tokio::time::sleep(FIRST_LINE_AFTER + Duration::from_millis(100)).await;
            7
        };
        assert_eq!(announced("testing", step).await, 7);
    }
}
