//! What was measured, with how sure it is.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::cost::Cost;
use super::dataset::Database;
use super::operations::Operation;
use super::statistics::{Spread, Times};
use crate::wording;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Results {
    /// The largest share of the processors that was given to others while something was measured that counts.
    #[serde(default)]
    pub(super) stolen: f64,
    pub(super) entries: Vec<Entry>,
}

/// One operation on one directory.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) operation: String,
    pub(super) database: Database,
    pub(super) people: usize,
    /// Processor time as a multiple of the bare server's: the lower quartiles of both, because whatever else a shared machine
    /// does only adds to what something costs.
    pub(super) times_hello: f64,
    /// By how much its rounds differ, as a share.
    pub(super) swing: f64,
    /// Processor time in microseconds.
    pub(super) micros: Spread,
    /// From the first byte to the last, in microseconds.
    pub(super) median_time: f64,
    pub(super) p99_time: f64,
    pub(super) goal: Option<f64>,
}

impl Entry {
    pub(super) fn new(operation: Operation, database: Database, people: usize, cost: &Cost, hello: &Spread) -> Self {
        let times = Times::new(cost.times.clone());
        let micros = Spread::of(&cost.micros);
        Self {
            operation: operation.to_string(),
            database,
            people,
            times_hello: micros.low / hello.low.max(f64::MIN_POSITIVE),
            swing: micros.noise(),
            micros,
            median_time: times.median_micros().round(),
            p99_time: times.percentile_micros(99).round(),
            goal: operation.goal(database),
        }
    }

    pub(super) fn verdict(&self) -> &'static str {
        match self.goal {
            Some(goal) if self.times_hello <= goal => "reached",
            Some(_) => "missed",
            None => "",
        }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{:<46} {:<10} {:>9}  {:>8.1} x hello (±{:.0} %)  {:>9.0} µs of processor, {:>8.0} µs  {}",
            self.operation,
            self.database.shown(),
            wording::count(self.people),
            self.times_hello,
            self.swing * 100.0,
            self.micros.low,
            self.median_time,
            self.goal.map(|goal| format!("goal {goal:.0}: {}", self.verdict())).unwrap_or_default()
        )
    }
}
