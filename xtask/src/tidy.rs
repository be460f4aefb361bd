//! `cargo xtask tidy`: the rules of the house, checked instead of remembered.
//!
//! `xtask/tidy.toml` holds what each crate may use; the modules below hold one rule each. How to add a rule: a module
//! with a function that gives problems, a line in [`inspect`], and a test that shows it fail.

mod arrows;
mod figures;
mod files;
mod manifests;
mod outside;
mod ring;
mod rules;
mod sizes;
#[cfg(test)]
mod tests;
mod words;
mod workspace;

use std::fmt;
use std::path::{Path, PathBuf};

use crate::checkout;
use crate::failure::{Failure, Outcome};

#[derive(Default, clap::Args)]
#[command(
    long_about = "Checks the rules of the house: which crate may use which, the dependencies from outside, the size \
                  of files, words that do not belong into a repository, and that `ring` stays out. Prints the \
                  figures of the house at the end. The rules are in xtask/tidy.toml.",
    after_help = "Example:\n  cargo xtask tidy"
)]
pub(crate) struct Arguments {
    /// Another workspace to check with the same rules.
    #[arg(long, value_name = "FOLDER")]
    root: Option<PathBuf>,
}

/// One broken rule: where, what, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Problem {
    place: String,
    message: String,
}

impl Problem {
    fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.place, self.message)
    }
}

pub(crate) fn tidy(arguments: &Arguments) -> Outcome<()> {
    let root = arguments.root.clone().unwrap_or_else(checkout::root);
    let (problems, figures) = inspect(&root)?;
    println!("{figures}");
    for problem in &problems {
        println!("{problem}");
    }
    match problems.len() {
        0 => {
            println!("arrows: clean");
            println!("The house is tidy.");
            Ok(())
        }
        1 => Err(Failure::new("1 rule of the house is broken; see above")),
        number => Err(Failure::new(format!("{number} rules of the house are broken; see above"))),
    }
}

fn inspect(root: &Path) -> Outcome<(Vec<Problem>, figures::Figures)> {
    let rules = rules::read(root)?;
    let crates = workspace::read(root)?;
    let files = files::list(root)?;
    let figures = figures::measure(&rules, &crates, &files);
    let mut problems = arrows::check(&rules, &crates);
    problems.extend(figures.check());
    problems.extend(outside::check(&rules, &crates));
    problems.extend(manifests::check(&crates)?);
    problems.extend(sizes::check(&files));
    problems.extend(words::check(&files));
    problems.extend(ring::check(root)?);
    problems.sort();
    Ok((problems, figures))
}
