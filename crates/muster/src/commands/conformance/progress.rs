//! Where a long run is, on standard error.

use std::io::{IsTerminal, Write};

use crate::output;

/// One line that is written again and again on a terminal, and one line for each new step elsewhere.
pub(crate) struct ProgressLine {
    is_terminal: bool,
    step: String,
    last: usize,
}

impl ProgressLine {
    pub(crate) fn new() -> Self {
        Self { is_terminal: std::io::stderr().is_terminal(), step: String::new(), last: 0 }
    }

    pub(crate) fn show(&mut self, done: usize, all: usize, step: &str) {
        if self.is_terminal {
            let line = format!("{done}/{all}  {step}");
            let width = self.last;
            self.last = line.chars().count();
            let mut stderr = std::io::stderr().lock();
            // There is nobody to tell when standard error is closed.
            let _ = write!(stderr, "\r{line:width$}");
            let _ = stderr.flush();
        } else if self.step != step {
            output::note(&format!("{done}/{all}  {step}"));
        }
        step.clone_into(&mut self.step);
    }

    /// Leaves the line empty for what comes next.
    pub(crate) fn end(&mut self) {
        if self.is_terminal && self.last > 0 {
            let width = self.last;
            let mut stderr = std::io::stderr().lock();
            let _ = write!(stderr, "\r{:width$}\r", "");
            let _ = stderr.flush();
        }
    }
}
