//! All findings of a run.

mod chart;
mod html;
mod text;

use serde::Serialize;
use serde_json::{Value, json};

use super::area::Area;
use super::finding::{Finding, Severity};
use super::profile::Profile;
use crate::version::ScimVersion;

/// All findings of a run.
#[derive(Debug)]
pub struct Report {
    /// The version that was spoken.
    pub version: ScimVersion,
    /// From whose point of view the server was judged.
    pub profile: Profile,
    /// In the order of the checks.
    pub findings: Vec<Finding>,
    /// Why it ended before its end.
    pub aborted: Option<String>,
    /// How many requests were sent.
    pub requests: u64,
}

/// What stands at the head of a report, and what this crate cannot know.
#[derive(Debug, Clone, Serialize)]
pub struct Header {
    /// The address that was checked.
    pub target: String,
    /// The day.
    pub date: String,
    /// Name and version of the program.
    pub program: String,
}

impl Report {
    pub(super) fn of_nothing(version: ScimVersion, profile: Profile, reason: String) -> Self {
        Self { version, profile, findings: Vec::new(), aborted: Some(reason), requests: 1 }
    }

    /// Whether nothing is wrong and everything was looked at. Warnings are not wrong.
    pub fn is_clean(&self) -> bool {
        self.aborted.is_none() && self.count(Severity::Error) == 0
    }

    /// How many findings of that severity there are.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    fn of(&self, severity: Severity) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.severity == severity)
    }

    fn counts_of(&self, area: Area) -> [usize; 5] {
        Severity::ALL.map(|severity| self.of(severity).filter(|finding| finding.area == area).count())
    }

    /// For machines.
    pub fn json(&self, header: &Header) -> Value {
        let counts = Severity::ALL.map(|severity| (severity.word().to_owned(), Value::from(self.count(severity))));
        json!({
            "target": header.target,
            "date": header.date,
            "program": header.program,
            "scim_version": self.version.to_string(),
            "profile": self.profile,
            "requests": self.requests,
            "aborted": self.aborted,
            "counts": Value::Object(counts.into_iter().collect()),
            "findings": self.findings,
        })
    }

    /// For a terminal.
    pub fn text(&self, header: &Header) -> String {
        text::render(self, header)
    }

    /// One file that needs nothing else, for people far away.
    pub fn html(&self, header: &Header) -> String {
        html::render(self, header)
    }
}
