//! Documents as JSON text, looked at without making values of them: most of a stored document leaves as it came.
//!
//! The text is one that [`crate::Document`] was written to, so each name stands in it once.

mod references;

pub use references::reference_values;

use std::borrow::Cow;

use serde::Deserialize;

/// The text is no JSON object. It says no more: a parser's own message could repeat a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text is no document")]
pub struct NotADocument;

/// A name in a text; a copy only where it is written with escapes.
#[derive(Deserialize)]
pub(crate) struct Name<'t>(#[serde(borrow)] Cow<'t, str>);

impl Name<'_> {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}
