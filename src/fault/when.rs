//! The conditions of a fault as data, and the candidates that they are checked against.

use std::ops::RangeInclusive;

use crate::matcher::{EntryMatcher, Identity};
use crate::random::hash;
use crate::service::{Entry, Operation};

#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct When {
    pub(crate) index: Option<usize>,
    pub(crate) matcher: Option<EntryMatcher>,
    /// The operation whose requests the fault is about; `None` for PutEvents.
    pub(crate) operation: Option<Operation>,
    pub(crate) attempt: Option<usize>,
    pub(crate) on_try: Option<OnTry>,
    pub(crate) lasting: Option<Lasting>,
    pub(crate) after: usize,
    pub(crate) every: Option<usize>,
    pub(crate) times: Option<Times>,
    pub(crate) probability: Option<f64>,
    pub(crate) keyed_by: Option<String>,
}

/// The try of an event that a fault is about, counted from 1, and what makes two entries the same event.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OnTry {
    pub(crate) number: usize,
    pub(crate) identity: Identity,
}

/// The number of the try that each entry of a request is, for each way to identify events that a fault uses.
pub(crate) type TryNumbers = Vec<(Identity, Vec<usize>)>;

/// How long a fault keeps applying once it has applied, see [`Fault::lasting`](super::Fault::lasting).
///
/// ```
/// use putevents_mock::fault::Lasting;
/// use putevents_mock::{EntryError, Fault, RequestError};
///
/// // An outage that begins with the fifth request.
/// let fault = Fault::request(RequestError::service_unavailable()).on_attempt(5).lasting(Lasting::Ever);
/// assert!(fault.to_string().ends_with(", on attempt 5, and for everything after it"));
/// // Each event is throttled from its second try on.
/// let fault = Fault::entry(EntryError::throttling()).on_try(2).lasting(Lasting::Event);
/// assert!(fault.to_string().ends_with(", on try 2 of an event, and on all later ones"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Lasting {
    /// For all further tries that an AWS SDK makes within the same call, known by the header `amz-sdk-invocation-id`.
    ///
    /// A request without that header belongs to the same call if it has the same entries. At most two such requests follow the
    /// first.
    Call,
    /// For all further tries of the same event.
    Event,
    /// For all later requests, as in an outage.
    Ever,
}

impl Lasting {
    pub(crate) const NAMES: [(Self, &'static str); 3] =
        [(Self::Call, "call"), (Self::Event, "event"), (Self::Ever, "ever")];
}

/// What a lasting fault keeps applying to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Ongoing {
    /// The call of an SDK, by its id.
    Call(String),
    /// The call of another client, by the entries of its requests, and how many more requests may belong to it.
    Entries(Vec<u64>, usize),
    Ever,
}

impl Ongoing {
    pub(super) fn of(lasting: Lasting, candidate: &Candidate<'_>) -> Option<Self> {
        match lasting {
            Lasting::Event => None,
            Lasting::Ever => Some(Self::Ever),
            Lasting::Call => Some(match candidate.call {
                Some(call) => Self::Call(call.to_owned()),
                None => Self::Entries(candidate.fingerprint(), 2),
            }),
        }
    }

    /// Returns whether a candidate belongs to what the fault keeps applying to.
    pub(super) fn takes(&mut self, candidate: &Candidate<'_>) -> bool {
        match self {
            Self::Ever => true,
            Self::Call(call) => candidate.call == Some(call),
            Self::Entries(entries, left) => {
                let takes = *left > 0 && candidate.call.is_none() && candidate.fingerprint() == *entries;
                *left -= usize::from(takes);
                takes
            }
        }
    }
}

/// How often a fault applies: a number, or a range from the least to the most times.
///
/// ```
/// use putevents_mock::{Fault, RequestError};
///
/// // `times` takes whatever converts into a `Times`.
/// let twice = Fault::request(RequestError::throttling()).times(2);
/// assert_eq!(twice.to_string(), "400 ThrottlingException for the whole request, 2 times");
/// let some = Fault::request(RequestError::throttling()).times(1..=3);
/// assert_eq!(some.to_string(), "400 ThrottlingException for the whole request, 1 to 3 times");
/// ```
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

/// What the conditions of a fault are checked against: a connection, a request with its entries, or one entry.
#[derive(Clone, Copy)]
pub(crate) struct Candidate<'a> {
    pub(crate) operation: Operation,
    /// The number of the request among the requests for its operation.
    pub(crate) attempt: usize,
    pub(crate) index: Option<usize>,
    pub(crate) entries: &'a [Entry],
    pub(crate) tries: &'a [(Identity, Vec<usize>)],
    /// The id of the SDK's call that the request belongs to.
    pub(crate) call: Option<&'a str>,
}

impl<'a> Candidate<'a> {
    pub(crate) fn connection() -> Self {
        Self { operation: Operation::PUT_EVENTS, attempt: 0, index: None, entries: &[], tries: &[], call: None }
    }

    pub(crate) fn request(
        operation: Operation,
        attempt: usize,
        entries: &'a [Entry],
        tries: &'a TryNumbers,
        call: Option<&'a str>,
    ) -> Self {
        Self { operation, attempt, index: None, entries, tries, call }
    }

    /// The entry at an index of the request.
    pub(crate) fn of_entry(self, index: usize) -> Self {
        Self { index: Some(index), entries: self.entries.get(index..=index).unwrap_or_default(), ..self }
    }

    fn fingerprint(&self) -> Vec<u64> {
        self.entries.iter().map(|entry| hash(entry.detail().unwrap_or_default().as_bytes())).collect()
    }
}

impl When {
    /// Returns the operation whose requests the fault is about.
    pub(crate) fn operation(&self) -> Operation {
        self.operation.unwrap_or(Operation::PUT_EVENTS)
    }

    /// Returns whether all conditions hold that look at the candidate alone. The counting conditions are checked later.
    pub(crate) fn is_about(&self, candidate: &Candidate<'_>) -> bool {
        self.operation() == candidate.operation
            && self.attempt.is_none_or(|attempt| attempt == candidate.attempt)
            && self.index.is_none_or(|index| Some(index) == candidate.index)
            && self.matches(candidate)
            && self.on_try.as_ref().is_none_or(|on_try| self.is_on_try(on_try, candidate))
    }

    fn is_on_try(&self, OnTry { number, identity }: &OnTry, candidate: &Candidate<'_>) -> bool {
        self.try_of(candidate, identity).is_some_and(|this| match self.lasting {
            Some(Lasting::Event) => this >= *number,
            _ => this == *number,
        })
    }

    fn matches(&self, candidate: &Candidate<'_>) -> bool {
        self.matcher.is_none() || self.lead(candidate.entries).is_some()
    }

    /// Returns the index of the entry that stands for its request: the first entry that matches.
    pub(crate) fn lead(&self, entries: &[Entry]) -> Option<usize> {
        entries.iter().position(|entry| self.matcher.as_ref().is_none_or(|matcher| matcher.means(entry)))
    }

    /// Returns which try of its event a candidate is. For a request it is the try of its first event that matches.
    fn try_of(&self, candidate: &Candidate<'_>, identity: &Identity) -> Option<usize> {
        let index = candidate.index.or_else(|| self.lead(candidate.entries))?;
        let (_, numbers) = candidate.tries.iter().find(|(of, _)| of == identity)?;
        numbers.get(index).copied()
    }
}
