//! What came of a simulated life.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Value, json};

use super::provider::Provider;
use super::statistics::Timing;
use crate::wire::Exchange;

/// Something was not as the identity provider expects.
#[derive(Debug, Clone, Serialize)]
pub struct Complaint {
    /// In which part of the life.
    pub phase: String,
    /// What was attempted.
    pub what: String,
    /// What was found, and what was expected.
    pub found: String,
    /// What was said; left out where many complaints came.
    pub exchange: Option<Exchange>,
}

/// What came of a simulated life.
#[derive(Debug, Serialize)]
pub struct Outcome {
    /// Who was played.
    pub provider: Provider,
    /// The seed that repeats it.
    pub seed: u64,
    /// Requests sent.
    pub requests: u64,
    /// How often the server asked to wait (429), and was waited for.
    pub pauses: u64,
    /// People on the server at the end.
    pub people: usize,
    /// Groups on the server at the end.
    pub groups: usize,
    /// Memberships at the end.
    pub memberships: usize,
    /// How often something was not as expected.
    pub complaints: usize,
    /// The first of them.
    pub first_complaints: Vec<Complaint>,
    /// Durations by kind of request.
    pub timings: Vec<Timing>,
    /// Why it ended before its end.
    pub aborted: Option<String>,
}

impl Outcome {
    /// Whether everything was as the identity provider expects.
    pub fn is_clean(&self) -> bool {
        self.complaints == 0 && self.aborted.is_none()
    }

    /// For machines.
    pub fn json(&self) -> Value {
        json!(self)
    }

    /// For a terminal.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for complaint in &self.first_complaints {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "WRONG ({}) {}\n  {}", complaint.phase, complaint.what, complaint.found);
            if let Some(exchange) = &complaint.exchange {
                let _ = writeln!(text, "  {}", exchange.request_line);
                for (title, body) in [("sent", &exchange.request.body), ("got", &exchange.response.body)] {
                    if let Some(body) = body {
                        let _ = writeln!(text, "  {title}: {}", one_line(body));
                    }
                }
            }
            text.push('\n');
        }
        let _ = writeln!(text, "{:<24}{:>8}{:>10}{:>10}{:>10}", "REQUEST", "COUNT", "P50 MS", "P95 MS", "MAX MS");
        for timing in &self.timings {
            let _ = writeln!(
                text,
                "{:<24}{:>8}{:>10.1}{:>10.1}{:>10.1}",
                timing.what, timing.count, timing.p50_ms, timing.p95_ms, timing.max_ms
            );
        }
        let _ = writeln!(
            text,
            "\n{}: {} people, {} groups and {} memberships at the end; {} requests; seed {}",
            self.provider, self.people, self.groups, self.memberships, self.requests, self.seed
        );
        if self.pauses > 0 {
            let _ = writeln!(text, "The server asked {} times to wait.", self.pauses);
        }
        match (&self.aborted, self.complaints) {
            (Some(reason), _) => {
                let _ = writeln!(text, "It stopped before its end: {reason}.");
            }
            (None, 0) => text.push_str("Everything was as expected.\n"),
            (None, count) => {
                let _ = writeln!(text, "{count} answers were not as expected.");
            }
        }
        text
    }
}

fn one_line(body: &str) -> String {
    const SHOWN: usize = 600;
    let line = body.split_whitespace().collect::<Vec<_>>().join(" ");
    line.char_indices()
        .nth(SHOWN)
        .map_or_else(|| line.clone(), |(end, _)| format!("{}…", line.get(..end).unwrap_or_default()))
}
