//! What became of a request, before it is recorded and answered.

use std::sync::Arc;

use crate::delivery::{Cut, Delivery, End};
use crate::entry::Entry;
use crate::error::RequestError;
use crate::fault::{Effect, MalformedReply};
use crate::ids::RequestIds;
use crate::journal::{Outcome, ProblemKind};
use crate::reply::Reply;
use crate::report;
use crate::wire::{self, DecodeError};

use super::Now;

/// A request that is refused as a whole.
pub(super) struct Refusal {
    pub(super) error: RequestError,
    pub(super) cause: Cause,
}

pub(super) enum Cause {
    Problem(ProblemKind, String),
    /// An injected fault, as a sentence.
    Fault(Arc<str>),
}

impl Refusal {
    pub(super) fn new(error: RequestError, kind: ProblemKind, message: impl Into<String>) -> Self {
        Self { error, cause: Cause::Problem(kind, message.into()) }
    }

    /// A refusal whose own message says what is wrong.
    pub(super) fn explained(error: RequestError, kind: ProblemKind) -> Self {
        let message = error.message().unwrap_or_default().to_owned();
        Self::new(error, kind, message)
    }

    pub(super) fn unreadable(error: DecodeError) -> Self {
        let (message, why) = match error {
            DecodeError::Syntax { reason } => (None, format!("the body is not JSON: {reason}")),
            DecodeError::Type { path, message } => {
                (message, format!("{path} has the wrong type: {}", message.unwrap_or("expected an object")))
            }
        };
        Self::new(RequestError::serialization(message.map(str::to_owned)), ProblemKind::Unreadable, why)
    }

    pub(super) fn other_operation(target: Option<&str>) -> Self {
        let why = match target {
            Some(target) => format!("the operation is {target:?}; only {:?} is mocked", wire::TARGET),
            None => format!("there is no X-Amz-Target header; PutEvents needs {:?}", wire::TARGET),
        };
        Self::new(RequestError::unknown_operation(), ProblemKind::OtherOperation, why)
    }
}

/// What became of a request.
#[derive(Default)]
pub(super) struct Verdict {
    pub(super) entries: Vec<Entry>,
    pub(super) outcomes: Vec<Outcome>,
    pub(super) error: Option<RequestError>,
    /// The faults that decided, as sentences.
    pub(super) faults: Vec<Arc<str>>,
    pub(super) problems: Vec<(ProblemKind, String)>,
    /// A fault kept the service from seeing it.
    pub(super) is_unseen: bool,
    pub(super) was_refused_by_fault: bool,
    pub(super) malformed: Option<MalformedReply>,
    pub(super) delivery: Delivery,
}

impl Verdict {
    pub(super) fn refused(entries: Vec<Entry>, Refusal { error, cause }: Refusal) -> Self {
        let mut verdict = Self { entries, error: Some(error), ..Self::default() };
        match cause {
            Cause::Problem(kind, message) => verdict.problems.push((kind, report::shortened(message))),
            Cause::Fault(fault) => {
                verdict.faults.push(fault);
                verdict.was_refused_by_fault = true;
            }
        }
        verdict
    }

    /// The request never reached the service.
    pub(super) fn unseen(entries: Vec<Entry>, fault: Arc<str>, effect: &Effect) -> Self {
        let end = if let Effect::Ending { end, .. } = effect { end.clone() } else { End::Closed(Cut::Start) };
        Self { entries, faults: vec![fault], is_unseen: true, delivery: Delivery::ending(end), ..Self::default() }
    }

    pub(super) fn reply(&self, attempt: usize, now: Now, ids: &RequestIds<'_>) -> Reply {
        if self.is_unseen {
            return Reply::never(attempt, self.delivery.clone());
        }
        let reply = match (&self.error, &self.malformed) {
            (Some(error), _) => Reply::refusal(ids.request_id(), now.date, error),
            (None, None) => Reply::results(ids.request_id(), now.date, &self.outcomes),
            (None, Some(how)) => Reply::results(ids.request_id(), now.date, &self.outcomes).malformed(how),
        };
        reply.to(attempt).delivered(self.delivery.clone())
    }
}
