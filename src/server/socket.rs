//! The socket below hyper. It knows when a request is half received, and does not wait for the rest for ever.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::watchdog;

/// Where a connection stands. The socket and the service above it both know a part of that.
#[derive(Debug, Default)]
pub(super) struct Phase {
    receiving: AtomicBool,
    closing: AtomicBool,
}

impl Phase {
    /// The first bytes of a request have come, and not yet all of them.
    pub(super) fn is_receiving(&self) -> bool {
        self.receiving.load(Relaxed)
    }

    pub(super) fn request_is_complete(&self) {
        self.receiving.store(false, Relaxed);
    }

    /// The server is being shut down: nobody waits for the other side any more.
    pub(super) fn is_closing(&self) -> bool {
        self.closing.load(Relaxed)
    }

    pub(super) fn close(&self) {
        self.closing.store(true, Relaxed);
    }
}

pub(super) struct Socket {
    stream: TcpStream,
    phase: Arc<Phase>,
    /// Until when the request must be complete.
    request: Deadline,
    /// Until when a client that does not read its answer is waited for.
    reply: Deadline,
}

impl Socket {
    pub(super) fn new(stream: TcpStream, phase: Arc<Phase>, timeout: Duration) -> Self {
        Self { stream, phase, request: Deadline::new(timeout), reply: Deadline::new(timeout) }
    }
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            if !this.phase.receiving.swap(true, Relaxed) {
                this.request.restart();
            }
            // The time runs on while data trickles in.
            return if this.request.is_over() { Poll::Ready(Err(io::ErrorKind::TimedOut.into())) } else { read };
        }
        match read {
            Poll::Pending if this.phase.is_receiving() => this.request.wait(&this.phase, cx),
            read => read,
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let written = Pin::new(&mut this.stream).poll_write(cx, data);
        if written.is_pending() {
            return this.reply.wait(&this.phase, cx);
        }
        this.reply.restart();
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// How long the other side has for one thing. The time begins with the first question after a restart.
struct Deadline {
    timeout: Duration,
    at: Option<Instant>,
    is_watched: bool,
}

impl Deadline {
    fn new(timeout: Duration) -> Self {
        Self { timeout, at: None, is_watched: false }
    }

    fn restart(&mut self) {
        (self.at, self.is_watched) = (None, false);
    }

    #[expect(clippy::disallowed_methods, reason = "real time protects the test, see watchdog")]
    fn is_over(&mut self) -> bool {
        let now = Instant::now();
        now >= *self.at.get_or_insert_with(|| now + self.timeout)
    }

    /// Pending, unless the other side has had long enough or the server is being shut down.
    fn wait<T>(&mut self, phase: &Phase, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        if phase.is_closing() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        if self.is_over() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        if let (Some(at), false) = (self.at, self.is_watched) {
            watchdog::wake_at(at, cx.waker().clone());
            self.is_watched = true;
        }
        Poll::Pending
    }
}
