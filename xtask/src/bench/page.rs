//! The page for people: tables with goals, a picture, and how much it swings.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::dataset::Database;
use super::load::Figure;
use super::result::{Entry, Results};
use super::{cost_plot, sections};
use crate::checkout;
use crate::failure::{Explain, Outcome};
use crate::wording;

const PLOT: &str = "docs/benchmarks/costs.svg";
/// The last run that was committed, for the next one to be compared with.
const COMMITTED: &str = "docs/benchmarks/results.json";

/// Everything that one run measured.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Run {
    pub(super) costs: Results,
    pub(super) load: Vec<Figure>,
}

impl Run {
    fn committed() -> Option<Self> {
        let text = std::fs::read_to_string(checkout::root().join(COMMITTED)).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Says which costs differ from the last committed run by more than the noise, and how much all of them do.
    pub(super) fn compare(&self) {
        let Some(before) = Self::committed() else {
            eprintln!("there is no committed run to compare with");
            return;
        };
        let key = |entry: &Entry| (entry.operation.clone(), entry.database.shown(), entry.people);
        let earlier: BTreeMap<_, _> = before.costs.entries.iter().map(|entry| (key(entry), entry)).collect();
        let stolen = self.costs.stolen.max(before.costs.stolen);
        let mut changes = Vec::new();
        let mut differing = 0;
        for entry in &self.costs.entries {
            let Some(earlier) = earlier.get(&key(entry)) else { continue };
            let change = entry.times_hello / earlier.times_hello.max(f64::MIN_POSITIVE) - 1.0;
            changes.push(change.abs());
            if change.abs() > stated_noise(stolen) {
                differing += 1;
                eprintln!(
                    "{:<46} {:<10} {:>9}  {:+.0} % against the committed run ({:.1}, now {:.1})",
                    entry.operation,
                    entry.database.shown(),
                    wording::count(entry.people),
                    change * 100.0,
                    earlier.times_hello,
                    entry.times_hello
                );
            }
        }
        changes.sort_by(f64::total_cmp);
        eprintln!(
            "{differing} of {} costs differ from the committed run by more than the noise, {:.0} %; {} may",
            changes.len(),
            stated_noise(stolen) * 100.0,
            changes.len() / 100
        );
        if let (Some(half), Some(most), Some(all)) =
            (changes.get(changes.len() / 2), changes.get(changes.len() * 9 / 10), changes.last())
        {
            let [half, most, all] = [half, most, all].map(|change| change * 100.0);
            eprintln!("half of them differ by less than {half:.0} %, nine of ten by {most:.0} %, all by {all:.0} %");
        }
        if stolen > MUCH_STOLEN {
            eprintln!("one of the two runs had up to {:.0} % of its processor time given to others", stolen * 100.0);
        }
    }

    pub(super) fn write_json(&self) -> Outcome<()> {
        checkout::write_file(&checkout::work_folder().join("bench").join("results.json"), &self.json()?)
    }

    /// Replaces the sections of the page that this run measured, and keeps the run for the next.
    pub(super) fn write_docs(&self) -> Outcome<()> {
        checkout::write_file(&checkout::root().join(COMMITTED), &self.json()?)?;
        checkout::write_file(&checkout::root().join(PLOT), &cost_plot::draw(&self.costs.entries))?;
        sections::replace("costs", &self.costs_section())?;
        if self.load.is_empty() { Ok(()) } else { sections::replace("load", &self.load_section()) }
    }

    fn json(&self) -> Outcome<String> {
        let text = serde_json::to_string_pretty(self).explain(|| "the results are no JSON".to_owned())?;
        Ok(format!("{text}\n"))
    }

    fn costs_section(&self) -> String {
        let mut text = format!(
            "## What an operation costs\n\n\
             Processor time of the server's processes, PostgreSQL's included, per request over one kept-alive connection, as a \
             multiple of what a bare axum server needs to answer a word in the same moments. Of several \
             rounds the lower quartile counts, of both, because whatever else a shared machine does only adds; what \
             differs between two runs by less than {:.0} % is called noise, {:.0} % (for 99 costs of 100) where more than a tenth of a round's processor time was \
             given to others (in this run at most {:.0} %). People have about a kilobyte; SQLite runs with `synchronous=FULL`, \
             PostgreSQL with its flushes.\n\n![Costs of the operations](benchmarks/costs.svg)\n",
            NOISE * 100.0,
            NOISE_BESIDE_OTHERS * 100.0,
            self.costs.stolen * 100.0
        );
        for database in [Database::Sqlite, Database::Postgresql] {
            let entries: Vec<&Entry> = self.costs.entries.iter().filter(|entry| entry.database == database).collect();
            if entries.is_empty() {
                continue;
            }
            text.push_str(&table(database, &entries));
            text.extend(cursors(&entries));
        }
        text.push_str("\nRepeat it with `cargo xtask bench`; `cargo xtask bench costs --only POST` asks for less.\n");
        text
    }

    fn load_section(&self) -> String {
        format!(
            "## How much at once\n\nShares of what the machine and its disk do in the same moments.\n\n{}\n\
             Repeat it with `cargo xtask bench load`.\n",
            figures_table(&self.load)
        )
    }
}

/// Replaces the section about filling, starting and memory.
pub(super) fn write_scale(people: &str, figures: &[Figure]) -> Outcome<()> {
    let section = format!(
        "## A directory of {people} people\n\n{}\n![Resident memory over time](benchmarks/memory.svg)\n\n\
         Repeat it with `cargo xtask bench scale`.\n",
        figures_table(figures)
    );
    sections::replace("scale", &section)
}

fn figures_table(figures: &[Figure]) -> String {
    let mut text = "| | database | median | swings by | | goal |\n|---|---|---:|---:|---|---|\n".to_owned();
    for figure in figures {
        let _ = writeln!(
            text,
            "| {} | {} | {:.2} | {:.0} % | {} | {} |",
            figure.name,
            figure.database.shown(),
            figure.value.median,
            figure.value.noise() * 100.0,
            figure.beside,
            figure.verdict()
        );
    }
    text
}

/// What two runs on one machine may differ by,
const NOISE: f64 = 0.25;
/// and by how much when a round of one of them had more of its processors given to others than
const MUCH_STOLEN: f64 = 0.1;
const NOISE_BESIDE_OTHERS: f64 = 1.2;

fn stated_noise(stolen: f64) -> f64 {
    if stolen > MUCH_STOLEN { NOISE_BESIDE_OTHERS } else { NOISE }
}

/// What an operation may cost in the largest directory as a multiple of the smallest,
const FLAT: f64 = 1.4;
/// and the last page by cursor as a multiple of the first.
const FLAT_CURSOR: f64 = 1.2;

fn grown(times: f64, is_judged: bool) -> String {
    let verdict = match times <= FLAT {
        _ if !is_judged => "",
        true => " (≤ 1.4: reached)",
        false => " (≤ 1.4: missed)",
    };
    format!("{times:.2}{verdict}")
}

/// The cursor's last page beside its first, in the largest directory that has both.
fn cursors(entries: &[&Entry]) -> Option<String> {
    let of = |people: usize, name: &str| {
        let mut same = entries.iter().filter(|entry| entry.people == people && entry.operation.ends_with(name));
        same.next().map(|entry| entry.times_hello)
    };
    let people = entries.iter().map(|entry| entry.people).max()?;
    let times = of(people, "last cursor")? / of(people, "first cursor")?;
    let verdict = if times <= FLAT_CURSOR { "reached" } else { "missed" };
    let people = wording::count(people);
    Some(format!(
        "\nOf {people} people, the last page by cursor costs {times:.2} times the first (goal: at most {FLAT_CURSOR}: {verdict}).\n"
    ))
}

fn table(database: Database, entries: &[&Entry]) -> String {
    let mut sizes: Vec<usize> = entries.iter().map(|entry| entry.people).collect();
    sizes.sort_unstable();
    sizes.dedup();
    let mut operations: Vec<&str> = Vec::new();
    for entry in entries {
        if !operations.contains(&entry.operation.as_str()) {
            operations.push(&entry.operation);
        }
    }
    let mut text = format!("\n### {}\n\n| operation |", database.shown());
    for size in &sizes {
        let _ = write!(text, " {} |", wording::count(*size));
    }
    text.push_str(" flat | goal |\n|---|");
    text.push_str(&"---:|".repeat(sizes.len()));
    text.push_str("---:|---|\n");
    for operation in operations {
        let of = |size: &usize| entries.iter().find(|entry| entry.operation == operation && entry.people == *size);
        let _ = write!(text, "| {operation} |");
        for size in &sizes {
            let cell = of(size).map(|entry| format!(" {:.1}×", entry.times_hello)).unwrap_or_default();
            let _ = write!(text, "{cell} |");
        }
        let ratios: Vec<f64> = sizes.iter().filter_map(of).map(|entry| entry.times_hello).collect();
        // Only what has a goal for its cost has one for its growth.
        let is_judged = entries.iter().any(|entry| entry.operation == operation && entry.goal.is_some());
        let flat = match ratios.as_slice() {
            [first, .., last] if *first > 0.0 => grown(last / first, is_judged),
            _ => String::new(),
        };
        // The goals are for ten thousand people, as the peers were measured.
        let judged = of(&10_000).or_else(|| sizes.last().and_then(of));
        let goal = judged.and_then(|entry| entry.goal.map(|goal| format!("≤ {goal:.0}×: {}", entry.verdict())));
        let _ = writeln!(text, " {flat} | {} |", goal.unwrap_or_default());
    }
    text
}
