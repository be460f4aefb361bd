//! What a check found.

use serde::{Deserialize, Serialize};

use super::area::Area;
use crate::wire::Exchange;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The text says MUST, or an identity provider that was chosen would fail.
    Error,
    /// The text says SHOULD, or many clients would stumble.
    Warning,
    /// Allowed, and good to know.
    Note,
    /// Not looked at, and why.
    Skipped,
    /// As it should be.
    Passed,
}

impl Severity {
    /// All of them, worst first.
    pub const ALL: [Self; 5] = [Self::Error, Self::Warning, Self::Note, Self::Skipped, Self::Passed];

    /// One word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
            Self::Skipped => "skipped",
            Self::Passed => "passed",
        }
    }
}

/// The outcome of one check.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// Stable, so that two reports can be compared: `patch.replace-single`.
    pub id: String,
    /// What it is about.
    pub area: Area,
    /// How bad it is.
    pub severity: Severity,
    /// The text it stands on.
    pub section: String,
    /// What should be.
    pub expected: String,
    /// What was found instead, or why it was skipped; empty when it passed.
    pub found: String,
    /// What to do about it.
    pub remedy: String,
    /// What was said; the last one is the decisive one.
    pub exchanges: Vec<Exchange>,
}
