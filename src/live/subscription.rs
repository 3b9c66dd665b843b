//! Published events as they come.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};

use futures_core::Stream;

use crate::journal::{Attempt, Event};
use crate::records::Records;

/// Events as they are published, from [`MockEventBridge::subscribe`](crate::MockEventBridge::subscribe), for tests that
/// react to them.
///
/// It holds events until they are taken, also those that the journal forgets meanwhile. It holds as many bytes as the journal may
/// ([`max_journal_size`](crate::mock::MockEventBridgeBuilder::max_journal_size), 256 MiB by default), and the newest attempt in any
/// case. Beyond that it drops the oldest events that were not taken, and [`missed`](Self::missed) counts them. It is also a
/// `Stream`.
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
pub struct Subscription(Arc<Mutex<Queue>>);

/// The mock's end of a subscription. When it is dropped there are no more events.
pub(super) struct Publisher(Weak<Mutex<Queue>>);

/// What was not taken yet.
#[derive(Debug, Default)]
struct Queue {
    attempts: VecDeque<OfAttempt>,
    bytes: usize,
    max_bytes: usize,
    missed: usize,
    is_closed: bool,
    waiting: Option<Waker>,
}

/// The events of an attempt, with the bytes that these keep alive.
type OfAttempt = (VecDeque<Event>, usize);

fn events_of(attempt: &Attempt) -> Option<OfAttempt> {
    let events: VecDeque<Event> = Event::all_of(attempt).collect();
    (!events.is_empty()).then(|| (events, attempt.memory()))
}

/// A subscription that holds so many bytes, and where its events go.
pub(super) fn subscription(max_bytes: usize) -> (Publisher, Subscription) {
    let queue = Arc::new(Mutex::new(Queue { max_bytes, ..Queue::default() }));
    (Publisher(Arc::downgrade(&queue)), Subscription(queue))
}

impl Publisher {
    /// Hands over the events of an attempt. Returns whether anybody may still take them.
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

    /// What came before all that it has.
    fn begin_with(&mut self, attempts: VecDeque<OfAttempt>) {
        if self.missed > 0 {
            // There was no room for what came later.
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
    /// Hands over the events of the attempts that came before it began.
    pub(super) fn begin_with(&self, attempts: &Records<Attempt>) {
        let attempts = attempts.iter().filter_map(events_of).collect();
        change(&self.0, |queue| queue.begin_with(attempts));
    }

    /// The next event; `None` when the mock is gone and all its events were taken.
    ///
    /// It is cancel-safe: where another branch of a `select!` wins, no event is lost.
    pub async fn next(&mut self) -> Option<Event> {
        poll_fn(|cx| self.poll(cx)).await
    }

    /// How many events it had to drop because they were not taken in time. 0 where every event was, or will be, given.
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

/// Changes a queue, and wakes who waits for that.
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
