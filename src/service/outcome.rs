//! The outcome of one entry.

use super::error::EntryError;
use super::ids::EventId;

/// The outcome of one entry: accepted with an EventId, or failed with a code. Requests that were refused as a whole have no
/// outcomes.
///
/// ```
/// use putevents_mock::journal::Outcome;
/// # use std::time::{Duration, SystemTime};
/// # use putevents_mock::engine::{Ids, Now};
/// # use putevents_mock::{bytes::Bytes, http::Request};
/// # let mut engine = putevents_mock::Engine::new();
/// # let body = r#"{"Entries":[{"Source":"shop","DetailType":"OrderPlaced","Detail":"{}"},{"Source":"shop"}]}"#;
/// # let request = Request::post("/").header("x-amz-target", "AWSEvents.PutEvents");
/// # let request = request.header("content-type", "application/x-amz-json-1.1").body(Bytes::from(body)).unwrap();
/// # engine.handle(request, Now::new(Duration::ZERO, SystemTime::UNIX_EPOCH), &mut Ids::counting());
/// # let journal = engine.journal();
///
/// // The second entry had no detail-type.
/// let [first, second] = journal.attempts()[0].outcomes() else { panic!("{journal}") };
/// assert_eq!(first.event_id().unwrap(), "00000000-0000-0000-0000-000000000001");
/// assert_eq!(second.error().unwrap().code(), "InvalidArgument");
/// assert!(matches!(second, Outcome::Failed { injected: false, .. }));
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Outcome {
    /// The entry was accepted with this EventId.
    #[non_exhaustive]
    Accepted {
        /// The `EventId` of the result.
        event_id: EventId,
        /// Whether a rule on the bus would see the event. `false` for an unknown bus, and for
        /// [`Fault::undelivered`](crate::Fault::undelivered).
        is_delivered: bool,
    },
    /// The entry failed.
    #[non_exhaustive]
    Failed {
        /// The `ErrorCode` and `ErrorMessage` of the result.
        error: EntryError,
        /// Whether a fault made the entry fail. `false` if a limit of the service did.
        injected: bool,
    },
}

impl Outcome {
    /// Returns the EventId; `None` if the entry failed.
    pub fn event_id(&self) -> Option<EventId> {
        match self {
            Self::Accepted { event_id, .. } => Some(*event_id),
            Self::Failed { .. } => None,
        }
    }

    pub(crate) fn is_accepted(&self) -> bool {
        matches!(self, Self::Accepted { .. })
    }

    /// Returns the error; `None` if the entry was accepted.
    pub fn error(&self) -> Option<&EntryError> {
        match self {
            Self::Accepted { .. } => None,
            Self::Failed { error, .. } => Some(error),
        }
    }
}
