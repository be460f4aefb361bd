//! A walk through a list by cursors (RFC 9865 section 2).

use muster_store::{PageStart, Place};
use scim::message::{PageCursors, SearchRequest};

use crate::cursor::{Binding, Cursor, Side};
use crate::{App, AppError};

/// One page of a walk.
pub(super) struct Walk {
    /// `None` on the first page.
    cursor: Option<Cursor>,
    binding: Binding,
    limit: u64,
}

impl Walk {
    /// Begins with an empty cursor, else goes on where the cursor says.
    pub(super) async fn begin_or_resume(
        app: &App,
        search: &SearchRequest,
        binding: Binding,
        limit: u64,
    ) -> Result<Self, AppError> {
        let cursor = match search.cursor.as_deref() {
            None | Some("") => None,
            Some(text) => Some(app.cursors.open(app, text, &binding, limit).await?),
        };
        Ok(Self { cursor, binding, limit })
    }

    pub(super) fn start(&self) -> PageStart {
        match &self.cursor {
            None => PageStart::Offset(0),
            Some(cursor) => match cursor.side {
                Side::After => PageStart::After(cursor.place()),
                Side::Before => PageStart::Before(cursor.place()),
            },
        }
    }

    /// Only the first page counts what is dear to count; the cursors carry the number on.
    pub(super) fn counts_all(&self) -> bool {
        self.total().is_none()
    }

    /// How many matches there were on the first page.
    pub(super) fn total(&self) -> Option<u64> {
        self.cursor.as_ref().and_then(|cursor| cursor.total)
    }

    /// The cursors of the page: `first` is where its first resource stands if something lies before it, `last` where its
    /// last stands if something lies behind it.
    pub(super) async fn cursors(
        &self,
        app: &App,
        first: Option<Place>,
        last: Option<Place>,
        total: Option<u64>,
    ) -> Result<PageCursors, AppError> {
        Ok(PageCursors {
            // Never on the first page.
            previous: match first {
                Some(place) if self.cursor.is_some() => Some(self.sealed(app, place, Side::Before, total).await?),
                _ => None,
            },
            next: match last {
                Some(place) => Some(self.sealed(app, place, Side::After, total).await?),
                None => None,
            },
        })
    }

    async fn sealed(&self, app: &App, place: Place, side: Side, total: Option<u64>) -> Result<String, AppError> {
        let cursor = Cursor::beside(place, side, self.limit, total, app.now())?;
        app.cursors.seal(app, &cursor, &self.binding).await
    }
}
