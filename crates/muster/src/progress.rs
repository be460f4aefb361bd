//! A sign of life for steps that take longer than a person likes to wait without one.

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
