//! An answer's body in small pieces, so that what the peer takes of it can be seen.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes};
use hyper::body::{Frame, SizeHint};

use super::activity::Activity;

/// hyper asks for the next piece when there is room for it, so a piece must not be larger than the room.
const LARGEST_PIECE: usize = 32 * 1024;

pub(super) struct AnswerBody {
    whole: Body,
    /// What is left of a frame that was too large.
    rest: Bytes,
    activity: Arc<Activity>,
}

impl AnswerBody {
    pub(super) fn new(whole: Body, activity: Arc<Activity>) -> Self {
        Self { whole, rest: Bytes::new(), activity }
    }

    fn next_piece(&mut self) -> Bytes {
        self.rest.split_to(self.rest.len().min(LARGEST_PIECE))
    }
}

impl hyper::body::Body for AnswerBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.rest.is_empty() {
            match ready!(Pin::new(&mut self.whole).poll_frame(context)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(bytes) => self.rest = bytes,
                    Err(other) => return Poll::Ready(Some(Ok(other))),
                },
                end_or_error => return Poll::Ready(end_or_error),
            }
        }
        self.activity.advance();
        Poll::Ready(Some(Ok(Frame::data(self.next_piece()))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.whole.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (whole, rest) = (self.whole.size_hint(), self.rest.len() as u64);
        let mut hint = SizeHint::new();
        hint.set_lower(whole.lower().saturating_add(rest));
        if let Some(upper) = whole.upper() {
            hint.set_upper(upper.saturating_add(rest));
        }
        hint
    }
}

#[cfg(test)]
mod tests {
    use hyper::body::Body as _;

    use super::*;

    #[tokio::test]
    async fn the_pieces_are_the_whole_and_the_length_is_known_at_every_moment() {
        let whole: Vec<u8> = (0..100_000_u32).flat_map(u32::to_be_bytes).collect();
        let mut body = AnswerBody::new(Body::from(whole.clone()), Activity::begin());
        let mut taken = Vec::new();
        while !body.is_end_stream() {
            assert_eq!(body.size_hint().exact(), Some((whole.len() - taken.len()) as u64));
            let frame = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await;
            let piece = frame.unwrap().unwrap().into_data().unwrap();
            assert!(!piece.is_empty() && piece.len() <= LARGEST_PIECE);
            taken.extend_from_slice(&piece);
        }
        assert_eq!(taken, whole);
    }
}
