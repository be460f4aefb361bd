//! Accepts connections until the server is asked to stop, then lets running requests end.
//!
//! The loop is ours because axum's own has no TLS, no limit on connections, no time limits and no bounded drain.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::server::connection::{self, Lifetime};
use crate::server::limits::ConnectionLimits;
use crate::server::stop::StopSignals;

const LIMITS: ConnectionLimits = ConnectionLimits::FOR_SERVER;
/// More than these wait in the system's queue until one closes. Bounds the memory that strangers can take.
const MOST_CONNECTIONS: usize = 4096;
/// After an accept failed (usually: no file descriptor left), so that the loop does not spin.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(100);
/// Time for connections to notice that they are cut.
const CUT_TIME: Duration = Duration::from_secs(1);

/// Serves until a stop signal, then drains. `signals` stay the caller's, who has something to close after this.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    signals: &mut StopSignals,
    drain_timeout: Duration,
) {
    let lifetime =
        Lifetime { tasks: TaskTracker::new(), draining: CancellationToken::new(), cut: CancellationToken::new() };
    let permits = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let signal = loop {
        let (stream, peer, permit) = tokio::select! {
            accepted = accept(&listener, &permits) => match accepted {
                Some(accepted) => accepted,
                None => continue,
            },
            signal = signals.next() => break signal,
        };
        let serving = connection::serve(stream, peer, tls.clone(), router.clone(), lifetime.clone(), LIMITS);
        let cut = lifetime.cut.clone();
        lifetime.tasks.spawn(async move {
            tokio::select! {
                () = serving => {}
                () = cut.cancelled() => {}
            }
            drop(permit);
        });
    };
    drop(listener);
    tracing::info!(signal, connections = lifetime.tasks.len(), "stopping: no new connections, waiting for requests");
    drain(lifetime, signals, drain_timeout).await;
}

async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let permit = Arc::clone(permits).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, peer, permit)),
        Err(error) => {
            tracing::warn!(%error, "a connection could not be accepted");
            tokio::time::sleep(PAUSE_AFTER_FAILURE).await;
            None
        }
    }
}

async fn drain(lifetime: Lifetime, signals: &mut StopSignals, drain_timeout: Duration) {
    lifetime.tasks.close();
    lifetime.draining.cancel();
    let reason = tokio::select! {
        biased;
        () = lifetime.tasks.wait() => return,
        signal = signals.next() => signal,
        () = tokio::time::sleep(drain_timeout) => "drain_timeout",
    };
    tracing::warn!(reason, connections = lifetime.tasks.len(), "stopping: running requests are cut off");
    lifetime.cut.cancel();
    // Nothing to do about a task that does not notice; the process ends anyway.
    let _ = tokio::time::timeout(CUT_TIME, lifetime.tasks.wait()).await;
}
