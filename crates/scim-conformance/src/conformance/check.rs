//! One question to the server.

use super::announced::Feature;
use super::area::Area;
use super::finding::Severity;
use super::session::Session;
use super::verdict::Verdict;
use crate::version::ScimVersion;

type Question = Box<dyn Fn(&mut Session<'_>) -> Verdict>;

/// One question, what the answer should be, and what to do when it is not.
pub(crate) struct Check {
    pub(crate) id: String,
    pub(crate) area: Area,
    /// What a wrong answer is.
    pub(crate) severity: Severity,
    pub(crate) section: String,
    pub(crate) expected: String,
    pub(crate) remedy: String,
    pub(crate) needs: Vec<Feature>,
    pub(crate) version: ScimVersion,
    pub(crate) question: Question,
}

impl Check {
    /// A check of SCIM 2.0 whose wrong answer is an error.
    pub(crate) fn new(
        area: Area,
        name: &str,
        section: &str,
        expected: &str,
        remedy: &str,
        question: impl Fn(&mut Session<'_>) -> Verdict + 'static,
    ) -> Self {
        Self {
            id: format!("{area}.{name}"),
            area,
            severity: Severity::Error,
            section: section.to_owned(),
            expected: expected.to_owned(),
            remedy: remedy.to_owned(),
            needs: Vec::new(),
            version: ScimVersion::V2_0,
            question: Box::new(question),
        }
    }

    /// A wrong answer is a warning only.
    pub(crate) fn warning(self) -> Self {
        Self { severity: Severity::Warning, ..self }
    }

    /// A wrong answer is worth knowing only.
    pub(crate) fn note(self) -> Self {
        Self { severity: Severity::Note, ..self }
    }

    /// Skipped unless the server announces the feature.
    pub(crate) fn needs(mut self, feature: Feature) -> Self {
        self.needs.push(feature);
        self
    }

    /// A check of SCIM 1.1.
    pub(crate) fn of_v1(self) -> Self {
        Self { id: self.id.replacen('.', ".v1-", 1), version: ScimVersion::V1_1, ..self }
    }

    /// Whether one of the words names it: its area, its id, or the beginning of its id.
    pub(crate) fn is_named_by(&self, words: &[String]) -> bool {
        words.is_empty() || words.iter().any(|word| self.area.tag() == word || self.id.starts_with(word.as_str()))
    }
}
