//! What a publisher sees if it is not told that an entry was accepted.

use std::fmt;

use crate::service::{EntryError, ErrorClass, RequestError};
use crate::words::printable;

/// The failure that a publisher saw with one try of an event. [`Fate`](super::Fate) holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// The entry failed inside an answer of HTTP 200.
    Entry(EntryError),
    /// The whole request failed.
    Request(RequestError),
    /// The publisher got no answer that says what happened.
    NoAnswer,
}

impl Failure {
    /// Returns the error code. `None` if there was no answer, or an error without a code.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Entry(error) => Some(error.code()),
            Self::Request(error) => error.code(),
            Self::NoAnswer => None,
        }
    }

    /// Returns whom the failure is about. No answer is [`ErrorClass::Transient`].
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Entry(error) => error.class(),
            Self::Request(error) => error.class(),
            Self::NoAnswer => ErrorClass::Transient,
        }
    }
}

/// `ThrottlingException`, `400 AccessDeniedException`, `no answer`.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entry(error) => f.write_str(&printable(error.code())),
            Self::Request(error) => error.fmt(f),
            Self::NoAnswer => f.write_str("no answer"),
        }
    }
}
