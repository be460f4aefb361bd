//! `cargo xtask requirements`: which requirement of the texts is shown by which test, and whether that test passes.

#[cfg(test)]
mod ambiguities;
mod checklist;
mod claims;
mod results;

use std::collections::BTreeMap;

use clap::Args;
use serde::Serialize;

use crate::checkout;
use crate::failure::{Explain, Failure, Outcome};
use checklist::Checklist;
use claims::Claim;

/// Runs the tests that claim a requirement and prints row, test and result. Fails when a row has neither a passing test
/// nor a reason in docs/requirements/deviations.toml.
///
/// Example: cargo xtask requirements --open
#[derive(Args)]
pub(crate) struct Arguments {
    /// Prints only the rows that are open or fail.
    #[arg(long)]
    open: bool,
    /// Prints one JSON document.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "snake_case")]
enum State {
    Passes,
    Deviates,
    Fails,
    Open,
}

#[derive(Serialize)]
struct Answer {
    row: String,
    level: String,
    state: State,
    tests: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

pub(crate) fn requirements(arguments: &Arguments) -> Outcome<()> {
    let root = checkout::root();
    let checklist = Checklist::read(&root)?;
    let claims = claims::find(&root)?;
    if let Some(stray) = claims.iter().find(|claim| !checklist.has(&claim.row)) {
        return Err(Failure::new(format!(
            "{}: \"{}\" is no row of docs/requirements/rows.tsv",
            stray.place, stray.row
        )));
    }
    let passed = results::run(&claims)?;
    let answers = answers(&checklist, &claims, &passed);
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&answers).explain(|| "could not write JSON".to_owned())?);
    } else {
        show(&answers, arguments.open);
    }
    let unanswered = answers.iter().filter(|answer| matches!(answer.state, State::Open | State::Fails)).count();
    if unanswered == 0 { Ok(()) } else { Err(Failure::new(format!("{unanswered} rows are open or fail"))) }
}

fn answers(checklist: &Checklist, claims: &[Claim], passed: &BTreeMap<String, bool>) -> Vec<Answer> {
    let answer = |(row, level): &(String, String)| {
        let tests: Vec<&Claim> = claims.iter().filter(|claim| claim.row == *row).collect();
        let reason = checklist.deviation(row).map(ToOwned::to_owned);
        let fails = tests.iter().any(|claim| passed.get(&claim.test) != Some(&true));
        let state = match (&reason, tests.is_empty(), fails) {
            (_, false, true) => State::Fails,
            (Some(_), _, _) => State::Deviates,
            (None, false, false) => State::Passes,
            (None, true, _) => State::Open,
        };
        let tests = tests.iter().map(|claim| claim.test.clone()).collect();
        Answer { row: row.clone(), level: level.clone(), state, tests, reason }
    };
    checklist.rows().iter().map(answer).collect()
}

fn show(answers: &[Answer], only_open: bool) {
    let mut counts: BTreeMap<State, usize> = BTreeMap::new();
    for answer in answers {
        *counts.entry(answer.state).or_default() += 1;
        let (word, what) = match answer.state {
            State::Passes => ("passes", answer.tests.join(", ")),
            State::Deviates => ("deviates", answer.reason.clone().unwrap_or_default()),
            State::Fails => ("FAILS", answer.tests.join(", ")),
            State::Open => ("OPEN", String::new()),
        };
        if !only_open || matches!(answer.state, State::Open | State::Fails) {
            println!("{:<20} {:<10} {word:<8} {what}", answer.row, answer.level);
        }
    }
    let count = |state| counts.get(&state).copied().unwrap_or(0);
    println!(
        "\n{} rows: {} shown by a test that passes, {} deviations with a reason, {} failing, {} open",
        answers.len(),
        count(State::Passes),
        count(State::Deviates),
        count(State::Fails),
        count(State::Open),
    );
}
