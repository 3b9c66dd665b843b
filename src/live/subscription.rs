//! Subscriptions to published events.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};

use futures_core::Stream;

use crate::journal::{Attempt, Event};
use crate::records::Records;

/// A queue of published events, from [`MockEventBridge::subscribe`](crate::MockEventBridge::subscribe), for tests that react to
/// events. It is also a `Stream`.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use putevents_mock::MockEventBridge;
///
/// let eventbridge = MockEventBridge::in_process();
/// let mut events = eventbridge.subscribe();
/// publish(&eventbridge, 1).await; // The publisher under test.
/// publish(&eventbridge, 2).await;
/// eventbridge.shutdown().await;
///
/// let mut orders = Vec::new();
/// while let Some(event) = events.next().await {
///     orders.push(event.envelope()["detail"]["orderId"].clone());
/// }
/// assert_eq!(orders, [1, 2]);
/// # }
/// # async fn publish(eventbridge: &putevents_mock::MockEventBridge, order: u64) {
/// #     let entry = aws_sdk_eventbridge::types::PutEventsRequestEntry::builder().source("shop").detail_type("OrderPlaced");
/// #     let entry = entry.detail(format!(r#"{{"orderId":{order}}}"#)).build();
/// #     let client = aws_sdk_eventbridge::Client::new(&eventbridge.sdk_config());
/// #     drop(client.put_events().entries(entry).send().await);
/// # }
/// ```
///
/// The queue holds events until the test takes them, also events that the journal forgets meanwhile. Its bound is that of the
/// journal ([`max_journal_size`](crate::mock::MockEventBridgeBuilder::max_journal_size), 256 MiB by default); the newest attempt
/// always stays. Beyond the bound it drops the oldest events, and [`missed`](Self::missed) counts them.
#[derive(Debug)]
#[must_use = "it holds events until next() takes them"]
pub struct Subscription(Arc<Mutex<Queue>>);

/// The mock's end of a subscription. Its drop ends the subscription.
pub(super) struct Publisher(Weak<Mutex<Queue>>);

/// The events that were not taken yet.
#[derive(Debug, Default)]
struct Queue {
    attempts: VecDeque<OfAttempt>,
    bytes: usize,
    max_bytes: usize,
    missed: usize,
    is_closed: bool,
    waiting: Option<Waker>,
}

/// The events of an attempt, and the bytes that they keep in memory.
type OfAttempt = (VecDeque<Event>, usize);

fn events_of(attempt: &Attempt) -> Option<OfAttempt> {
    let events: VecDeque<Event> = Event::all_of(attempt).collect();
    (!events.is_empty()).then(|| (events, attempt.memory()))
}

/// A subscription that holds up to this many bytes, and its publisher.
pub(super) fn subscription(max_bytes: usize) -> (Publisher, Subscription) {
    let queue = Arc::new(Mutex::new(Queue { max_bytes, ..Queue::default() }));
    (Publisher(Arc::downgrade(&queue)), Subscription(queue))
}

impl Publisher {
    /// Queues the events of an attempt. Returns whether the subscription still exists.
    pub(super) fn publish(&self, attempt: &Attempt) -> bool {
        let Some(queue) = self.0.upgrade() else { return false };
        if let Some(events) = events_of(attempt) {
            change(&queue, |queue| queue.push(events));
        }
        true
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        if let Some(queue) = self.0.upgrade() {
            change(&queue, |queue| queue.is_closed = true);
        }
    }
}

impl Queue {
    fn push(&mut self, (events, bytes): OfAttempt) {
        self.bytes += bytes;
        self.attempts.push_back((events, bytes));
        self.keep_within_bound();
    }

    /// Puts earlier attempts before all that are queued.
    fn begin_with(&mut self, attempts: VecDeque<OfAttempt>) {
        if self.missed > 0 {
            // There was no room even for later events.
            self.missed += attempts.iter().map(|(events, _)| events.len()).sum::<usize>();
            return;
        }
        let later = std::mem::replace(&mut self.attempts, attempts);
        self.attempts.extend(later);
        self.bytes = self.attempts.iter().map(|(_, bytes)| bytes).sum();
        self.keep_within_bound();
    }

    fn keep_within_bound(&mut self) {
        while self.bytes > self.max_bytes && self.attempts.len() > 1 {
            let Some((events, bytes)) = self.attempts.pop_front() else { return };
            self.bytes -= bytes;
            self.missed += events.len();
        }
    }

    fn take(&mut self) -> Option<Event> {
        let (events, bytes) = self.attempts.front_mut()?;
        let event = events.pop_front();
        if events.is_empty() {
            self.bytes -= *bytes;
            self.attempts.pop_front();
        }
        event
    }
}

impl Subscription {
    /// Queues the events of the attempts before the subscription.
    pub(super) fn begin_with(&self, attempts: &Records<Attempt>) {
        let attempts = attempts.iter().filter_map(events_of).collect();
        change(&self.0, |queue| queue.begin_with(attempts));
    }

    /// Waits for the next event and returns it. Returns `None` after the mock was dropped or shut down, and all its events were
    /// taken.
    ///
    /// It is cancel-safe: if another branch of a `select!` wins, no event is lost.
    pub async fn next(&mut self) -> Option<Event> {
        poll_fn(|cx| self.poll(cx)).await
    }

    /// Returns how many events the queue dropped at its bound. With 0, [`next`](Self::next) returns every event.
    pub fn missed(&self) -> usize {
        locked(&self.0).missed
    }

    fn poll(&mut self, cx: &Context<'_>) -> Poll<Option<Event>> {
        let mut queue = locked(&self.0);
        match queue.take() {
            None if !queue.is_closed => {
                queue.waiting = Some(cx.waker().clone());
                Poll::Pending
            }
            event => Poll::Ready(event),
        }
    }
}

impl Stream for Subscription {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        self.poll(cx)
    }
}

/// Changes a queue, and wakes the task that waits for it.
fn change(queue: &Mutex<Queue>, change: impl FnOnce(&mut Queue)) {
    let waiting = {
        let mut queue = locked(queue);
        change(&mut queue);
        queue.waiting.take()
    };
    waiting.into_iter().for_each(Waker::wake);
}

fn locked(queue: &Mutex<Queue>) -> MutexGuard<'_, Queue> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}
