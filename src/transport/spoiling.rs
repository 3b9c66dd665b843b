//! Writes a reply as its delivery says: cut off, reset, in pieces, or replaced. hyper above does not notice until the end: it would
//! refuse to write a reply that contradicts its own head.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use tokio::net::TcpStream;
use tokio::time::Sleep;

use super::phase::{Outgoing, Phase};
use super::stream::{poll_write, shut_down};
use crate::fault::{Delivery, End};

pub(super) struct Spoiling {
    delivery: Delivery,
    /// The bytes that replace the reply.
    instead: Option<Bytes>,
    /// The number of bytes that are still to be written.
    left: usize,
    pause: Option<Pin<Box<Sleep>>>,
    is_stalled: bool,
}

impl Spoiling {
    /// `first` is the first write of hyper: at least the whole head.
    pub(super) fn new(Outgoing { delivery, body, .. }: Outgoing, first: &[u8]) -> Self {
        let head = first.windows(4).position(|window| window == b"\r\n\r\n").map_or(first.len(), |at| at + 4);
        let (left, instead) = match &delivery.end {
            End::Whole => (head + body, None),
            End::Closed(cut) | End::Reset(cut) | End::Stalled(cut) => (cut.offset(head, body), None),
            End::Garbage(bytes) => (bytes.len(), Some(bytes.clone())),
        };
        Self { delivery, instead, left, pause: None, is_stalled: false }
    }

    /// Whether the reply waits on purpose, and not for its client.
    pub(super) fn is_waiting(&self) -> bool {
        self.is_stalled || self.pause.is_some()
    }

    /// Whether the reply is written and the connection goes on.
    pub(super) fn is_done(&self) -> bool {
        self.left == 0 && self.delivery.end == End::Whole
    }

    pub(super) fn poll_write(
        &mut self,
        stream: &TcpStream,
        phase: &Phase,
        cx: &mut Context<'_>,
        data: &[u8],
    ) -> Poll<io::Result<usize>> {
        if let Some(pause) = &mut self.pause {
            ready!(pause.as_mut().poll(cx));
            self.pause = None;
        }
        loop {
            if self.left == 0 {
                return self.poll_end(stream, phase);
            }
            let piece = self.delivery.pace.map_or(self.left, |pace| pace.bytes.min(self.left));
            let source = self.instead.as_deref().unwrap_or(data);
            let piece = source.get(..piece.min(source.len())).unwrap_or(source);
            if piece.len() == self.left && !matches!(self.delivery.end, End::Stalled(_)) {
                // Before the last bytes leave, so that it counts before anything that the client does next.
                phase.give(false);
            }
            let written = ready!(poll_write(stream, cx, piece))?;
            self.left -= written;
            if let Some(instead) = &mut self.instead {
                instead.advance(written);
                continue;
            }
            if let Some(pace) = self.delivery.pace.filter(|_| self.left > 0) {
                self.pause = Some(Box::pin(tokio::time::sleep(pace.every)));
            }
            if self.left == 0 && self.delivery.end != End::Whole {
                // The end comes with these bytes. The rest that hyper has is not written.
                ready!(self.poll_end(stream, phase))?;
            }
            return Poll::Ready(Ok(written));
        }
    }

    fn poll_end(&mut self, stream: &TcpStream, phase: &Phase) -> Poll<io::Result<usize>> {
        if let End::Stalled(_) = &self.delivery.end {
            // Until the client leaves.
            self.is_stalled = true;
            phase.set_silent();
            return Poll::Pending;
        }
        phase.give_up_place();
        match &self.delivery.end {
            End::Whole | End::Stalled(_) => {}
            End::Reset(_) => stream.set_zero_linger()?,
            End::Closed(_) | End::Garbage(_) => shut_down(stream)?,
        }
        // The drop of the stream closes it.
        Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()))
    }
}
