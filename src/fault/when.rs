//! Which of the things that a fault could hit it does hit.

use std::ops::RangeInclusive;

use crate::matcher::{EntryMatcher, Identity};
use crate::service::{Entry, Operation};

#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct When {
    pub(crate) index: Option<usize>,
    pub(crate) matcher: Option<EntryMatcher>,
    /// Another operation than PutEvents, whose requests are meant.
    pub(crate) operation: Option<Operation>,
    pub(crate) attempt: Option<usize>,
    pub(crate) on_try: Option<OnTry>,
    pub(crate) after: usize,
    pub(crate) every: Option<usize>,
    pub(crate) times: Option<Times>,
    pub(crate) probability: Option<f64>,
    pub(crate) keyed_by: Option<String>,
}

/// Which try of an event a fault is about, counted from 1, and what makes two entries the same event.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OnTry {
    pub(crate) number: usize,
    pub(crate) identity: Identity,
}

/// Which try of its event each entry of a request is, by each way to identify events that a fault uses.
pub(crate) type TryNumbers = Vec<(Identity, Vec<usize>)>;

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
    pub(crate) tries: &'a [(Identity, Vec<usize>)],
}

impl<'a> Candidate<'a> {
    pub(crate) fn connection() -> Self {
        Self { operation: Operation::PUT_EVENTS, attempt: 0, index: None, entries: &[], tries: &[] }
    }

    pub(crate) fn request(operation: Operation, attempt: usize, entries: &'a [Entry], tries: &'a TryNumbers) -> Self {
        Self { operation, attempt, index: None, entries, tries }
    }

    pub(crate) fn entry(attempt: usize, index: usize, entry: &'a Entry, tries: &'a TryNumbers) -> Self {
        let operation = Operation::PUT_EVENTS;
        Self { operation, attempt, index: Some(index), entries: std::slice::from_ref(entry), tries }
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
            && self.matches(candidate)
            && self.on_try.as_ref().is_none_or(|on_try| self.try_of(candidate, &on_try.identity) == Some(on_try.number))
    }

    fn matches(&self, candidate: &Candidate<'_>) -> bool {
        self.matcher.is_none() || self.lead(candidate.entries).is_some()
    }

    /// Where the event of a request stands that stands for it: the first one that is meant.
    pub(crate) fn lead(&self, entries: &[Entry]) -> Option<usize> {
        entries.iter().position(|entry| self.matcher.as_ref().is_none_or(|matcher| matcher.matches(entry)))
    }

    /// Which try of its event a candidate is; of a request, which one of its first event that is meant.
    fn try_of(&self, candidate: &Candidate<'_>, identity: &Identity) -> Option<usize> {
        let index = candidate.index.or_else(|| self.lead(candidate.entries))?;
        let (_, numbers) = candidate.tries.iter().find(|(of, _)| of == identity)?;
        numbers.get(index).copied()
    }
}
