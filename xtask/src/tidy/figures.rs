//! Figures of the house: no rule hangs on them, a trend shows in them.

use std::fmt;

use super::arrows;
use super::files::TextFile;
use super::workspace::Crate;
use crate::wording;

#[derive(Debug)]
pub(super) struct Figures {
    /// Name and lines of each crate, biggest first.
    crates: Vec<(String, usize)>,
    /// Lines of each file, shortest first.
    files: Vec<usize>,
    longest_chain: Vec<String>,
}

pub(super) fn measure(crates: &[Crate], files: &[TextFile]) -> Figures {
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
    Figures { crates: sizes, files: lengths, longest_chain: arrows::longest_chain(crates) }
}

/// A crate's folder has its name.
fn belongs_to(path: &str, name: &str) -> bool {
    let inside = path.strip_prefix("crates/").unwrap_or(path);
    inside.strip_prefix(name).is_some_and(|rest| rest.starts_with('/'))
}

impl Figures {
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
        writeln!(formatter, "file length: median {}, p90 {}", self.length_at(50), self.length_at(90))?;
        if let Some((name, lines)) = self.crates.first() {
            writeln!(formatter, "biggest crate: {name}, {} % (aim: at most 20 %)", share(*lines))?;
        }
        write!(formatter, "longest chain: {} ({})", self.longest_chain.len(), self.longest_chain.join(" -> "))
    }
}
