//! What no correct publisher does.

use std::time::Duration;

use super::bounded::Memory;

/// Something in the traffic that a correct publisher does not do.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    pub(crate) kind: ProblemKind,
    pub(crate) attempt: Option<usize>,
    pub(crate) at: Duration,
    pub(crate) message: String,
}

/// The kinds of [`Problem`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProblemKind {
    /// A connection broke or stalled in the middle of a request, was one too many, or did not speak HTTP.
    Connection,
    /// A request or a header was larger than the mock takes.
    TooLarge,
    /// A request with another method, path or content type than PutEvents has.
    NotPutEvents,
    /// Another operation of EventBridge, or of another service.
    OtherOperation,
    /// A body that is not JSON, or in which a member has the wrong type.
    Unreadable,
    /// With strict authentication: a request that is not signed, or not completely.
    Unauthenticated,
    /// A request that breaks the limits of the service as a whole, such as eleven entries.
    Invalid,
    /// Entries for a bus that is not among the known ones: accepted, as AWS does, and delivered nowhere.
    UnknownBus,
    /// A closure of the test's panicked while a request was judged, which was answered with HTTP 500, or before it was to be
    /// held, which it then was not.
    Panic,
}

/// All of them.
pub(super) const KINDS: [ProblemKind; 9] = [
    ProblemKind::Connection,
    ProblemKind::TooLarge,
    ProblemKind::NotPutEvents,
    ProblemKind::OtherOperation,
    ProblemKind::Unreadable,
    ProblemKind::Unauthenticated,
    ProblemKind::Invalid,
    ProblemKind::UnknownBus,
    ProblemKind::Panic,
];

impl Problem {
    /// What kind of problem it is.
    pub fn kind(&self) -> ProblemKind {
        self.kind
    }

    /// The number of the attempt, where it came as far as to be one.
    pub fn attempt(&self) -> Option<usize> {
        self.attempt
    }

    /// When it was noticed, since the mock was started.
    pub fn at(&self) -> Duration {
        self.at
    }

    /// What was wrong, in words.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl Memory for Problem {
    fn memory(&self) -> usize {
        size_of::<Self>() + self.message.len()
    }
}
