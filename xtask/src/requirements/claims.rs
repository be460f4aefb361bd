//! Which test says that it shows which row: a line `Rows: id, id` in the doc comment of the test.

use std::path::Path;

use crate::command;
use crate::failure::{Explain, Outcome};

/// One row on one test.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Claim {
    pub(super) row: String,
    /// The test's function.
    pub(super) test: String,
    /// File and line, for a person.
    pub(super) place: String,
}

pub(super) fn find(root: &Path) -> Outcome<Vec<Claim>> {
    let mut git = command::program("git");
    let listed = command::capture(git.args([
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "--",
        "crates/*.rs",
        "crates/**/*.rs",
    ]))?;
    let mut claims = Vec::new();
    for file in listed.lines() {
        let path = root.join(file);
        // A file that was deleted and not yet committed is still listed.
        if path.is_file() {
            let text = std::fs::read_to_string(&path).explain(|| format!("could not read {file}"))?;
            claims.extend(claims_in(file, &text));
        }
    }
    Ok(claims)
}

fn claims_in(file: &str, text: &str) -> Vec<Claim> {
    let mut claims = Vec::new();
    let mut waiting: Vec<(String, String)> = Vec::new();
    let mut in_rows = false;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        let comment = line.strip_prefix("///").map(str::trim);
        if let Some(comment) = comment {
            // The list may go on in the next lines of the comment as long as they hold nothing but ids.
            let ids = comment.strip_prefix("Rows:").or_else(|| (in_rows && is_ids(comment)).then_some(comment));
            in_rows = ids.is_some();
            let place = format!("{file}:{}", number + 1);
            for id in ids.unwrap_or_default().split([',', ' ']).map(|id| id.trim_end_matches('.')) {
                if !id.is_empty() {
                    waiting.push((id.to_owned(), place.clone()));
                }
            }
            continue;
        }
        in_rows = false;
        if let Some(test) = function_name(line) {
            for (row, place) in waiting.drain(..) {
                claims.push(Claim { row, test: test.to_owned(), place });
            }
        }
    }
    claims
}

fn is_ids(comment: &str) -> bool {
    !comment.is_empty()
        && comment
            .split([',', ' '])
            .filter(|id| !id.is_empty())
            .all(|id| id.starts_with(|first: char| first.is_ascii_digit()) && id.contains('-'))
}

pub(super) fn function_name(line: &str) -> Option<&str> {
    let line = line.strip_prefix("pub ").unwrap_or(line);
    let line = line.strip_prefix("async ").unwrap_or(line);
    let name = line.strip_prefix("fn ")?;
    name.split(['(', '<']).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_belong_to_the_next_function() {
        let text = "/// A sentence.\n/// Rows: 7644-1-01, 7644-1-02,\n///   7644-1-03\n#[tokio::test]\nasync fn one() {}\n\n\
                    /// Rows: 9865-2-01\n#[test]\nfn two() {}\nfn three() {}\n";
        let found: Vec<(String, String)> =
            claims_in("f.rs", text).into_iter().map(|claim| (claim.row, claim.test)).collect();
        let expected = [("7644-1-01", "one"), ("7644-1-02", "one"), ("7644-1-03", "one"), ("9865-2-01", "two")];
        assert_eq!(found, expected.map(|(row, test)| (row.to_owned(), test.to_owned())));
    }
}
