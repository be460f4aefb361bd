//! The table at the end, and the last line that a machine reads.

use std::time::Duration;

use super::steps::{Ending, Step};
use crate::wording;

pub(super) struct Record {
    pub(super) step: Step,
    pub(super) ending: Ending,
    pub(super) took: Duration,
}

pub(super) fn verdict(ending: &Ending) -> String {
    match ending {
        Ending::Passed => "passed".to_owned(),
        Ending::Failed(reason) => format!("failed: {reason}"),
        Ending::LeftOut(reason) => format!("skipped: {reason}"),
    }
}

pub(super) fn table(records: &[Record]) -> String {
    let total: Duration = records.iter().map(|record| record.took).sum();
    let row = |name: &str, took: Duration, words: &str| {
        format!("{name:<14} {:>12}  {words}", wording::elapsed(took)).trim_end().to_owned()
    };
    let mut rows = vec![String::new()];
    for record in records {
        // A reason of several lines was shown in full where the step ended.
        let verdict = verdict(&record.ending);
        rows.push(row(record.step.name(), record.took, verdict.lines().next().unwrap_or_default()));
    }
    rows.push(row("all", total, ""));
    rows.join("\n")
}

/// `N passed, N failed`; continuous integration reads it.
pub(super) fn last_line(records: &[Record]) -> String {
    let count = |wanted: fn(&Ending) -> bool| records.iter().filter(|record| wanted(&record.ending)).count();
    let passed = count(|ending| matches!(ending, Ending::Passed));
    let failed = count(|ending| matches!(ending, Ending::Failed(_)));
    format!("{passed} passed, {failed} failed")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records() -> Vec<Record> {
        let record = |step, ending| Record { step, ending, took: Duration::from_secs(30) };
        vec![
            record(Step::Format, Ending::Passed),
            record(Step::Licences, Ending::LeftOut("not installed".to_owned())),
            record(Step::Lints, Ending::Failed("`cargo clippy` ended badly\nwith much to say".to_owned())),
        ]
    }

    #[test]
    fn a_step_that_was_left_out_counts_neither_way() {
        assert_eq!(last_line(&records()), "1 passed, 1 failed");
    }

    #[test]
    fn the_table_has_one_line_for_each_step_and_one_for_all() {
        let table = table(&records());
        assert_eq!(table.trim().lines().count(), 4);
        assert!(table.contains("skipped: not installed"));
        assert!(!table.contains("much to say"));
        assert!(table.trim_end().ends_with("1 min 30 s"));
    }
}
