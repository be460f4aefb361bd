//! The system's clock and random source. Everything else takes them as parameters.

use jiff::Timestamp;
use muster_model::{Clock, Rng};

#[derive(Debug)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the Clock that everybody else is given")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// The cryptographic generator of aws-lc, seeded by the operating system.
#[derive(Debug)]
pub(crate) struct SystemRng;

impl Rng for SystemRng {
    fn fill(&self, bytes: &mut [u8]) {
        if aws_lc_rs::rand::fill(bytes).is_err() {
            // A token or key made without randomness would be worse than a server that is down.
            tracing::error!("the system gives no random numbers; Muster stops at once");
            std::process::abort();
        }
    }
}

/// A seed for whoever did not choose one.
pub(crate) fn random_number() -> u64 {
    let mut bytes = [0; 8];
    SystemRng.fill(&mut bytes);
    u64::from_le_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_bytes_are_not_the_same_twice() {
        let mut bytes = [[0_u8; 32]; 2];
        let [first, second] = &mut bytes;
        SystemRng.fill(first);
        SystemRng.fill(second);
        assert_ne!(first, second);
    }
}
