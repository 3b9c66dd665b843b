//! What becomes of one entry.

use super::error::EntryError;
use super::ids::EventId;

/// What became of one entry of a request that was not refused as a whole.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Outcome {
    /// The entry was accepted under this id.
    #[non_exhaustive]
    Accepted {
        /// The `EventId` of the result.
        event_id: EventId,
        /// Whether a rule on the bus would see the event: not for an unknown bus, or where a fault says so.
        is_delivered: bool,
    },
    /// The entry failed.
    #[non_exhaustive]
    Failed {
        /// The `ErrorCode` and `ErrorMessage` of the result.
        error: EntryError,
        /// Whether a fault made it fail, and not the limits of the service.
        injected: bool,
    },
}

impl Outcome {
    /// The id under which the entry was accepted.
    pub fn event_id(&self) -> Option<EventId> {
        match self {
            Self::Accepted { event_id, .. } => Some(*event_id),
            Self::Failed { .. } => None,
        }
    }

    pub(crate) fn is_accepted(&self) -> bool {
        matches!(self, Self::Accepted { .. })
    }

    /// Why the entry failed.
    pub fn error(&self) -> Option<&EntryError> {
        match self {
            Self::Accepted { .. } => None,
            Self::Failed { error, .. } => Some(error),
        }
    }
}
