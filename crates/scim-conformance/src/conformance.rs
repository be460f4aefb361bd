//! The conformance suite: one client, many questions, and a finding for each.

mod announced;
mod area;
mod case;
mod check;
mod checks;
mod choice;
mod finding;
mod profile;
mod report;
mod session;
mod suite;
mod verdict;

pub use area::Area;
pub use choice::{UnknownChoice, unknown_choice};
pub use finding::{Finding, Severity};
pub use profile::Profile;
pub use report::{Header, Report};
pub use suite::{Options, Progress, run};
