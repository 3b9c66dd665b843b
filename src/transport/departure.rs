//! Notices that a client leaves while its reply is late.
//!
//! A reset ends the connection. A client that has closed its side (FIN) may have left, or may still read: only a write would tell.
//! So its connection stays until the reply is due, or until another connection needs its place.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{Interest, ReadBuf};
use tokio::net::TcpStream;

use super::phase::Phase;

/// Watches one client.
pub(super) struct Departure<'a> {
    stream: &'a TcpStream,
    /// Waits for a reset behind unread bytes, or behind the end of the client's side.
    reset: Option<Pin<Box<dyn Future<Output = ()> + Send + 'a>>>,
}

impl<'a> Departure<'a> {
    pub(super) fn of(stream: &'a TcpStream) -> Self {
        Self { stream, reset: None }
    }

    /// Ready if the client has left. If it has only closed its side, this tells the phase.
    pub(super) fn poll(&mut self, phase: &Phase, cx: &mut Context<'_>) -> Poll<()> {
        let mut nothing = [0];
        let mut nothing = ReadBuf::new(&mut nothing);
        match self.stream.poll_peek(cx, &mut nothing) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(Err(_)) => return Poll::Ready(()),
            Poll::Ready(Ok(0)) => phase.half_close(),
            Poll::Ready(Ok(_)) => {}
        }
        let stream = self.stream;
        let reset = self.reset.get_or_insert_with(|| Box::pin(async { drop(stream.ready(Interest::ERROR).await) }));
        match reset.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(()),
            Poll::Pending if phase.is_silent() && phase.is_half_closed() => Poll::Ready(()),
            Poll::Pending => Poll::Pending,
        }
    }
}
