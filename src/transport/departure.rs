//! Notices that a client leaves while its answer is late.
//!
//! A reset is an end. A client that has closed its side (FIN) may have gone, or may still read: nothing but writing to it tells,
//! so its connection stays until the answer is due, or until another one needs its place.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{Interest, ReadBuf};
use tokio::net::TcpStream;

use super::phase::Phase;

/// Looks after one client.
pub(super) struct Departure<'a> {
    stream: &'a TcpStream,
    /// Waits for a reset behind bytes that nobody has read, or behind the end of what the client sends.
    reset: Option<Pin<Box<dyn Future<Output = ()> + Send + 'a>>>,
}

impl<'a> Departure<'a> {
    pub(super) fn of(stream: &'a TcpStream) -> Self {
        Self { stream, reset: None }
    }

    /// Ready where the client is gone. Where it has only closed its side, the phase learns it.
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
