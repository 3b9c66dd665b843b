//! Gates: they hold requests and replies until the test releases them.

use std::fmt;
use std::future::{Future, poll_fn};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

/// Holds the requests or replies of a [`Fault::hold`](crate::Fault::hold) until the test releases them.
///
/// A gate starts closed. Once released it stays open. A clone is the same gate.
///
/// ```
/// # #[cfg(feature = "aws-sdk")]
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use std::time::Duration;
/// use putevents_mock::fault::Gate;
/// use putevents_mock::{Fault, MockEventBridge};
///
/// let eventbridge = MockEventBridge::in_process();
/// let gate = Gate::new();
/// eventbridge.inject(Fault::hold(&gate));
/// // Start the program under test, then:
/// # let client = aws_sdk_eventbridge::Client::new(&eventbridge.sdk_config());
/// # let entry = aws_sdk_eventbridge::types::PutEventsRequestEntry::builder().source("a").detail_type("b").detail("{}").build();
/// # let publishing = tokio::spawn(client.put_events().entries(entry).send());
/// gate.wait_until_reached(Duration::from_secs(5)).await.unwrap();
/// assert_eq!(gate.held(), 1); // The event is accepted. The publisher does not know it yet.
/// gate.release();
/// # publishing.await.unwrap().unwrap();
/// # }
/// # #[cfg(not(feature = "aws-sdk"))] fn main() {}
/// ```
#[derive(Clone, Default)]
pub struct Gate(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    is_open: bool,
    reached: usize,
    held: usize,
    most_held: usize,
    waiting: Vec<Waker>,
}

impl Gate {
    /// Returns a closed gate.
    pub fn new() -> Self {
        Self::default()
    }

    /// Opens the gate: releases everything that it holds. Later requests and replies pass.
    pub fn release(&self) {
        let waiting = {
            let mut state = self.state();
            state.is_open = true;
            std::mem::take(&mut state.waiting)
        };
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Returns how many requests or replies the gate holds at this moment.
    pub fn held(&self) -> usize {
        self.state().held
    }

    /// Returns the largest number of requests or replies that the gate held at once.
    pub fn most_held_at_once(&self) -> usize {
        self.state().most_held
    }

    /// Returns how many requests or replies have reached the gate, including the ones that it released.
    pub fn reached(&self) -> usize {
        self.state().reached
    }

    /// Waits until something reaches the gate.
    pub(crate) async fn until_reached(&self) {
        self.when(|state| state.reached > 0).await;
    }

    /// Passes the gate once it is open. If the future is dropped, the gate no longer holds its request or reply.
    pub(crate) async fn pass(&self) {
        struct Held<'a>(&'a Gate);

        impl Drop for Held<'_> {
            fn drop(&mut self) {
                self.0.state().held -= 1;
            }
        }

        {
            let mut state = self.state();
            state.reached += 1;
            state.held += 1;
            state.most_held = state.most_held.max(state.held);
            std::mem::take(&mut state.waiting)
        }
        .into_iter()
        .for_each(Waker::wake);
        let _held = Held(self);
        self.when(|state| state.is_open).await;
    }

    fn when(&self, condition: impl Fn(&State) -> bool) -> impl Future<Output = ()> {
        poll_fn(move |cx| {
            let mut state = self.state();
            if condition(&state) {
                return Poll::Ready(());
            }
            state.waiting.push(cx.waker().clone());
            Poll::Pending
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Two gates are equal if they are clones of the same gate.
impl PartialEq for Gate {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let State { is_open, reached, held, .. } = &*self.state();
        f.debug_struct("Gate").field("is_open", is_open).field("reached", reached).field("held", held).finish()
    }
}
