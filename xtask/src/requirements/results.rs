//! Runs the claiming tests and reads which passed.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Stdio;

use super::claims::Claim;
use crate::command;
use crate::failure::{Explain, Outcome};

/// Function name → whether every test of that name passed. A test that did not run is not in it.
pub(super) fn run(claims: &[Claim]) -> Outcome<BTreeMap<String, bool>> {
    let names: BTreeSet<&str> = claims.iter().map(|claim| claim.test.as_str()).collect();
    if names.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut cargo = command::cargo();
    // Plain `cargo test`: its output names each test with its result, with or without other tools on the machine.
    cargo.args(["test", "--workspace", "--tests", "--no-fail-fast", "--", "--skip", "fuzz_"]);
    cargo.stdin(Stdio::null()).stderr(Stdio::inherit());
    let output = cargo.output().explain(|| "could not start the tests".to_owned())?;
    Ok(passed(&String::from_utf8_lossy(&output.stdout), &names))
}

fn passed(output: &str, names: &BTreeSet<&str>) -> BTreeMap<String, bool> {
    let mut results = BTreeMap::new();
    for line in output.lines() {
        let Some((path, verdict)) = line.strip_prefix("test ").and_then(|rest| rest.rsplit_once(" ... ")) else {
            continue;
        };
        let name = path.split_whitespace().next().unwrap_or_default().rsplit("::").next().unwrap_or_default();
        if names.contains(name) {
            let entry = results.entry(name.to_owned()).or_insert(true);
            *entry &= verdict.trim() == "ok";
        }
    }
    results
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_read_by_function_name() {
        let output = "running 3 tests\ntest users::one ... ok\ntest groups::one ... FAILED\ntest two ... ok\ntest three ... ok\n";
        let read = passed(output, &BTreeSet::from(["one", "two"]));
        assert_eq!(read, BTreeMap::from([("one".to_owned(), false), ("two".to_owned(), true)]));
    }
}
