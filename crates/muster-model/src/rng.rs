//! Randomness comes in as a parameter, so that tests can be repeated.

/// A source of random bytes. The binary's is the operating system's cryptographic generator; nothing weaker may make
/// ids or tokens outside tests.
pub trait Rng: Send + Sync {
    fn fill(&self, bytes: &mut [u8]);
}
