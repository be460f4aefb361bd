//! A file has one purpose: it is short, or it says why it is not.

use super::Problem;
use super::files::TextFile;

const LONGEST_UNEXPLAINED: usize = 600;
const EXPLANATION: &str = "This file is long because";
/// How far down the explanation may stand and still be seen.
const EXPLANATION_WITHIN: usize = 30;

pub(super) fn check(files: &[TextFile]) -> Vec<Problem> {
    files.iter().filter(|file| file.is_rust()).flat_map(check_file).collect()
}

fn check_file(file: &TextFile) -> Vec<Problem> {
    let mut problems = Vec::new();
    let lines = file.text.lines().count();
    let is_explained = file.text.lines().take(EXPLANATION_WITHIN).any(|line| line.contains(EXPLANATION));
    if lines > LONGEST_UNEXPLAINED && !is_explained {
        let message = format!(
            "it has {lines} lines: divide it by purpose, or begin it with a sentence \"{EXPLANATION} …\"; \
             {LONGEST_UNEXPLAINED} lines need no reason"
        );
        problems.push(Problem::new(file.path.clone(), message));
    }
    if file.path == "mod.rs" || file.path.ends_with("/mod.rs") {
        problems.push(Problem::new(file.path.clone(), "a module is `foo.rs` beside its folder `foo/`"));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(path: &str, text: String) -> Vec<Problem> {
        check(&[TextFile { path: path.to_owned(), text }])
    }

    #[test]
    fn a_long_file_needs_a_reason_near_its_top() {
        assert!(problems("a.rs", "x\n".repeat(600)).is_empty());
        assert_eq!(problems("a.rs", "x\n".repeat(601)).len(), 1);
        assert!(
            problems("a.rs", format!("//! This file is long because it is a table.\n{}", "x\n".repeat(700))).is_empty()
        );
        assert_eq!(problems("a.rs", format!("{}// This file is long because", "x\n".repeat(700))).len(), 1);
        assert!(problems("a.md", "x\n".repeat(700)).is_empty());
    }

    #[test]
    fn a_module_file_called_mod_is_refused() {
        assert_eq!(problems("crates/a/src/b/mod.rs", String::new()).len(), 1);
        assert!(problems("crates/a/src/b/model.rs", String::new()).is_empty());
    }
}
