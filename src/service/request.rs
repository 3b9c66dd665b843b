//! From the bytes of a request to its members, or to the service's refusal.

use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;

use super::auth;
use super::entry::Entry;
use super::error::RequestError;
use super::problem::{ProblemCause, ProblemKind};
use super::sender::Sender;
use super::wire::{self, DecodeError, PutEvents};

/// How requests are read.
#[derive(Debug, Clone)]
pub(crate) struct Reading {
    /// The longest body, in bytes.
    pub(crate) max_body_size: usize,
    /// Whether requests must be signed.
    pub(crate) strict_auth: bool,
    /// From where the entries are taken to come, where a test says it.
    pub(crate) sender: Option<Arc<Sender>>,
}

/// A request that the service refuses as a whole, and why, for the journal.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) error: RequestError,
    pub(crate) cause: ProblemCause,
}

impl Refusal {
    /// A refusal whose own message says what is wrong.
    pub(crate) fn explained(error: RequestError, kind: ProblemKind) -> Self {
        let message = error.message().unwrap_or_default().to_owned();
        Self { error, cause: ProblemCause::new(kind, message) }
    }

    fn unreadable(error: &DecodeError) -> Self {
        let message = match error {
            DecodeError::Syntax { .. } => None,
            DecodeError::Type { message, .. } => message.map(str::to_owned),
        };
        Self { error: RequestError::serialization(message), cause: ProblemCause::unreadable(error) }
    }
}

impl Reading {
    /// Steps 2 to 7 of a request: what it says, as far as it says anything.
    pub(crate) fn read(&self, head: &Parts, body: &Bytes) -> Result<PutEvents, Refusal> {
        if wire::body_length(head, body) > self.max_body_size {
            let cause = ProblemCause::too_large("the body", self.max_body_size);
            return Err(Refusal { error: RequestError::payload_too_large(), cause });
        }
        if let Some(cause) = ProblemCause::of_protocol(head) {
            return Err(Refusal { error: RequestError::unknown_protocol(), cause });
        }
        if let Some(encoding) = wire::header(head, "content-encoding").filter(|encoding| *encoding != "identity") {
            // What the service makes of compressed bodies is unknown. The code is that of the page of common errors (D).
            let cause = ProblemCause::compressed(encoding);
            let error = RequestError::new(400, "MalformedHttpRequestException", cause.message.clone());
            return Err(Refusal { error, cause });
        }
        if !wire::is_put_events(head) {
            if !body.is_empty() {
                wire::check_syntax(body).map_err(|error| Refusal::unreadable(&error))?;
            }
            let cause = ProblemCause::other_operation(wire::header(head, "x-amz-target"));
            return Err(Refusal { error: RequestError::unknown_operation(), cause });
        }
        let request = wire::decode(body);
        if let Err(error @ DecodeError::Syntax { .. }) = &request {
            return Err(Refusal::unreadable(error));
        }
        if self.strict_auth {
            auth::check(head).map_err(|error| Refusal::explained(error, ProblemKind::Unauthenticated))?;
        }
        let mut request = request.map_err(|error| Refusal::unreadable(&error))?;
        if self.sender.is_some() {
            request.entries.iter_mut().flatten().for_each(|entry| entry.sender.clone_from(&self.sender));
        }
        Ok(request)
    }
}

/// The entries of a recorded request, if it can be read.
pub(crate) fn entries_of(head: &Parts, body: &Bytes, sender: Option<Arc<Sender>>) -> Option<Vec<Entry>> {
    Reading { max_body_size: usize::MAX, strict_auth: false, sender }.read(head, body).ok()?.entries
}
