//! What a load has done, for people and programs.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use muster_app::load::LoadReport;
use serde_json::json;

use crate::failure::Failure;
use crate::output;

/// As many bad lines are shown to people.
const MOST_SHOWN: usize = 20;

pub(super) fn print(report: &LoadReport, time: Duration, rejected: Option<&Path>, json: bool) -> Result<(), Failure> {
    if json {
        return output::print_json(&as_json(report, time));
    }
    for bad in report.bad_lines.iter().take(MOST_SHOWN) {
        output::note(&format!("line {}: {}", bad.line, bad.problem));
    }
    let hidden = report.counts.bad.saturating_sub(MOST_SHOWN as u64);
    if hidden > 0 {
        output::note(&format!("and {hidden} more bad lines"));
    }
    output::print(&as_text(report, time, rejected))
}

fn as_json(report: &LoadReport, time: Duration) -> serde_json::Value {
    let counts = &report.counts;
    let bad = report.bad_lines.iter().map(|bad| json!({ "line": bad.line, "problem": bad.problem }));
    json!({
        "complete": report.is_complete,
        "lines": counts.lines,
        "created": counts.created,
        "already_there": counts.already_there,
        "completed": counts.completed,
        "bad": counts.bad,
        "bad_lines": bad.collect::<Vec<_>>(),
        "pending_members": counts.pending_members,
        "unknown_managers": counts.unknown_managers,
        "seconds": time.as_secs_f64(),
    })
}

fn as_text(report: &LoadReport, time: Duration, rejected: Option<&Path>) -> String {
    let counts = &report.counts;
    let mut text = format!("{} created in {:.1} s.", counts.created, time.as_secs_f64());
    let told = [
        (counts.already_there, "were there already and were left as they are."),
        (counts.completed, "got members or a manager who came later in the file."),
        (counts.pending_members, "named members are unknown and wait as pending, as the profile says."),
        (counts.unknown_managers, "managers are unknown; their \"value\" stays as it was sent."),
        (counts.bad, "bad lines."),
    ];
    for (count, words) in told {
        if count > 0 {
            // Writing to a String cannot fail.
            let _ = write!(text, "\n{count} {words}");
        }
    }
    if counts.bad > 0
        && let Some(file) = rejected
    {
        let _ = write!(text, " They are in {}.", file.display());
    }
    if !report.is_complete {
        text.push_str(
            "\nThe load ended at the bad line; nothing was made of the lines that would have been committed with it. Mend it \
             and start the\nload again: what is there already is passed over. --skip-bad-lines goes on without bad lines.",
        );
    }
    text
}
