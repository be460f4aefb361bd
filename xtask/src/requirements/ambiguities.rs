//! docs/requirements/ambiguities.md names for each open point the tests that show it, and those tests name the point.

use std::collections::BTreeSet;

use crate::checkout;
use crate::command;

/// How many points there are; ids are never given twice, so the table only grows.
const POINTS: usize = 72;

/// Point and test, by the table.
fn in_the_table(text: &str) -> BTreeSet<(String, String)> {
    let mut pairs = BTreeSet::new();
    for line in text.lines().filter(|line| line.starts_with("| A-")) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        assert_eq!(cells.len(), 6, "{line}");
        assert!(cells.iter().all(|cell| !cell.is_empty()), "{line}");
        for test in cells[5].split(", ") {
            pairs.insert((cells[0].to_owned(), test.trim_matches('`').to_owned()));
        }
    }
    pairs
}

/// Point and test, by the doc comments of the tests.
fn in_the_tests(text: &str) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let mut waiting: Vec<String> = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(points) = line.strip_prefix("/// Ambiguities:") {
            waiting.extend(points.split(',').map(|point| point.trim().to_owned()));
        } else if let Some(test) = super::claims::function_name(line) {
            pairs.extend(waiting.drain(..).map(|point| (point, test.to_owned())));
        }
    }
    pairs
}

#[test]
fn every_open_point_has_a_row_and_its_tests() {
    let root = checkout::root();
    let table = in_the_table(&std::fs::read_to_string(root.join("docs/requirements/ambiguities.md")).unwrap());
    let points: BTreeSet<&str> = table.iter().map(|(point, _)| point.as_str()).collect();
    let expected: BTreeSet<String> = (1..=POINTS).map(|number| format!("A-{number:02}")).collect();
    assert_eq!(points, expected.iter().map(String::as_str).collect());

    let mut git = command::program("git");
    let listed =
        command::capture(git.args(["ls-files", "--cached", "--others", "--exclude-standard", "--", "crates/*.rs"]));
    let mut tests = BTreeSet::new();
    for file in listed.unwrap().lines().filter(|file| root.join(file).is_file()) {
        tests.extend(in_the_tests(&std::fs::read_to_string(root.join(file)).unwrap()));
    }
    let only_in_the_table: Vec<_> = table.difference(&tests).collect();
    let only_in_the_tests: Vec<_> = tests.difference(&table).collect();
    assert!(
        only_in_the_table.is_empty() && only_in_the_tests.is_empty(),
        "{only_in_the_table:?} {only_in_the_tests:?}"
    );
}
