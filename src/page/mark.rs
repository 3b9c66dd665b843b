//! Marks: one sign for the outcome of an entry.

use crate::journal::{Attempt, Refuser, Story};
use crate::service::Outcome;

/// The outcome of an entry, or of a request without entries, from the best to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mark {
    Accepted,
    Answered,
    Waiting,
    Undelivered,
    Lost,
    FailedInjected,
    RefusedInjected,
    Unseen,
    Failed,
    Refused,
}

impl Mark {
    /// All marks, in the order of the legend.
    pub(super) const ALL: [Self; 10] = [
        Self::Accepted,
        Self::Lost,
        Self::Undelivered,
        Self::Failed,
        Self::FailedInjected,
        Self::Refused,
        Self::RefusedInjected,
        Self::Unseen,
        Self::Waiting,
        Self::Answered,
    ];

    /// The mark of the entry at an index. If the request has no entries, the index does not matter.
    pub(super) fn of(attempt: &Attempt, index: usize) -> Self {
        let is_waiting = attempt.ended_at().is_none() && attempt.delivery().hold.is_some();
        match attempt.story() {
            Story::Unseen => Self::Unseen,
            Story::Refused { by: Refuser::Service, .. } => Self::Refused,
            Story::Refused { by: Refuser::Fault, .. } => Self::RefusedInjected,
            Story::Other { .. } if is_waiting => Self::Waiting,
            Story::Other { .. } => Self::Answered,
            Story::Answered { outcomes, .. } => match outcomes.get(index) {
                Some(Outcome::Failed { injected: false, .. }) => Self::Failed,
                Some(Outcome::Failed { injected: true, .. }) => Self::FailedInjected,
                Some(Outcome::Accepted { .. }) if is_waiting => Self::Waiting,
                Some(Outcome::Accepted { is_delivered: false, .. }) => Self::Undelivered,
                Some(Outcome::Accepted { .. }) if !attempt.is_told() => Self::Lost,
                Some(Outcome::Accepted { .. }) | None => Self::Accepted,
            },
        }
    }

    /// The worst mark in an attempt.
    pub(super) fn worst(attempt: &Attempt) -> Self {
        let marks = (0..attempt.entries().len()).map(|index| Self::of(attempt, index));
        marks.max().unwrap_or_else(|| Self::of(attempt, 0))
    }

    /// The name in the view. The symbol on the page has the same name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Answered => "answered",
            Self::Waiting => "waiting",
            Self::Undelivered => "undelivered",
            Self::Lost => "lost",
            Self::FailedInjected => "failed-injected",
            Self::RefusedInjected => "refused-injected",
            Self::Unseen => "unseen",
            Self::Failed => "failed",
            Self::Refused => "refused",
        }
    }

    /// Whether the mark shows a failure.
    pub(super) fn is_failure(self) -> bool {
        !matches!(self, Self::Accepted | Self::Answered)
    }

    /// The text of the legend.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Answered => "a request for another operation, answered",
            Self::Waiting => "not answered yet",
            Self::Undelivered => "accepted, but delivered nowhere",
            Self::Lost => "accepted, but the publisher was not told",
            Self::FailedInjected => "failed by a fault (injected)",
            Self::RefusedInjected => "refused with the whole request by a fault (injected)",
            Self::Unseen => "never seen by the service",
            Self::Failed => "failed",
            Self::Refused => "refused with the whole request",
        }
    }
}
