//! The workshop's one error: a sentence for the person at the terminal.

use std::fmt;

/// Says what did not work, in words that need no source code beside them.
#[derive(Debug)]
pub(crate) struct Failure(String);

/// What every command of the workshop returns.
pub(crate) type Outcome<T> = Result<T, Failure>;

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// A failure that was told in full already, so that nothing more needs to be printed.
    pub(crate) fn told() -> Self {
        Self(String::new())
    }

    pub(crate) fn is_told(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Puts what was attempted in front of the reason why it failed.
pub(crate) trait Explain<T> {
    fn explain(self, attempt: impl FnOnce() -> String) -> Outcome<T>;
}

impl<T, E: fmt::Display> Explain<T> for Result<T, E> {
    fn explain(self, attempt: impl FnOnce() -> String) -> Outcome<T> {
        self.map_err(|reason| Failure(format!("{}: {reason}", attempt())))
    }
}

impl<T> Explain<T> for Option<T> {
    fn explain(self, attempt: impl FnOnce() -> String) -> Outcome<T> {
        self.ok_or_else(|| Failure(attempt()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_attempt_stands_before_the_reason() {
        let parsed: Result<u8, _> = "x".parse::<u8>();
        let failure = parsed.explain(|| "could not read the port".to_owned()).unwrap_err();
        assert_eq!(failure.to_string(), "could not read the port: invalid digit found in string");
    }
}
