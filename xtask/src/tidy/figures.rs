//! Figures of the house: a trend shows in them, and two have a bound: how much of the house one crate may be, and how long a file
//! usually is.

use std::fmt;

use super::files::TextFile;
use super::rules::Rules;
use super::workspace::Crate;
use super::{Problem, arrows};
use crate::wording;

#[derive(Debug)]
pub(super) struct Figures {
    /// Name and lines of each crate, biggest first.
    crates: Vec<(String, usize)>,
    /// Lines of each file, shortest first.
    files: Vec<usize>,
    longest_chain: Vec<String>,
    biggest_share: Option<usize>,
    median_length: Option<usize>,
}

pub(super) fn measure(rules: &Rules, crates: &[Crate], files: &[TextFile]) -> Figures {
    let mut sizes: Vec<(String, usize)> = crates.iter().map(|one| (one.name.clone(), 0)).collect();
    let mut lengths = Vec::new();
    for file in files.iter().filter(|file| file.is_rust()) {
        let lines = file.text.lines().count();
        lengths.push(lines);
        if let Some((_, size)) = sizes.iter_mut().find(|(name, _)| belongs_to(&file.path, name)) {
            *size += lines;
        }
    }
    sizes.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
    lengths.sort_unstable();
    Figures {
        crates: sizes,
        files: lengths,
        longest_chain: arrows::longest_chain(crates),
        biggest_share: rules.biggest_share,
        median_length: rules.median_length,
    }
}

/// A crate's folder has its name.
fn belongs_to(path: &str, name: &str) -> bool {
    let inside = path.strip_prefix("crates/").unwrap_or(path);
    inside.strip_prefix(name).is_some_and(|rest| rest.starts_with('/'))
}

impl Figures {
    /// What has grown beyond its bound.
    pub(super) fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        // A house of nothing has no proportions.
        let total: usize = self.files.iter().sum();
        if let (Some((name, lines)), Some(bound)) = (self.crates.first(), self.biggest_share)
            && total > 0
            && lines * 100 >= bound * total
        {
            let message = format!(
                "it has {} % of all lines, and less than {bound} % is allowed: divide it by purpose",
                lines * 100 / total
            );
            problems.push(Problem::new(name.clone(), message));
        }
        let median = self.length_at(50);
        if let Some(bound) = self.median_length
            && median >= bound
        {
            let message = format!(
                "half of the files have {median} lines or more, and less than {bound} is allowed: divide the long ones by purpose"
            );
            problems.push(Problem::new("workspace", message));
        }
        problems
    }

    fn length_at(&self, percent: usize) -> usize {
        let position = self.files.len().saturating_sub(1) * percent / 100;
        self.files.get(position).copied().unwrap_or(0)
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total: usize = self.files.iter().sum();
        let share = |lines: usize| lines * 100 / total.max(1);
        for (name, lines) in &self.crates {
            writeln!(formatter, "{name:<24} {:>8} lines {:>3} %", wording::count(*lines), share(*lines))?;
        }
        let count = wording::count;
        writeln!(formatter, "{:<24} {:>8} lines in {} files", "all", count(total), count(self.files.len()))?;
        let below = |bound: Option<usize>, unit| bound.map_or(String::new(), |bound| format!(" (below {bound}{unit})"));
        let median = self.length_at(50);
        writeln!(
            formatter,
            "file length: median {median}{}, p90 {}",
            below(self.median_length, ""),
            self.length_at(90)
        )?;
        if let Some((name, lines)) = self.crates.first() {
            writeln!(formatter, "biggest crate: {name}, {} %{}", share(*lines), below(self.biggest_share, " %"))?;
        }
        write!(formatter, "longest chain: {} ({})", self.longest_chain.len(), self.longest_chain.join(" -> "))
    }
}
