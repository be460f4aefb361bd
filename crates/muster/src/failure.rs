//! Why a command ends without success, and the one place that prints it.

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use muster_app::AppError;
use muster_app::export::ExportError;
use muster_app::load::LoadError;
use muster_config::ConfigError;
use muster_store::StoreError;
use muster_store_sql::transfer::TransferError;
use muster_store_sqlite::{BackupError, OpenError};
use muster_vault::KeyError;

/// What is wrong, where, and what to do; with what the errors below it say.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    causes: Vec<String>,
    code: u8,
}

impl Failure {
    /// Something failed: exit code 1.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), causes: Vec::new(), code: 1 }
    }

    /// The command was called or configured wrongly: exit code 2.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { code: 2, ..Self::new(message) }
    }

    pub(crate) fn because(self, source: impl Error + 'static) -> Self {
        Self { causes: causes(&source), ..self }
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }

    /// One line for the failure and one for each error below it.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("error: {}\n", self.message);
        for cause in &self.causes {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "  because: {cause}");
        }
        text
    }

    /// The same in one line, for a list of findings or a log.
    pub(crate) fn words(&self) -> String {
        let words = std::iter::once(&self.message).chain(&self.causes);
        words.map(String::as_str).collect::<Vec<_>>().join(": ")
    }

    pub(crate) fn print(&self) {
        // There is nobody left to tell when standard error is closed.
        let _ = std::io::stderr().write_all(self.text().as_bytes());
    }

    /// The error's own words, and its sources below them.
    fn from_error(error: &(dyn Error + 'static), code: u8) -> Self {
        let mut said = causes(error).into_iter();
        Self { message: said.next().unwrap_or_default(), causes: said.collect(), code }
    }
}

/// What an error and its sources say, each once: some errors repeat their source's words.
pub(crate) fn causes(error: &(dyn Error + 'static)) -> Vec<String> {
    let mut said: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let words = error.to_string();
        if said.last() != Some(&words) {
            said.push(words);
        }
        next = error.source();
    }
    said
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::from_error(&error, 2)
    }
}

macro_rules! fails_with_one {
    ($($error:ty),*) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::from_error(&error, 1)
            }
        })*
    };
}

fails_with_one!(
    AppError,
    BackupError,
    ExportError,
    KeyError,
    LoadError,
    OpenError,
    StoreError,
    TransferError,
    muster_store_postgres::OpenError
);
fails_with_one!(muster_store_postgres::distribution::DistributionError);
fails_with_one!(muster_app::secrets::VaultError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_of_sources_is_printed_line_by_line_without_repetition() {
        let inner = std::io::Error::other("the disk is full");
        let error = KeyError::Unwritable { path: "/srv/vault.key".into(), source: inner };
        let text = Failure::from(error).text();
        assert!(text.starts_with("error: cannot write the vault key /srv/vault.key"), "{text}");
        assert!(text.ends_with("\n  because: the disk is full\n"), "{text}");
        let failure = Failure::usage("a").because(std::io::Error::other("b"));
        assert_eq!((failure.text().as_str(), failure.words().as_str()), ("error: a\n  because: b\n", "a: b"));
    }
}
