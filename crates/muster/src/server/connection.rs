//! One connection, from its TLS handshake to its last answer.

mod activity;
mod answer_body;
mod patient_stream;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use crate::edge::client_address::PeerAddress;
use crate::server::limits::ConnectionLimits;
use crate::telemetry::metrics::CONNECTIONS;

use self::activity::Activity;
use self::answer_body::AnswerBody;
use self::patient_stream::PatientStream;

/// What hyper itself reads of a head; the edge answers smaller ones that are too large (`edge::head`), with a body.
const LARGEST_HEAD_BYTES: u32 = 128_000;
const MOST_HEADERS: usize = 200;
const MOST_STREAMS: u32 = 200;
const PING_INTERVAL: Duration = Duration::from_secs(30);
/// How much of an answer HTTP/2 keeps that the peer has not asked for yet. Small, so that the pieces that are taken of
/// an answer say how far the peer is.
const MOST_BUFFERED_BYTES: usize = 64 * 1024;

/// What all connections share about the end of the server.
#[derive(Clone)]
pub(crate) struct Lifetime {
    /// Connections, and the requests that HTTP/2 runs beside them.
    pub(crate) tasks: TaskTracker,
    /// Answer what is there and close.
    pub(crate) draining: CancellationToken,
    /// Stop at once.
    pub(crate) cut: CancellationToken,
}

/// HTTP/2 runs each request in a task of its own; they belong to the server's lifetime like the connection itself.
impl<F> hyper::rt::Executor<F> for Lifetime
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    fn execute(&self, request: F) {
        let cut = self.cut.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                _ = request => {}
                () = cut.cancelled() => {}
            }
        });
    }
}

/// Serves one connection to its end.
pub(crate) async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
    router: Router,
    lifetime: Lifetime,
    limits: ConnectionLimits,
) {
    let _open = OpenConnection::count();
    // Answers are written whole; waiting for more to send would only delay them.
    let _ = stream.set_nodelay(true);
    let activity = Activity::begin();
    // Below TLS, where a write stands still only when the peer's system takes nothing any more.
    let stream = PatientStream::new(stream, limits.write_stall, Arc::clone(&activity));
    let conversation = Conversation { peer, router, lifetime, limits, activity };
    match tls {
        None => conversation.serve_http(stream).await,
        Some(acceptor) => {
            let shaken = tokio::select! {
                shaken = tokio::time::timeout(limits.handshake, acceptor.accept(stream)) => shaken,
                // Nothing was asked yet, so nothing is lost.
                () = conversation.lifetime.draining.cancelled() => return,
            };
            match shaken {
                Ok(Ok(stream)) => conversation.serve_http(stream).await,
                Ok(Err(error)) => tracing::debug!(%error, client.address = %peer.ip(), "the TLS handshake failed"),
                Err(_) => tracing::debug!(client.address = %peer.ip(), "the TLS handshake took too long"),
            }
        }
    }
}

/// All that requests and answers on one connection need.
struct Conversation {
    peer: SocketAddr,
    router: Router,
    lifetime: Lifetime,
    limits: ConnectionLimits,
    activity: Arc<Activity>,
}

/// What the watch over a connection says.
enum Watch {
    LookAgainAfter(Duration),
    /// Nothing was ever asked.
    Cut,
    /// Nothing has happened for too long.
    SayGoodbye,
}

impl Conversation {
    async fn serve_http<Stream>(self, stream: Stream)
    where
        Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let service = service_fn(|request| self.answer(request));
        let builder = protocol(self.lifetime.clone(), &self.limits);
        let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
        let mut look = pin!(tokio::time::sleep(self.limits.first_request));
        let (mut is_ending, mut is_idle) = (false, false);
        loop {
            tokio::select! {
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        // Peers vanish all the time; what was wrong with a request has its own line.
                        tracing::debug!(%error, client.address = %self.peer.ip(), "the connection ended early");
                    }
                    return;
                }
                () = self.lifetime.draining.cancelled(), if !is_ending => {
                    is_ending = true;
                    connection.as_mut().graceful_shutdown();
                }
                // The time limits of hyper begin only when it knows whether the peer speaks HTTP/1 or 2, and pings
                // satisfy those of HTTP/2 for ever.
                () = look.as_mut() => {
                    let wait = match self.watch() {
                        Watch::LookAgainAfter(wait) => wait,
                        Watch::SayGoodbye if !is_idle => {
                            is_idle = true;
                            if !is_ending {
                                is_ending = true;
                                connection.as_mut().graceful_shutdown();
                            }
                            self.limits.farewell
                        }
                        Watch::Cut | Watch::SayGoodbye => {
                            tracing::debug!(client.address = %self.peer.ip(), "a connection without progress is closed");
                            return;
                        }
                    };
                    look.as_mut().reset(tokio::time::Instant::now() + wait);
                }
            }
        }
    }

    fn answer(
        &self,
        mut request: http::Request<Incoming>,
    ) -> impl Future<Output = Result<http::Response<AnswerBody>, Infallible>> + use<> {
        let running = self.activity.begin_request(request.version());
        request.extensions_mut().insert(PeerAddress(self.peer.ip()));
        let (router, activity) = (self.router.clone(), Arc::clone(&self.activity));
        async move {
            let response = router.oneshot(request.map(Body::new)).await;
            drop(running);
            response.map(|response| response.map(|body| AnswerBody::new(body, activity)))
        }
    }

    fn watch(&self) -> Watch {
        if !self.activity.has_asked() {
            let left = self.limits.first_request.saturating_sub(self.activity.open_for());
            return if left.is_zero() { Watch::Cut } else { Watch::LookAgainAfter(left) };
        }
        // A running request has its own time limit; then it is soon enough to look again.
        let Some(idle) = self.activity.idle_for() else { return Watch::LookAgainAfter(self.limits.idle) };
        let left = self.limits.idle.saturating_sub(idle);
        if left.is_zero() { Watch::SayGoodbye } else { Watch::LookAgainAfter(left) }
    }
}

fn protocol(lifetime: Lifetime, limits: &ConnectionLimits) -> auto::Builder<Lifetime> {
    let mut builder = auto::Builder::new(lifetime);
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.idle)
        .max_buf_size(usize::try_from(LARGEST_HEAD_BYTES).unwrap_or(usize::MAX))
        .max_headers(MOST_HEADERS);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(LARGEST_HEAD_BYTES)
        .max_concurrent_streams(MOST_STREAMS)
        .max_send_buf_size(MOST_BUFFERED_BYTES)
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_INTERVAL);
    builder
}

/// Counted while it lives.
struct OpenConnection;

impl OpenConnection {
    fn count() -> Self {
        metrics::gauge!(CONNECTIONS).increment(1);
        Self
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        metrics::gauge!(CONNECTIONS).decrement(1);
    }
}

#[cfg(test)]
mod tests;
