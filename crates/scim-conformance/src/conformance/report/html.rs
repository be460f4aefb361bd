//! The report as one HTML file: no script, nothing loaded from anywhere.

use std::fmt::Write as _;

use super::super::area::Area;
use super::super::finding::{Finding, Severity};
use super::{Header, Report, chart};
use crate::wire::{Exchange, RecordedMessage};

const STYLE: &str = include_str!("report.css");

/// Text as it may stand in HTML, in attributes too.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

pub(super) fn render(report: &Report, header: &Header) -> String {
    let target = escaped(&header.target);
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>SCIM conformance of {target}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <header>\n<h1>SCIM conformance</h1>\n<p class=\"target\">{target}</p>\n<p class=\"facts\">SCIM {} · profile {} · \
         {} checks · {} requests · {} · {}</p>\n</header>\n",
        report.version,
        report.profile,
        report.findings.len(),
        report.requests,
        escaped(&header.date),
        escaped(&header.program)
    );
    verdict(&mut page, report);
    let _ = write!(page, "<h2>By area</h2>\n<div class=\"chart\">\n{}</div>\n", chart::render(report));
    for severity in Severity::ALL {
        let findings: Vec<&Finding> = report.of(severity).collect();
        if !findings.is_empty() {
            section(&mut page, severity, &findings);
        }
    }
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

fn verdict(page: &mut String, report: &Report) {
    page.push_str("<ul class=\"counts\">\n");
    for severity in Severity::ALL {
        let count = report.count(severity);
        let _ = writeln!(
            page,
            "<li class=\"{}{}\"><strong>{count}</strong> {}</li>",
            severity.word(),
            if count == 0 { " none" } else { "" },
            counted(severity, count)
        );
    }
    page.push_str("</ul>\n");
    if let Some(reason) = &report.aborted {
        let reason = escaped(reason);
        let _ = writeln!(
            page,
            "<p class=\"aborted\">The run stopped before its end: {reason}. What follows is not all.</p>"
        );
    }
}

fn counted(severity: Severity, count: usize) -> &'static str {
    match (severity, count) {
        (Severity::Error, 1) => "error",
        (Severity::Error, _) => "errors",
        (Severity::Warning, 1) => "warning",
        (Severity::Warning, _) => "warnings",
        (Severity::Note, 1) => "note",
        (Severity::Note, _) => "notes",
        (Severity::Skipped, _) => "skipped",
        (Severity::Passed, _) => "passed",
    }
}

const fn heading(severity: Severity) -> (&'static str, &'static str) {
    match severity {
        Severity::Error => ("Errors", "The text says MUST, or the chosen identity provider would fail."),
        Severity::Warning => ("Warnings", "The text says SHOULD, or many clients would stumble."),
        Severity::Note => ("Notes", "Allowed, and good to know."),
        Severity::Skipped => ("Skipped", "Not looked at, and why."),
        Severity::Passed => ("Passed", "As it should be."),
    }
}

fn section(page: &mut String, severity: Severity, findings: &[&Finding]) {
    let (title, meaning) = heading(severity);
    let _ = writeln!(page, "<h2 class=\"{}\">{title} <small>{meaning}</small></h2>", severity.word());
    for area in Area::ALL {
        let of_area: Vec<&&Finding> = findings.iter().filter(|finding| finding.area == *area).collect();
        if of_area.is_empty() {
            continue;
        }
        let _ = writeln!(page, "<h3>{}</h3>", escaped(area.title()));
        for finding in of_area {
            one(page, finding);
        }
    }
}

fn one(page: &mut String, finding: &Finding) {
    let _ = write!(
        page,
        "<details class=\"finding {}\" id=\"{}\">\n<summary><span class=\"expected\">{}</span> <code>{}</code>{}</summary>\n",
        finding.severity.word(),
        escaped(&finding.id),
        escaped(&finding.expected),
        escaped(&finding.id),
        match finding.found.as_str() {
            "" => String::new(),
            found => format!("<span class=\"found\">{}</span>", escaped(found)),
        }
    );
    let _ = write!(page, "<dl>\n<dt>Text</dt><dd>{}</dd>\n", escaped(&finding.section));
    if !matches!(finding.severity, Severity::Passed | Severity::Skipped) {
        let _ = writeln!(page, "<dt>What to do</dt><dd>{}</dd>", escaped(&finding.remedy));
    }
    page.push_str("</dl>\n");
    let last = finding.exchanges.len().saturating_sub(1);
    for (position, exchange) in finding.exchanges.iter().enumerate() {
        exchanged(page, exchange, position == last);
    }
    page.push_str("</details>\n");
}

fn exchanged(page: &mut String, exchange: &Exchange, is_decisive: bool) {
    let status = exchange.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    let _ = write!(
        page,
        "<details class=\"exchange\"{}>\n<summary><code>{}</code> <b>{status}</b> <small>{} ms</small></summary>\n",
        if is_decisive { " open" } else { "" },
        escaped(&exchange.request_line),
        exchange.milliseconds
    );
    message(page, "Request", &exchange.request);
    message(page, "Answer", &exchange.response);
    page.push_str("</details>\n");
}

fn message(page: &mut String, title: &str, message: &RecordedMessage) {
    let mut text = String::new();
    for (name, value) in &message.headers {
        let _ = writeln!(text, "{name}: {value}");
    }
    if let Some(body) = &message.body {
        let _ = write!(text, "\n{body}");
    }
    let _ = write!(page, "<h4>{title}</h4>\n<pre>{}</pre>\n", escaped(text.trim_end()));
}

#[cfg(test)]
mod tests {
    use super::super::super::profile::Profile;
    use super::*;
    use crate::version::ScimVersion;

    fn report() -> Report {
        let finding = |severity, found: &str| Finding {
            id: "patch.x".to_owned(),
            area: Area::Patch,
            severity,
            section: "RFC 7644 section 3.5.2".to_owned(),
            expected: "a < b".to_owned(),
            found: found.to_owned(),
            remedy: "mend it".to_owned(),
            exchanges: Vec::new(),
        };
        Report {
            version: ScimVersion::V2_0,
            profile: Profile::Generic,
            findings: vec![finding(Severity::Error, "<script>"), finding(Severity::Passed, "")],
            aborted: None,
            requests: 2,
        }
    }

    #[test]
    fn what_a_server_said_cannot_become_markup_and_nothing_is_loaded() {
        let header = Header { target: "https://x/\"><b>".to_owned(), date: String::new(), program: String::new() };
        let page = report().html(&header);
        assert!(!page.contains("<script") && page.contains("&lt;script&gt;"));
        assert!(!page.contains("\"><b>"));
        assert!(!page.contains("src=") && !page.contains("href=") && !page.contains("@import"));
        assert!(page.contains("mend it"));
    }

    #[test]
    fn a_report_with_an_error_is_not_clean_and_an_unfinished_one_is_not_either() {
        let mut report = report();
        assert!(!report.is_clean());
        report.findings.remove(0);
        assert!(report.is_clean());
        report.aborted = Some("interrupted".to_owned());
        assert!(!report.is_clean());
    }
}
