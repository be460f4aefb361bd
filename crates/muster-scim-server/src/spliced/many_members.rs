//! The answer that shows a group of very many members, written while the client takes it (docs/adr/0024). Its text is never
//! whole in memory: what is kept are the packed members and the little that stands before and behind them. It is byte for
//! byte what [`Splicer`] writes at once, and its length is known before its first byte leaves.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use muster_app::AppError;
use muster_model::{MemberView, Members, StoredResource, TypeName};
use scim::ResourceSchema;
use scim::projection::Projection;

use super::object_text::ListText;
use super::rows::{Elements, ShownParts};
use super::{Rooms, Splicer, refers_beside, unwritable};
use crate::references::Shelf;

/// A group with fewer members is answered from one buffer, which is quicker: its text has some 200 KiB at most.
pub(crate) const MANY: usize = 1000;
/// A piece of the list is handed over as soon as it is that long; it is longer by less than one member.
const PIECE: usize = 32 * 1024;

/// The body of such an answer.
pub(crate) struct ManyMembers {
    members: Members,
    /// The place of the next one.
    next: usize,
    has_elements: bool,
    url: String,
    schemas: Vec<Arc<ResourceSchema>>,
    shown: ShownParts,
    /// What stands before the members and behind them, until it was handed over.
    head: Option<Bytes>,
    tail: Option<Bytes>,
    /// How many bytes are still to come.
    left: u64,
}

impl ManyMembers {
    /// Takes the members out of the resource when there are many and they are shown; otherwise `None`, and the resource is
    /// as it was.
    pub(crate) fn of(
        shelf: &Shelf<'_>,
        schema: &ResourceSchema,
        resource: &mut StoredResource,
        projection: &Projection,
    ) -> Result<Option<Self>, AppError> {
        Self::from(MANY, shelf, schema, resource, projection)
    }

    /// The same where so many are many.
    pub(super) fn from(
        many: usize,
        shelf: &Shelf<'_>,
        schema: &ResourceSchema,
        resource: &mut StoredResource,
        projection: &Projection,
    ) -> Result<Option<Self>, AppError> {
        let Some(members) = resource.members.as_ref().filter(|members| members.len() >= many) else { return Ok(None) };
        let Some(shown) = projection.shown_attribute(schema, "members").map(ShownParts::of) else { return Ok(None) };
        if refers_beside(schema) {
            return Ok(None);
        }
        let elements = Elements::new(&shelf.base.url, shelf.schemas, shown);
        // A list in which nothing is shown is left out, which only the other way of writing knows how to do.
        let Some(length) = length_of(elements, shown, members).map_err(unwritable)? else { return Ok(None) };
        let mut around = Vec::new();
        let place = Splicer::new(shelf).write_around(schema, resource, projection, Rooms::Hollow, &mut around)?;
        let Some(place) = place else { return Ok(None) };
        let Some(members) = resource.members.take() else { return Ok(None) };
        let tail = around.split_off(place);
        let left = length.saturating_add(around.len() as u64).saturating_add(tail.len() as u64);
        Ok(Some(Self {
            members,
            next: 0,
            has_elements: false,
            url: shelf.base.url.clone(),
            schemas: shelf.schemas.to_vec(),
            shown,
            head: Some(around.into()),
            tail: Some(tail.into()),
            left,
        }))
    }

    /// `None`: that was all.
    fn next_piece(&mut self) -> serde_json::Result<Option<Bytes>> {
        if let Some(head) = self.head.take() {
            return Ok(Some(head));
        }
        let mut piece = Vec::new();
        if self.next < self.members.len() {
            piece.reserve(PIECE + PIECE / 32);
            let mut list = ListText::going_on(&mut piece, self.has_elements);
            let mut elements = Elements::new(&self.url, &self.schemas, self.shown);
            while list.len() < PIECE
                && let Some(member) = self.members.get(self.next)
            {
                elements.member(member, &mut list)?;
                self.next += 1;
            }
            self.has_elements = list.has_elements();
        }
        // The last members may show nothing.
        Ok(if piece.is_empty() { self.tail.take() } else { Some(piece.into()) })
    }
}

impl Body for ManyMembers {
    type Data = Bytes;
    type Error = serde_json::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, serde_json::Error>>> {
        let piece = self.next_piece();
        if let Ok(Some(piece)) = &piece {
            self.left = self.left.saturating_sub(piece.len() as u64);
        }
        Poll::Ready(piece.transpose().map(|piece| piece.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.tail.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

/// How long the members are as text, with the commas between them; `None` where nothing of them is shown. Without writing
/// them: those of one type differ in what they are called, and in nothing else that has a length.
fn length_of(mut elements: Elements<'_>, shown: ShownParts, members: &Members) -> serde_json::Result<Option<u64>> {
    let mut known: Vec<(&TypeName, bool, usize)> = Vec::new();
    let mut text = Vec::new();
    let (mut count, mut length) = (0_u64, 0_u64);
    for member in members.iter() {
        let MemberView { id, resource_type, display } = member;
        let display = display.filter(|_| shown.display());
        let same = known.iter().find(|(kind, is_named, _)| (*kind, *is_named) == (resource_type, display.is_some()));
        let around_name = if let Some((.., length)) = same {
            *length
        } else {
            text.clear();
            let nameless = MemberView { display: display.map(|_| ""), id, resource_type };
            elements.member(nameless, &mut ListText::going_on(&mut text, false))?;
            known.push((resource_type, display.is_some(), text.len()));
            text.len()
        };
        if around_name > 0 {
            count += 1;
            length += (around_name + display.map_or(0, escaped_length)) as u64;
        }
    }
    // One comma less than there are elements.
    Ok((count > 0).then(|| length + count - 1))
}

/// How long a text is inside a JSON string (RFC 8259 section 7), as `serde_json` writes it.
fn escaped_length(text: &str) -> usize {
    let more = |byte: u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 1,
        0..0x20 => 5,
        _ => 0,
    };
    text.bytes().fold(text.len(), |length, byte| length + more(byte))
}

#[cfg(test)]
pub(super) mod tests;
