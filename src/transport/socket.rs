//! The socket below hyper. It knows when a request is half received, and does not wait for the rest for ever.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::lookout::Mark;
use super::spoiling::{Outgoing, Spoiling};
use super::watchdog;

/// Where a connection stands. The socket and the service above it both know a part of that.
#[derive(Debug, Default)]
pub(super) struct Phase {
    receiving: AtomicBool,
    closing: AtomicBool,
    waiting: AtomicBool,
    tls: AtomicBool,
    /// What becomes of the answer that is written next.
    delivery: Mutex<Option<Outgoing>>,
    /// How long the client may take to read the whole answer that is written next.
    time_to_read: Mutex<Option<Duration>>,
}

impl Phase {
    /// The first bytes of a request have come, and not yet all of them.
    pub(super) fn is_receiving(&self) -> bool {
        self.receiving.load(Relaxed)
    }

    pub(super) fn request_is_complete(&self) {
        self.receiving.store(false, Relaxed);
    }

    /// The answer is held or delayed on purpose.
    pub(super) fn is_waiting(&self) -> bool {
        self.waiting.load(Relaxed)
    }

    pub(super) fn set_waiting(&self, waiting: bool) {
        self.waiting.store(waiting, Relaxed);
    }

    /// The server is being shut down: nobody waits for the other side any more.
    pub(super) fn is_closing(&self) -> bool {
        self.closing.load(Relaxed)
    }

    pub(super) fn close(&self) {
        self.closing.store(true, Relaxed);
    }

    /// The client began with a TLS handshake.
    pub(super) fn is_tls(&self) -> bool {
        self.tls.load(Relaxed)
    }

    /// Says what becomes of the next answer.
    pub(super) fn announce(&self, outgoing: Outgoing) {
        *self.outgoing() = Some(outgoing);
    }

    /// Says that the next answer must be read within this time, from its first byte to its last.
    pub(super) fn must_be_read_within(&self, time: Option<Duration>) {
        *self.time_to_read() = time;
    }

    fn time_to_read(&self) -> MutexGuard<'_, Option<Duration>> {
        self.time_to_read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn outgoing(&self) -> MutexGuard<'_, Option<Outgoing>> {
        self.delivery.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) struct Socket {
    _mark: Option<Mark>,
    stream: TcpStream,
    phase: Arc<Phase>,
    /// Whether anything was received at all.
    has_begun: bool,
    /// Until when the request must be complete.
    request: Deadline,
    /// Until when a client that does not read its answer is waited for.
    reply: Deadline,
    /// Until when it must have read the whole answer, where that has an end of its own.
    whole_reply: Option<Deadline>,
    /// The answer that is being spoilt.
    spoiling: Option<Spoiling>,
}

impl Socket {
    pub(super) fn new(stream: TcpStream, mark: Option<Mark>, phase: Arc<Phase>, timeout: Duration) -> Self {
        let (request, reply) = (Deadline::new(timeout), Deadline::new(timeout));
        Self { _mark: mark, stream, phase, has_begun: false, request, reply, whole_reply: None, spoiling: None }
    }
}

impl Socket {
    /// Begins to write an answer: spoilt, or as it is. Such a one counts as given before its first byte has left, so that
    /// nothing that its client does next can come before.
    fn begin(&self, outgoing: Outgoing, data: &[u8], cx: &mut Context<'_>) -> Option<Spoiling> {
        if outgoing.is_spoilt() {
            return Some(Spoiling::new(outgoing, data));
        }
        let mut nothing = [0];
        let mut nothing = ReadBuf::new(&mut nothing);
        let is_client_gone = matches!(self.stream.poll_peek(cx, &mut nothing), Poll::Ready(Ok(0) | Err(_)));
        if !is_client_gone {
            outgoing.in_flight.answered();
        }
        None
    }
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            if !std::mem::replace(&mut this.has_begun, true) {
                // The type of a TLS record with a handshake, and the major version (RFC 8446, 5.1). No HTTP begins so.
                let is_tls = matches!(buffer.filled().get(before..), Some([0x16] | [0x16, 0x03, ..]));
                this.phase.tls.store(is_tls, Relaxed);
            }
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
        if this.spoiling.is_none() {
            let outgoing = this.phase.outgoing().take();
            if outgoing.is_some() {
                this.whole_reply = None; // It was for the answer before.
            }
            this.spoiling = outgoing.and_then(|outgoing| this.begin(outgoing, data, cx));
        }
        if let Some(time) = this.phase.time_to_read().take() {
            this.whole_reply = Some(Deadline::new(time));
        }
        let written = match &mut this.spoiling {
            None => Pin::new(&mut this.stream).poll_write(cx, data),
            Some(spoiling) => spoiling.poll_write(&mut this.stream, cx, data),
        };
        match written {
            Poll::Pending if !this.spoiling.as_ref().is_some_and(Spoiling::is_waiting) => {
                if let Some(Poll::Ready(over)) = this.whole_reply.as_mut().map(|whole| whole.wait(&this.phase, cx)) {
                    return Poll::Ready(over);
                }
                this.reply.wait(&this.phase, cx)
            }
            Poll::Pending if this.phase.is_closing() => Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into())),
            Poll::Pending => Poll::Pending,
            written => {
                this.reply.restart();
                if this.spoiling.as_ref().is_some_and(Spoiling::is_done) {
                    this.spoiling = None;
                }
                written
            }
        }
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
