//! Published events as they come.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use tokio::sync::mpsc;

use crate::journal::Event;

/// Events as they are published, from [`MockEventBridge::subscribe`](crate::MockEventBridge::subscribe), for tests that
/// react to them.
///
/// It holds every event until it is taken, whatever the journal forgets. It is also a `Stream`.
///
/// ```no_run
/// # async fn test(eventbridge: putevents_mock::MockEventBridge) {
/// let mut events = eventbridge.subscribe();
/// while let Some(event) = events.next().await {
///     println!("{}", event.envelope());
/// }
/// # }
/// ```
#[derive(Debug)]
#[must_use = "it gives events only to those who ask"]
pub struct Subscription(mpsc::UnboundedReceiver<Event>);

impl Subscription {
    pub(super) fn new(receiver: mpsc::UnboundedReceiver<Event>) -> Self {
        Self(receiver)
    }

    /// The next event; `None` when the mock is gone and all its events were taken.
    ///
    /// It is cancel-safe: where another branch of a `select!` wins, no event is lost.
    pub async fn next(&mut self) -> Option<Event> {
        self.0.recv().await
    }
}

impl Stream for Subscription {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        self.0.poll_recv(cx)
    }
}
