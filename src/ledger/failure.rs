//! What a publisher meets where it is not told that an entry was accepted.

use std::fmt;

use crate::service::{EntryError, ErrorClass, RequestError};
use crate::words::printable;

/// What a publisher met with one try of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// The entry failed inside an answer of HTTP 200.
    Entry(EntryError),
    /// The whole request failed.
    Request(RequestError),
    /// No answer that says what happened reached it.
    NoAnswer,
}

impl Failure {
    /// The error code, where there was one.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Entry(error) => Some(error.code()),
            Self::Request(error) => error.code(),
            Self::NoAnswer => None,
        }
    }

    /// Whom it is about. Where nothing was answered, nobody.
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
