//! What became of a request.

use crate::fault::MalformedReply;
use crate::service::{EntryError, Outcome, RequestError};

/// What became of a request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Story {
    /// A fault kept the service from seeing the request.
    Unseen,
    /// The whole request was refused.
    Refused { error: Box<RequestError>, by: Refuser },
    /// Each entry has an outcome.
    Answered { outcomes: Vec<Outcome>, answer: Answer },
    /// The request was for another operation than PutEvents, and was answered. A fault may have broken the answer.
    Other { malformed: Option<MalformedReply> },
}

/// Who refused a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refuser {
    /// The rules of the service or of the mock.
    Service,
    Fault,
}

/// What the answer told the publisher about its entries.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Answer {
    Truth,
    /// A fault replaced the answer by this error.
    Error(Box<RequestError>),
    /// A fault broke the answer.
    Malformed(MalformedReply),
}

impl Story {
    /// The outcome of each entry. Empty if the request was refused or never seen.
    pub(crate) fn outcomes(&self) -> &[Outcome] {
        match self {
            Self::Answered { outcomes, .. } => outcomes,
            Self::Unseen | Self::Refused { .. } | Self::Other { .. } => &[],
        }
    }

    /// The error that was answered for the whole request.
    pub(crate) fn error(&self) -> Option<&RequestError> {
        match self {
            Self::Refused { error, .. } | Self::Answered { answer: Answer::Error(error), .. } => Some(error),
            Self::Unseen | Self::Other { .. } | Self::Answered { answer: Answer::Truth | Answer::Malformed(_), .. } => {
                None
            }
        }
    }

    /// The bytes that it keeps alive beside itself.
    pub(super) fn memory(&self) -> usize {
        let outcomes = match self {
            Self::Answered { outcomes, .. } => outcomes.capacity() * size_of::<Outcome>(),
            Self::Unseen | Self::Refused { .. } | Self::Other { .. } => 0,
        };
        let errors = self.outcomes().iter().filter_map(Outcome::error).map(EntryError::memory);
        outcomes + errors.sum::<usize>() + self.error().map_or(0, |error| size_of::<RequestError>() + error.memory())
    }

    /// How a fault broke the answer.
    pub(crate) fn malformed(&self) -> Option<&MalformedReply> {
        match self {
            Self::Answered { answer: Answer::Malformed(how), .. } => Some(how),
            Self::Other { malformed } => malformed.as_ref(),
            Self::Unseen | Self::Refused { .. } | Self::Answered { answer: Answer::Truth | Answer::Error(_), .. } => {
                None
            }
        }
    }

    /// Whether the answer says what happened.
    pub(crate) fn is_told_truly(&self) -> bool {
        matches!(
            self,
            Self::Refused { .. } | Self::Other { malformed: None } | Self::Answered { answer: Answer::Truth, .. }
        )
    }
}
