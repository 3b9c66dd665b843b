//! Holding requests and replies until the test lets them go.

use std::fmt;
use std::future::{Future, poll_fn};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

/// Holds whatever reaches it until the test releases it: for [`Fault::hold`](crate::Fault::hold).
///
/// A clone is the same gate. It starts closed, and once released it stays open.
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
/// assert_eq!(gate.held(), 1); // Its event is accepted, and it does not know that yet.
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
    /// A closed gate.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets go whatever is held, now and from now on.
    pub fn release(&self) {
        let waiting = {
            let mut state = self.state();
            state.is_open = true;
            std::mem::take(&mut state.waiting)
        };
        waiting.into_iter().for_each(Waker::wake);
    }

    /// How many are held at this moment.
    pub fn held(&self) -> usize {
        self.state().held
    }

    /// How many were held at once at most.
    pub fn most_held_at_once(&self) -> usize {
        self.state().most_held
    }

    /// How many have reached the gate, those that were let go included.
    pub fn reached(&self) -> usize {
        self.state().reached
    }

    /// Waits until something has reached the gate.
    pub(crate) async fn until_reached(&self) {
        self.when(|state| state.reached > 0).await;
    }

    /// Passes the gate, when it is open. Dropping the future gives up: then nothing is held any more.
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

/// Equal where it is the same gate.
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
