//! What a load has done.

/// As many bad lines are kept for the report; all are counted.
pub(super) const MOST_BAD_LINES: usize = 100;

/// Which pass it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadPhase {
    /// What has no members.
    Resources,
    Groups,
    /// Members and managers that came later than those who name them.
    References,
}

/// Counts of lines, unless they say otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoadCounts {
    /// Read so far, empty ones not counted.
    pub lines: u64,
    /// As long as that in bytes, line ends included.
    pub bytes: u64,
    pub created: u64,
    /// There already, brought by the same connection, and left as they are.
    pub already_there: u64,
    pub bad: u64,
    /// Resources that got members or a manager in the third pass.
    pub completed: u64,
    /// Members that nobody knows and that are kept as pending, because the profile says so.
    pub pending_members: u64,
    /// Managers that nobody knows; the value stays as it was sent.
    pub unknown_managers: u64,
}

/// A line that nothing, or not all, was made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// From 1, empty lines counted.
    pub line: u64,
    /// Names the attribute and what to do, never a value.
    pub problem: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadReport {
    pub counts: LoadCounts,
    /// The first ones.
    pub bad_lines: Vec<BadLine>,
    /// `false`: a bad line ended the load.
    pub is_complete: bool,
}

impl LoadReport {
    pub(super) fn note(&mut self, bad: BadLine) {
        self.counts.bad += 1;
        if self.bad_lines.len() < MOST_BAD_LINES {
            self.bad_lines.push(bad);
        }
    }
}
