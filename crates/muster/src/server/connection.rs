//! One connection, from its TLS handshake to its last answer.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
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
use crate::telemetry::metrics::CONNECTIONS;

const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// A connection that has not brought one whole request head by then is closed.
const FIRST_REQUEST_TIMEOUT: Duration = Duration::from_secs(15);
/// For each later request head; an idle connection is kept open as long.
const NEXT_REQUEST_TIMEOUT: Duration = Duration::from_secs(75);
/// As `u16`, because one protocol wants it as `u32` and the other as `usize`.
const LARGEST_HEAD_BYTES: u16 = 64_000;
const MOST_HEADERS: usize = 100;
const MOST_STREAMS: u32 = 200;
const PING_INTERVAL: Duration = Duration::from_secs(30);

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
) {
    let _open = OpenConnection::count();
    // Answers are written whole; waiting for more to send would only delay them.
    let _ = stream.set_nodelay(true);
    match tls {
        None => serve_http(stream, peer, router, lifetime).await,
        Some(acceptor) => {
            let shaken = tokio::select! {
                shaken = tokio::time::timeout(HANDSHAKE_TIMEOUT, acceptor.accept(stream)) => shaken,
                // Nothing was asked yet, so nothing is lost.
                () = lifetime.draining.cancelled() => return,
            };
            match shaken {
                Ok(Ok(stream)) => serve_http(stream, peer, router, lifetime).await,
                Ok(Err(error)) => tracing::debug!(%error, client.address = %peer.ip(), "the TLS handshake failed"),
                Err(_) => tracing::debug!(client.address = %peer.ip(), "the TLS handshake took too long"),
            }
        }
    }
}

async fn serve_http<Stream>(stream: Stream, peer: SocketAddr, router: Router, lifetime: Lifetime)
where
    Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let has_asked = Arc::new(AtomicBool::new(false));
    let service = service_fn(|mut request: http::Request<Incoming>| {
        has_asked.store(true, Ordering::Relaxed);
        request.extensions_mut().insert(PeerAddress(peer.ip()));
        router.clone().oneshot(request.map(Body::new))
    });
    let builder = protocol(lifetime.clone());
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    let mut silence = pin!(tokio::time::sleep(FIRST_REQUEST_TIMEOUT));
    let (mut is_draining, mut is_watched) = (false, true);
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    // Peers vanish all the time; what was wrong with a request has its own line.
                    tracing::debug!(%error, client.address = %peer.ip(), "the connection ended early");
                }
                return;
            }
            () = lifetime.draining.cancelled(), if !is_draining => {
                is_draining = true;
                connection.as_mut().graceful_shutdown();
            }
            // The time limits of hyper begin only when it knows whether the peer speaks HTTP/1 or 2.
            () = silence.as_mut(), if is_watched => {
                is_watched = false;
                if !has_asked.load(Ordering::Relaxed) {
                    return;
                }
            }
        }
    }
}

fn protocol(lifetime: Lifetime) -> auto::Builder<Lifetime> {
    let mut builder = auto::Builder::new(lifetime);
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(NEXT_REQUEST_TIMEOUT)
        .max_buf_size(usize::from(LARGEST_HEAD_BYTES))
        .max_headers(MOST_HEADERS);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(u32::from(LARGEST_HEAD_BYTES))
        .max_concurrent_streams(MOST_STREAMS)
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
