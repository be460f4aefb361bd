//! The signals that ask the server to stop.

use crate::failure::Failure;

/// Ctrl-C and the service manager's request to stop. The first asks for an orderly stop, the next for a quick one.
#[cfg(unix)]
pub(crate) struct StopSignals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl StopSignals {
    /// From this call on, the signals no longer end the process by themselves.
    pub(crate) fn listen() -> Result<Self, Failure> {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| {
            signal(kind)
                .map_err(|error| Failure::new("cannot listen for the signals that stop a server").because(error))
        };
        Ok(Self { interrupt: listen(SignalKind::interrupt())?, terminate: listen(SignalKind::terminate())? })
    }

    /// Waits for the next one; returns its name.
    pub(crate) async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.terminate.recv() => "SIGTERM",
        }
    }
}

#[cfg(not(unix))]
pub(crate) struct StopSignals;

#[cfg(not(unix))]
impl StopSignals {
    pub(crate) fn listen() -> Result<Self, Failure> {
        Ok(Self)
    }

    pub(crate) async fn next(&mut self) -> &'static str {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        "Ctrl-C"
    }
}

/// The last step of a stop: closes what must be closed, unless somebody asks once more. Everything that was answered is on
/// the disk already; what is cut short is tidying up.
pub(crate) async fn close_unless_asked_again(
    close: impl Future<Output = ()>,
    asked: impl Future<Output = &'static str>,
) {
    tokio::select! {
        biased;
        () = close => tracing::info!("stopped"),
        signal = asked => tracing::warn!(signal, "stopped at once: the database was not closed; nothing is lost by that"),
    }
}

#[cfg(test)]
mod tests {
    use super::close_unless_asked_again;

    #[tokio::test]
    async fn a_close_that_hangs_gives_way_to_the_next_signal() {
        let hangs = std::future::pending::<()>();
        let stopped = close_unless_asked_again(hangs, std::future::ready("SIGTERM"));
        tokio::time::timeout(std::time::Duration::from_secs(10), stopped).await.unwrap();
    }

    #[tokio::test]
    async fn a_close_without_a_signal_is_waited_for() {
        let mut is_closed = false;
        close_unless_asked_again(async { is_closed = true }, std::future::pending()).await;
        assert!(is_closed);
    }
}
