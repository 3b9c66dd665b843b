//! Which of the things that a fault could hit it does hit.

use std::ops::RangeInclusive;

use crate::matcher::{EntryMatcher, Identity};
use crate::random::hash;
use crate::service::{Entry, Operation};

#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct When {
    pub(crate) index: Option<usize>,
    pub(crate) matcher: Option<EntryMatcher>,
    /// Another operation than PutEvents, whose requests are meant.
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

/// Which try of an event a fault is about, counted from 1, and what makes two entries the same event.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OnTry {
    pub(crate) number: usize,
    pub(crate) identity: Identity,
}

/// Which try of its event each entry of a request is, by each way to identify events that a fault uses.
pub(crate) type TryNumbers = Vec<(Identity, Vec<usize>)>;

/// For how long a fault goes on once it has applied, see [`Fault::lasting`](super::Fault::lasting).
///
/// ```
/// use putevents_mock::fault::Lasting;
/// use putevents_mock::{EntryError, Fault, RequestError};
///
/// // An outage that begins with the fifth request.
/// let fault = Fault::request(RequestError::service_unavailable()).on_attempt(5).lasting(Lasting::Ever);
/// // Each event is throttled from its second try on.
/// let fault = Fault::entry(EntryError::throttling()).on_try(2).lasting(Lasting::Event);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Lasting {
    /// For all further tries that an AWS SDK makes within the same call. A request without the SDK's `amz-sdk-invocation-id`
    /// header counts as a try of the same call where it has the same entries; of those there are at most three.
    Call,
    /// For all further tries of the same event.
    Event,
    /// For everything that comes, as an outage does.
    Ever,
}

impl Lasting {
    pub(crate) const NAMES: [(Self, &'static str); 3] =
        [(Self::Call, "call"), (Self::Event, "event"), (Self::Ever, "ever")];
}

/// What a fault goes on for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Ongoing {
    /// A call of an SDK by its id.
    Call(String),
    /// A call of another client by the entries of its requests, and how many more there may be.
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

    /// Whether a candidate belongs to it.
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
    /// The call of an SDK that the request is a try of.
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

    /// Where the event of a request stands that stands for it: the first one that is meant.
    pub(crate) fn lead(&self, entries: &[Entry]) -> Option<usize> {
        entries.iter().position(|entry| self.matcher.as_ref().is_none_or(|matcher| matcher.means(entry)))
    }

    /// Which try of its event a candidate is; of a request, which one of its first event that is meant.
    fn try_of(&self, candidate: &Candidate<'_>, identity: &Identity) -> Option<usize> {
        let index = candidate.index.or_else(|| self.lead(candidate.entries))?;
        let (_, numbers) = candidate.tries.iter().find(|(of, _)| of == identity)?;
        numbers.get(index).copied()
    }
}
