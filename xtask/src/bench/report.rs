//! What was measured, as text, as JSON and as a page with a plot.

use std::fmt;

use serde_json::{Value, json};

use super::plot::{self, Row};
use super::sections;
use super::statistics::Times;
use crate::checkout;
use crate::failure::Outcome;
use crate::wording;

/// A group ten thousand times as large may make a single addition this much slower.
const GOAL: f64 = 1.5;
const PLOT: &str = "docs/benchmarks/membership.svg";

pub(super) struct Measured {
    pub(super) members: usize,
    pub(super) times: Times,
}

/// Smallest group first.
pub(super) struct Report {
    pub(super) measured: Vec<Measured>,
}

impl Report {
    /// The median of the largest group over that of the smallest.
    fn ratio(&self) -> f64 {
        let median = |one: Option<&Measured>| one.map_or(0.0, |one| one.times.median_micros());
        let smallest = median(self.measured.first());
        if smallest > 0.0 { median(self.measured.last()) / smallest } else { 0.0 }
    }

    fn verdict(&self) -> &'static str {
        if self.ratio() <= GOAL { "reached" } else { "missed" }
    }

    pub(super) fn json(&self) -> Value {
        let groups: Vec<Value> = self
            .measured
            .iter()
            .map(|one| {
                json!({
                    "members": one.members,
                    "rounds": one.times.count(),
                    "median_us": one.times.median_micros().round(),
                    "p95_us": one.times.percentile_micros(95).round(),
                })
            })
            .collect();
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        json!({"groups": groups, "ratio": round_to_hundredths(self.ratio()), "goal": GOAL, "verdict": self.verdict(), "cores": cores})
    }

    pub(super) fn write_json(&self) -> Outcome<()> {
        let path = checkout::work_folder().join("bench").join("membership.json");
        checkout::write_file(&path, &format!("{:#}\n", self.json()))
    }

    /// Replaces the section of the page, or begins the page.
    pub(super) fn write_docs(&self) -> Outcome<()> {
        let rows: Vec<Row> = self
            .measured
            .iter()
            .map(|one| Row { label: format!("{} members", wording::count(one.members)), times: one.times.clone() })
            .collect();
        let root = checkout::root();
        checkout::write_file(&root.join(PLOT), &plot::draw("PATCH that adds one member", &rows))?;
        sections::replace("membership", &self.section())
    }

    fn section(&self) -> String {
        let row = |one: &Measured| {
            format!(
                "| {} | {:.0} µs | {:.0} µs | {} |\n",
                wording::count(one.members),
                one.times.median_micros(),
                one.times.percentile_micros(95),
                one.times.count()
            )
        };
        let rows = self.measured.iter().map(row).collect::<Vec<_>>().concat();
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        format!(
            "## Adding one member to a group\n\n\
             `PATCH` with one `add` on `members`, shipped build, SQLite with `synchronous=FULL`, one kept-alive \
             connection, {cores} cores; the groups take turns in one run.\n\n\
             | members in the group | median | p95 | rounds |\n|---:|---:|---:|---:|\n{rows}\n\
             The largest group's median is {:.2} times the smallest's (goal: at most {GOAL}).\n\n\
             ![Box plot of the times](benchmarks/membership.svg)\n\n\
             Repeat it with `cargo xtask bench membership`.\n",
            self.ratio()
        )
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{:>10} {:>12} {:>12} {:>8}", "members", "median", "p95", "rounds")?;
        for one in &self.measured {
            let (median, p95) = (one.times.median_micros(), one.times.percentile_micros(95));
            let members = wording::count(one.members);
            writeln!(formatter, "{members:>10} {median:>9.0} µs {p95:>9.0} µs {:>8}", one.times.count())?;
        }
        write!(formatter, "ratio of the medians: {:.2}; goal ≤ {GOAL}: {}", self.ratio(), self.verdict())
    }
}

fn round_to_hundredths(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn report(small: u64, large: u64) -> Report {
        let measured =
            |members, micros| Measured { members, times: Times::new(vec![Duration::from_micros(micros); 9]) };
        Report { measured: vec![measured(10, small), measured(100_000, large)] }
    }

    #[test]
    fn the_goal_is_reached_at_one_and_a_half_and_missed_above() {
        assert!(report(100, 150).to_string().ends_with("ratio of the medians: 1.50; goal ≤ 1.5: reached"));
        assert!(report(100, 160).to_string().ends_with("ratio of the medians: 1.60; goal ≤ 1.5: missed"));
        assert_eq!(report(100, 160).json()["verdict"], "missed");
    }
}
