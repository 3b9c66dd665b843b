//! The socket below hyper. It bounds the time in which a request must be received and a reply must be read.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::clients::Client;
use super::lookout::Mark;
use super::phase::{Outgoing, Phase};
use super::spoiling::Spoiling;
use super::stream::{poll_read, poll_write, shut_down};
use super::watchdog;

pub(super) struct Socket {
    _mark: Option<Mark>,
    client: Arc<Client>,
    /// Whether any bytes were received.
    has_begun: bool,
    /// The deadline of the request.
    request: Deadline,
    /// The deadline of a client that does not read its reply.
    reply: Deadline,
    /// The deadline of the whole reply, if it has one.
    whole_reply: Option<Deadline>,
    /// The reply that a fault changes while it is written.
    spoiling: Option<Spoiling>,
}

impl Socket {
    pub(super) fn new(client: Arc<Client>, mark: Option<Mark>, timeout: Duration) -> Self {
        let (request, reply) = (Deadline::new(timeout), Deadline::new(timeout));
        Self { _mark: mark, client, has_begun: false, request, reply, whole_reply: None, spoiling: None }
    }

    /// Begins to write a reply. A reply that no fault changes counts as delivered before its first byte leaves, so that it counts
    /// before anything that its client does next.
    fn begin(&self, outgoing: Outgoing, data: &[u8], cx: &mut Context<'_>) -> Option<Spoiling> {
        if outgoing.is_spoilt() {
            return Some(Spoiling::new(outgoing, data));
        }
        let mut nothing = [0];
        let mut nothing = ReadBuf::new(&mut nothing);
        let is_client_gone = matches!(self.client.stream.poll_peek(cx, &mut nothing), Poll::Ready(Ok(0) | Err(_)));
        self.client.phase.give(is_client_gone);
        None
    }
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let Self { client, request, has_begun, .. } = &mut *self;
        let phase = &client.phase;
        phase.request_is_awaited(client.now());
        let before = buffer.filled().len();
        let read = poll_read(&client.stream, cx, buffer);
        if buffer.filled().len() > before {
            if !std::mem::replace(has_begun, true) {
                // The type of a TLS record with a handshake, and the major version (RFC 8446, 5.1). No HTTP request begins with
                // them.
                phase.set_tls(matches!(buffer.filled().get(before..), Some([0x16] | [0x16, 0x03, ..])));
            }
            if phase.request_comes(client.now()) {
                request.restart();
            }
            // The deadline does not move while data trickles in.
            return if request.is_over() { Poll::Ready(Err(io::ErrorKind::TimedOut.into())) } else { read };
        }
        match read {
            Poll::Pending if phase.is_receiving() => request.wait(phase, cx),
            read => read,
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if this.spoiling.is_none() {
            let outgoing = this.client.phase.announced();
            if let Some(outgoing) = &outgoing {
                this.whole_reply = outgoing.time_to_read.map(Deadline::new);
            }
            this.spoiling = outgoing.and_then(|outgoing| this.begin(outgoing, data, cx));
        }
        let Client { stream, phase, .. } = &*this.client;
        let written = match &mut this.spoiling {
            None => poll_write(stream, cx, data),
            Some(spoiling) => spoiling.poll_write(stream, phase, cx, data),
        };
        let is_waiting = this.spoiling.as_ref().is_some_and(Spoiling::is_waiting);
        phase.set_blocked(written.is_pending() && !is_waiting);
        match written {
            Poll::Pending if !is_waiting => {
                if let Some(Poll::Ready(over)) = this.whole_reply.as_mut().map(|whole| whole.wait(phase, cx)) {
                    return Poll::Ready(over);
                }
                this.reply.wait(phase, cx)
            }
            Poll::Pending if phase.is_closing() => Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into())),
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

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(shut_down(&self.client.stream))
    }
}

/// A deadline for the client. Its time begins with the first wait after a restart.
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

    /// Pending, unless the deadline is over or the server is being shut down.
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
