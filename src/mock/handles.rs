//! The handles of injected faults.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use crate::fault::FaultId;
use crate::live::Live;

/// The handle of an injected fault. Dropping it leaves the fault in force.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use putevents_mock::{EntryError, Fault, MockEventBridge};
///
/// let eventbridge = MockEventBridge::in_process();
/// let throttling = eventbridge.inject(Fault::entry(EntryError::throttling()).at_index(0));
/// publish(&eventbridge, 1).await; // The publisher under test.
/// assert_eq!(throttling.fired(), 1);
/// assert_eq!(eventbridge.journal().attempts_of(throttling.id()).count(), 1);
///
/// throttling.lift();
/// publish(&eventbridge, 2).await;
/// assert_eq!(throttling.fired(), 1);
/// # }
/// # async fn publish(eventbridge: &putevents_mock::MockEventBridge, order: u64) {
/// #     let entry = aws_sdk_eventbridge::types::PutEventsRequestEntry::builder().source("shop").detail_type("OrderPlaced");
/// #     let entry = entry.detail(format!(r#"{{"orderId":{order}}}"#)).build();
/// #     let client = aws_sdk_eventbridge::Client::new(&eventbridge.sdk_config());
/// #     drop(client.put_events().entries(entry).send().await);
/// # }
/// ```
#[derive(Clone)]
pub struct FaultHandle {
    id: FaultId,
    live: Arc<Live>,
}

impl FaultHandle {
    pub(super) fn new(id: FaultId, live: Arc<Live>) -> Self {
        Self { id, live }
    }

    /// Returns the id of the fault. [`Attempt::fault_ids`](crate::journal::Attempt::fault_ids) has the ids of the faults that
    /// applied to an attempt, and [`Journal::attempts_of`](crate::Journal::attempts_of) finds the attempts to which a fault
    /// applied.
    pub fn id(&self) -> FaultId {
        self.id
    }

    /// Returns how often the fault has applied.
    pub fn fired(&self) -> usize {
        self.live.ask(|engine| engine.fired(self.id))
    }

    /// Lifts the fault: it no longer applies. Outcomes that it caused are kept.
    pub fn lift(&self) {
        self.live.faults().lift(self.id);
    }
}

/// The handle of an injected fault that lifts the fault when it is dropped. It dereferences to its [`FaultHandle`].
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use putevents_mock::{Fault, MockEventBridge, RequestError};
///
/// let eventbridge = MockEventBridge::in_process();
/// {
///     let denied = eventbridge.inject_scoped(Fault::request(RequestError::access_denied()));
///     publish(&eventbridge, 1).await; // The publisher under test.
///     assert_eq!(denied.fired(), 1);
/// }
/// publish(&eventbridge, 2).await;
/// eventbridge.journal().published().assert_count(1);
/// # }
/// # async fn publish(eventbridge: &putevents_mock::MockEventBridge, order: u64) {
/// #     let entry = aws_sdk_eventbridge::types::PutEventsRequestEntry::builder().source("shop").detail_type("OrderPlaced");
/// #     let entry = entry.detail(format!(r#"{{"orderId":{order}}}"#)).build();
/// #     let client = aws_sdk_eventbridge::Client::new(&eventbridge.sdk_config());
/// #     drop(client.put_events().entries(entry).send().await);
/// # }
/// ```
#[derive(Debug)]
pub struct ScopedFault(FaultHandle);

impl ScopedFault {
    pub(super) fn new(handle: FaultHandle) -> Self {
        Self(handle)
    }
}

impl Deref for ScopedFault {
    type Target = FaultHandle;

    fn deref(&self) -> &FaultHandle {
        &self.0
    }
}

impl Drop for ScopedFault {
    fn drop(&mut self) {
        self.0.lift();
    }
}

impl fmt::Debug for FaultHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultHandle").field("id", &self.id).field("fired", &self.fired()).finish()
    }
}
