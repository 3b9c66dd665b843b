//! Which of the things that a fault could hit it does hit.

use std::ops::RangeInclusive;

use crate::matcher::EntryMatcher;
use crate::service::{Entry, Operation};

#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct When {
    pub(crate) index: Option<usize>,
    pub(crate) matcher: Option<EntryMatcher>,
    /// Another operation than PutEvents, whose requests are meant.
    pub(crate) operation: Option<Operation>,
    pub(crate) attempt: Option<usize>,
    pub(crate) after: usize,
    pub(crate) every: Option<usize>,
    pub(crate) times: Option<Times>,
    pub(crate) probability: Option<f64>,
    pub(crate) keyed_by: Option<String>,
}

/// How often a fault applies: a number, or a range from how often it must to how often it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    pub(crate) min: usize,
    pub(crate) max: usize,
}

impl From<usize> for Times {
    fn from(times: usize) -> Self {
        Self { min: times, max: times }
    }
}

impl From<RangeInclusive<usize>> for Times {
    fn from(times: RangeInclusive<usize>) -> Self {
        Self { min: *times.start(), max: *times.end() }
    }
}

/// What a fault is asked about: a connection, a request with its entries, or one entry.
#[derive(Clone, Copy)]
pub(crate) struct Candidate<'a> {
    pub(crate) operation: Operation,
    /// Among the requests for that operation.
    pub(crate) attempt: usize,
    pub(crate) index: Option<usize>,
    pub(crate) entries: &'a [Entry],
}

impl<'a> Candidate<'a> {
    pub(crate) fn connection() -> Self {
        Self { operation: Operation::PUT_EVENTS, attempt: 0, index: None, entries: &[] }
    }

    pub(crate) fn request(operation: Operation, attempt: usize, entries: &'a [Entry]) -> Self {
        Self { operation, attempt, index: None, entries }
    }

    pub(crate) fn entry(attempt: usize, index: usize, entry: &'a Entry) -> Self {
        let operation = Operation::PUT_EVENTS;
        Self { operation, attempt, index: Some(index), entries: std::slice::from_ref(entry) }
    }
}

impl When {
    /// The operation whose requests are meant.
    pub(crate) fn operation(&self) -> Operation {
        self.operation.unwrap_or(Operation::PUT_EVENTS)
    }

    /// Whether all conditions hold that look at the candidate alone, and not at how many came before.
    pub(crate) fn is_about(&self, candidate: &Candidate<'_>) -> bool {
        self.operation() == candidate.operation
            && self.attempt.is_none_or(|attempt| attempt == candidate.attempt)
            && self.index.is_none_or(|index| Some(index) == candidate.index)
            && self.matcher.as_ref().is_none_or(|matcher| candidate.entries.iter().any(|entry| matcher.matches(entry)))
    }
}
