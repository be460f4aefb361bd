//! A socket whose peer must read: a write that does not advance for too long is an error, which ends the connection.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

use super::activity::Activity;

pub(super) struct PatientStream<Stream> {
    stream: Stream,
    limit: Duration,
    activity: Arc<Activity>,
    /// Runs from the first write that had to wait to the next one that did not.
    stall: Option<Pin<Box<Sleep>>>,
}

impl<Stream> PatientStream<Stream> {
    pub(super) fn new(stream: Stream, limit: Duration, activity: Arc<Activity>) -> Self {
        Self { stream, limit, activity, stall: None }
    }

    fn judge(&mut self, context: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.stall = None;
            self.activity.advance_by_bytes();
            return written;
        }
        let limit = self.limit;
        let stall = self.stall.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        ready!(stall.as_mut().poll(context));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the peer reads nothing of what is written to it")))
    }
}

impl<Stream: AsyncRead + Unpin> AsyncRead for PatientStream<Stream> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<Stream: AsyncWrite + Unpin> AsyncWrite for PatientStream<Stream> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.judge(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.judge(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn a_peer_that_reads_nothing_is_given_up() {
        let (near, _far) = tokio::io::duplex(16);
        let mut stream = PatientStream::new(near, Duration::from_millis(50), Activity::begin());
        let error = stream.write_all(&[0; 100]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_peer_that_reads_slowly_is_waited_for() {
        let (near, mut far) = tokio::io::duplex(16);
        let mut stream = PatientStream::new(near, Duration::from_secs(1), Activity::begin());
        let reading = async {
            let mut taken = [0; 10];
            for _ in 0..12 {
                tokio::time::sleep(Duration::from_millis(100)).await;
                far.read_exact(&mut taken).await.unwrap();
            }
        };
        // Longer than the limit as a whole, and never as long without a step.
        let (written, ()) = tokio::join!(stream.write_all(&[0; 120]), reading);
        written.unwrap();
    }
}
