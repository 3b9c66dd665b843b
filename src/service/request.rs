//! Reads the bytes of a request into its members, or refuses it as the service does.

use super::auth;
use super::body::Body;
use super::entry::Entry;
use super::error::RequestError;
use super::head::{Head, RequestHead, Unkept};
use super::operation::Operation;
use super::problem::{ProblemCause, ProblemKind};
use super::wire::{self, DecodeError, PutEvents};

/// The settings for reading requests.
#[derive(Debug, Clone)]
pub(crate) struct Reading {
    /// The longest body, in bytes.
    pub(crate) max_body_size: usize,
    /// Whether requests must be signed.
    pub(crate) strict_auth: bool,
    /// Whether the middle of access key ids is removed.
    pub(crate) are_keys_shortened: bool,
}

/// What a request asks for.
#[derive(Debug)]
pub(crate) enum Asked {
    PutEvents(PutEvents),
    /// Another operation of EventBridge, with a body that is JSON or empty.
    Other,
}

impl Asked {
    /// Returns the entries of the request; none for another operation.
    pub(crate) fn into_entries(self) -> Vec<Entry> {
        match self {
            Self::PutEvents(request) => request.entries.unwrap_or_default(),
            Self::Other => Vec::new(),
        }
    }
}

/// A request that the service refuses as a whole, with the problem for the journal.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) error: RequestError,
    /// `None` if a correct publisher may get this error.
    pub(crate) cause: Option<ProblemCause>,
}

impl Refusal {
    pub(crate) fn new(error: RequestError, cause: ProblemCause) -> Self {
        Self { error, cause: Some(cause) }
    }

    /// A refusal that a correct publisher may get.
    pub(crate) fn as_asked(error: RequestError) -> Self {
        Self { error, cause: None }
    }

    /// A refusal whose own message says what is wrong.
    pub(crate) fn explained(error: RequestError, kind: ProblemKind) -> Self {
        let cause = ProblemCause::new(kind, error.message().unwrap_or_default());
        Self::new(error, cause)
    }

    pub(crate) fn unreadable(error: &DecodeError) -> Self {
        let message = match error {
            DecodeError::Syntax { .. } => None,
            DecodeError::Type { message, .. } => message.map(str::to_owned),
        };
        Self::new(RequestError::serialization(message), ProblemCause::unreadable(error))
    }
}

impl Reading {
    /// Does steps 2 to 7 of a request: reads what it says. For another operation steps 2 to 5: this function does not know
    /// whether the operation has a reply.
    pub(crate) fn read(&self, head: &Head, body: &Body) -> Result<Asked, Refusal> {
        check_received(head, body.bytes(), self.max_body_size)?;
        if let Some(cause) = ProblemCause::of_protocol(head) {
            return Err(Refusal::new(RequestError::unknown_protocol(), cause));
        }
        if let Some(encoding) = head.header("content-encoding").filter(|encoding| *encoding != "identity") {
            // How the service handles compressed bodies is unknown. The code is from the page of common errors (D).
            let cause = ProblemCause::compressed(encoding);
            let error = RequestError::new(400, "MalformedHttpRequestException", cause.message.clone());
            return Err(Refusal::new(error, cause));
        }
        let operation = Operation::of(head);
        if operation != Some(Operation::PUT_EVENTS) {
            if !body.bytes().is_empty() {
                wire::check_syntax(body).map_err(|error| Refusal::unreadable(&error))?;
            }
            return operation.map(|_| Asked::Other).ok_or_else(|| {
                let cause = ProblemCause::no_operation(head.header("x-amz-target"));
                Refusal::new(RequestError::unknown_operation(), cause)
            });
        }
        let request = wire::decode(body);
        if let Err(error @ DecodeError::Syntax { .. }) = &request {
            return Err(Refusal::unreadable(error));
        }
        self.authenticate(head)?;
        request.map(Asked::PutEvents).map_err(|error| Refusal::unreadable(&error))
    }

    /// Does step 6: checks the signature.
    pub(crate) fn authenticate(&self, head: &Head) -> Result<(), Refusal> {
        if !self.strict_auth {
            return Ok(());
        }
        auth::check(head).map_err(|error| Refusal::explained(error, ProblemKind::Unauthenticated))
    }
}

/// Does step 2: checks that the whole body is there, with at most this many bytes.
pub(crate) fn check_received(head: &impl RequestHead, body: &[u8], max_size: usize) -> Result<(), Refusal> {
    match head.unkept().or_else(|| (wire::body_length(head, body) > max_size).then_some(Unkept::TooLong)) {
        None => Ok(()),
        Some(Unkept::TooLong) => {
            Err(Refusal::new(RequestError::payload_too_large(), ProblemCause::too_large("the body", max_size)))
        }
        Some(Unkept::NoRoom { limit }) => {
            Err(Refusal::new(RequestError::service_unavailable(), ProblemCause::no_room(limit)))
        }
    }
}

/// Returns the entries of a recorded request, if it can be read.
pub(crate) fn entries_of(head: &Head, body: &Body) -> Option<Vec<Entry>> {
    let reading = Reading { max_body_size: usize::MAX, strict_auth: false, are_keys_shortened: false };
    match reading.read(head, body).ok()? {
        Asked::PutEvents(request) => request.entries,
        Asked::Other => None,
    }
}
