//! The report for a terminal.

use std::fmt::Write as _;

use super::super::area::Area;
use super::super::finding::Severity;
use super::{Header, Report};

/// Errors and warnings in full, notes in a line each, the rest as numbers.
pub(super) fn render(report: &Report, header: &Header) -> String {
    let mut text = format!(
        "{}\nSCIM {}, profile {}, {} requests\n\n",
        header.target, report.version, report.profile, report.requests
    );
    for severity in [Severity::Error, Severity::Warning] {
        for finding in report.of(severity) {
            // Writing to a String cannot fail.
            let _ = writeln!(
                text,
                "{} {}\n  expected: {} ({})\n  found:    {}\n  to do:    {}",
                severity.word().to_uppercase(),
                finding.id,
                finding.expected,
                finding.section,
                finding.found,
                finding.remedy
            );
            if let Some(last) = finding.exchanges.last() {
                let status = last.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
                let _ = writeln!(text, "  request:  {} -> {status}", last.request_line);
            }
            text.push('\n');
        }
    }
    for finding in report.of(Severity::Note) {
        let _ = writeln!(text, "note {}: {}", finding.id, finding.found);
    }
    let _ = writeln!(text, "\n{:<12}{}", "AREA", Severity::ALL.map(|one| format!("{:>9}", one.word())).concat());
    for area in Area::ALL {
        let counts = report.counts_of(*area);
        if counts.iter().sum::<usize>() > 0 {
            let _ = writeln!(text, "{:<12}{}", area.tag(), counts.map(|count| format!("{count:>9}")).concat());
        }
    }
    let all = Severity::ALL.map(|severity| format!("{:>9}", report.count(severity))).concat();
    let _ = writeln!(text, "{:<12}{all}", "all");
    if let Some(reason) = &report.aborted {
        let _ = writeln!(text, "\nThe run stopped before its end: {reason}.");
    }
    text
}
