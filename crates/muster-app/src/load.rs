//! A first filling: many resources at once, from lines of JSON, for a connection that will own them as if its identity
//! provider had sent each with POST (RFC 7644 section 3.3).
//!
//! Three passes, because a line may name others that come later, and because memory must not grow with the file. The
//! first creates what has no members, and puts lines of groups aside; the second creates the groups with the members
//! that are there; the third adds the members and managers that came later than those who name them. What is put aside
//! lies in files of the caller's choice. Nothing is remembered of the lines that are done: whom a line names is looked up in
//! the directory, and so is whether it is there already, which makes a load that was broken off go on where it was.

mod chunk;
mod line;
mod mark;
pub(crate) mod names;
mod pass;
mod report;
#[cfg(test)]
mod tests;
mod third_pass;

use std::fs::File;
use std::io::{self, BufRead};
use std::sync::Arc;
use std::time::Duration;

use muster_model::ConnectionId;

use crate::{App, AppError, OperatorAccess, ScimCaller};

pub use line::LONGEST_LINE;
pub use report::{BadLine, LoadCounts, LoadPhase, LoadReport};

/// Where the lines come from and how the load behaves.
pub struct LoadRequest {
    pub connection: ConnectionId,
    pub lines: Box<dyn BufRead + Send>,
    /// Whether a bad line is left out. Otherwise the first one ends the load, and nothing is made of the lines that would
    /// have been committed with it.
    pub skips_bad_lines: bool,
    /// How long to let other processes write between two commits.
    pub pause: Duration,
}

/// What the load needs of its surroundings, and tells them.
pub trait LoadSurroundings: Send {
    /// A new empty file that can be written, read again from its beginning, and is gone when it is closed. It will hold
    /// personal data.
    fn scratch_file(&mut self) -> io::Result<File>;

    /// Whether bad lines are wanted as they were read. Those that turn out to be bad late are kept on disk until then.
    fn keeps_rejected(&self) -> bool;

    /// A bad line as it was read, when there is one to show.
    fn rejected(&mut self, line: &[u8]) -> io::Result<()>;

    /// How far the load is.
    fn progress(&mut self, phase: LoadPhase, counts: &LoadCounts);
}

/// Why a load ended early. What was committed before stays, and loading the same lines again goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error(transparent)]
    App(#[from] AppError),
    #[error("the lines cannot be read")]
    Unreadable(#[source] io::Error),
    #[error("what is put aside for later cannot be written or read again")]
    Scratch(#[source] io::Error),
    #[error("a bad line cannot be written to the file for them")]
    Rejected(#[source] io::Error),
}

impl From<muster_store::StoreError> for LoadError {
    fn from(error: muster_store::StoreError) -> Self {
        Self::App(error.into())
    }
}

/// Loads the lines. Bad lines are no error: the report has them, and says whether the load came to its end.
pub async fn load(
    app: &Arc<App>,
    _access: &OperatorAccess,
    request: LoadRequest,
    surroundings: &mut dyn LoadSurroundings,
) -> Result<LoadReport, LoadError> {
    let connection = app.store().find_connection(request.connection).await?.ok_or(AppError::ConnectionNotFound)?;
    let caller = ScimCaller::of_released(app, &connection).await?;
    pass::all(app, &caller, request, surroundings).await
}
