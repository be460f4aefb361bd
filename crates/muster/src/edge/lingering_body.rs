//! A request body that is read to its end although nobody wants it any more. A client that is still sending when the
//! connection is closed loses the answer (RFC 9112 section 9.6), so that a body which is too large would look like a broken
//! network to the person who has to find the cause.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use http::Version;
use http::header::EXPECT;
use hyper::body::{Body as _, Frame, SizeHint};

/// What is thrown away of one body, at most.
const MOST_BYTES: usize = 64 << 20;
const LONGEST_TIME: Duration = Duration::from_secs(2);

/// Lets a client finish sending. HTTP/2 has streams for that, and a client that expects `100 Continue` sends nothing
/// before it is told to.
pub(crate) fn let_clients_finish(request: Request) -> Request {
    let is_needed = request.version() <= Version::HTTP_11
        && !request.headers().contains_key(EXPECT)
        && !request.body().is_end_stream();
    if is_needed { request.map(|body| Body::new(LingeringBody { body: Some(body) })) } else { request }
}

struct LingeringBody {
    /// `None` once it has ended.
    body: Option<Body>,
}

impl hyper::body::Body for LingeringBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Some(body) = self.body.as_mut() else { return Poll::Ready(None) };
        let frame = ready!(Pin::new(body).poll_frame(context));
        if !matches!(frame, Some(Ok(_))) {
            self.body = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl Drop for LingeringBody {
    fn drop(&mut self) {
        let rest = self.body.take().filter(|body| !body.is_end_stream());
        let (Some(rest), Ok(runtime)) = (rest, tokio::runtime::Handle::try_current()) else { return };
        runtime.spawn(tokio::time::timeout(LONGEST_TIME, throw_away(rest)));
    }
}

async fn throw_away(mut body: Body) {
    let mut bytes = 0;
    while bytes < MOST_BYTES
        && let Some(Ok(frame)) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await
    {
        bytes += frame.data_ref().map_or(0, Bytes::len);
    }
}
