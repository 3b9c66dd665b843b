//! What was received and what was answered.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http::request::Parts;

use crate::entry::Entry;
use crate::error::{EntryError, RequestError};
use crate::fault::FaultId;
use crate::ids::EventId;
use crate::reply::Reply;

/// How much a journal holds before it forgets the oldest attempts, in bytes.
const DEFAULT_LIMIT: usize = 256 * 1024 * 1024;
/// The same for its problems, which are short.
const PROBLEMS_LIMIT: usize = 4 * 1024 * 1024;

/// The record of a mock up to one moment: a snapshot, which costs a reference count and never changes.
///
/// It prints itself as a timeline. That is worth having in the message of an assertion:
///
/// ```
/// # let journal = putevents_mock::Engine::new().journal();
/// assert_eq!(journal.published().len(), 0, "{journal}");
/// ```
#[derive(Debug, Clone)]
pub struct Journal {
    attempts: Bounded<Attempt>,
    problems: Bounded<Problem>,
}

impl Journal {
    pub(crate) fn new() -> Self {
        Self { attempts: Bounded::new(DEFAULT_LIMIT), problems: Bounded::new(PROBLEMS_LIMIT) }
    }

    /// Every HTTP request that was received in full, in order of arrival, also those that were no PutEvents.
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts.items
    }

    /// Every entry that was received, in order, accepted or not, as often as it was sent.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.attempts().iter().flat_map(Attempt::entries)
    }

    /// Every accepted entry in order: what a rule on the bus would have seen.
    pub fn published(&self) -> Vec<Event> {
        let accepted = |(index, outcome): (usize, &Outcome)| outcome.event_id().map(|id| (index, id));
        self.attempts()
            .iter()
            .flat_map(|attempt| {
                let accepted = attempt.outcomes().iter().enumerate().filter_map(accepted);
                accepted.map(|(index, id)| Event { attempt: attempt.clone(), index, id })
            })
            .collect()
    }

    /// Whatever a correct publisher does not do, or a real account would not take: unreadable requests, other operations
    /// and paths, requests that break the limits, unknown buses, broken connections. Faults are not problems.
    pub fn problems(&self) -> &[Problem] {
        &self.problems.items
    }

    /// How many of the oldest attempts were forgotten to keep the journal within its limit. Where this is not 0, the
    /// other answers are about the rest only.
    pub fn forgotten(&self) -> usize {
        self.attempts.forgotten
    }

    /// The number of the next attempt, counted from 1.
    pub(crate) fn next_number(&self) -> usize {
        self.attempts.forgotten + self.attempts.items.len() + 1
    }

    pub(crate) fn set_limit(&mut self, bytes: usize) {
        self.attempts.limit = bytes;
    }

    pub(crate) fn record(&mut self, attempt: Received) {
        self.attempts.push(Attempt(Arc::new(attempt)));
    }

    pub(crate) fn report(&mut self, problem: Problem) {
        self.problems.push(problem);
    }
}

/// One HTTP request that was received, and how it was answered. Cloning costs a reference count.
#[derive(Debug, Clone)]
pub struct Attempt(Arc<Received>);

#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) number: usize,
    pub(crate) at: Duration,
    pub(crate) head: Parts,
    pub(crate) body: Bytes,
    pub(crate) entries: Vec<Entry>,
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) error: Option<RequestError>,
    pub(crate) fired: Vec<FaultId>,
    pub(crate) reply: Reply,
}

impl Attempt {
    /// Counts the requests of a mock from 1.
    pub fn number(&self) -> usize {
        self.0.number
    }

    /// When it had been received in full, on the mock's clock: since the mock was started.
    pub fn at(&self) -> Duration {
        self.0.at
    }

    /// The HTTP method.
    pub fn method(&self) -> &str {
        self.0.head.method.as_str()
    }

    /// The path of the request, without its query.
    pub fn path(&self) -> &str {
        self.0.head.uri.path()
    }

    /// The headers as they were sent.
    pub fn headers(&self) -> &HeaderMap {
        &self.0.head.headers
    }

    /// A header by its name in any case, where it is there and is text: `attempt.header("amz-sdk-invocation-id")`.
    pub fn header(&self, name: &str) -> Option<&str> {
        crate::wire::header(&self.0.head, name)
    }

    /// The body as it was sent, compressed where it was compressed.
    pub fn body(&self) -> &Bytes {
        &self.0.body
    }

    /// The entries of the request; none where it could not be read.
    pub fn entries(&self) -> &[Entry] {
        &self.0.entries
    }

    /// What became of each entry, in their order; empty where the whole request was refused.
    pub fn outcomes(&self) -> &[Outcome] {
        &self.0.outcomes
    }

    /// Why the whole request was refused, if it was.
    pub fn error(&self) -> Option<&RequestError> {
        self.0.error.as_ref()
    }

    /// The answer.
    pub fn reply(&self) -> &Reply {
        &self.0.reply
    }

    /// How many injected faults decided about this request and its entries.
    pub fn faults_fired(&self) -> usize {
        self.0.fired.len()
    }
}

/// What became of one entry of a request that was not refused as a whole.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Outcome {
    /// The entry was accepted under this id.
    #[non_exhaustive]
    Accepted {
        /// The `EventId` of the result.
        event_id: EventId,
    },
    /// The entry failed.
    #[non_exhaustive]
    Failed {
        /// The `ErrorCode` and `ErrorMessage` of the result.
        error: EntryError,
        /// Whether a fault made it fail, and not the limits of the service.
        injected: bool,
    },
}

impl Outcome {
    /// The id under which the entry was accepted.
    pub fn event_id(&self) -> Option<EventId> {
        match self {
            Self::Accepted { event_id } => Some(*event_id),
            Self::Failed { .. } => None,
        }
    }

    /// Why the entry failed.
    pub fn error(&self) -> Option<&EntryError> {
        match self {
            Self::Accepted { .. } => None,
            Self::Failed { error, .. } => Some(error),
        }
    }
}

/// An accepted entry with its id. It dereferences to its [`Entry`].
#[derive(Debug, Clone)]
pub struct Event {
    attempt: Attempt,
    index: usize,
    id: EventId,
}

impl Event {
    /// The `EventId` that the publisher was told.
    pub fn id(&self) -> EventId {
        self.id
    }

    /// The attempt that published it.
    pub fn attempt(&self) -> &Attempt {
        &self.attempt
    }
}

impl Deref for Event {
    type Target = Entry;

    fn deref(&self) -> &Entry {
        // An event is only made for an outcome, and there is one outcome for each entry.
        &self.attempt.entries()[self.index]
    }
}

/// Something in the traffic that a correct publisher does not do.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    pub(crate) kind: ProblemKind,
    pub(crate) attempt: Option<usize>,
    pub(crate) at: Duration,
    pub(crate) message: String,
}

/// The kinds of [`Problem`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProblemKind {
    /// A connection broke or stalled in the middle of a request, was one too many, or did not speak HTTP.
    Connection,
    /// A request or a header was larger than the mock takes.
    TooLarge,
    /// A request with another method, path or content type than PutEvents has.
    NotPutEvents,
    /// Another operation of EventBridge, or of another service.
    OtherOperation,
    /// A body that is not JSON, or in which a member has the wrong type.
    Unreadable,
    /// With strict authentication: a request that is not signed, or not completely.
    Unauthenticated,
    /// A request that breaks the limits of the service as a whole, such as eleven entries.
    Invalid,
    /// Entries for a bus that is not among the known ones: accepted, as AWS does, and delivered nowhere.
    UnknownBus,
}

impl Problem {
    /// What kind of problem it is.
    pub fn kind(&self) -> ProblemKind {
        self.kind
    }

    /// The number of the attempt, where it came as far as to be one.
    pub fn attempt(&self) -> Option<usize> {
        self.attempt
    }

    /// When it was noticed, since the mock was started.
    pub fn at(&self) -> Duration {
        self.at
    }

    /// What was wrong, in words.
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// A list that shares its items with its snapshots and forgets the oldest ones when they take too much memory.
#[derive(Debug, Clone)]
struct Bounded<T> {
    items: Arc<Vec<T>>,
    memory: usize,
    limit: usize,
    forgotten: usize,
}

/// The bytes that an item keeps alive, roughly.
trait Memory {
    fn memory(&self) -> usize;
}

impl Memory for Attempt {
    fn memory(&self) -> usize {
        let entries: usize = self.entries().iter().map(Entry::memory).sum();
        let headers = self.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 64);
        let head = self.path().len() + headers.sum::<usize>();
        size_of::<Received>() + head + self.0.body.len() + entries + self.0.reply.body().len() + 512
    }
}

impl Memory for Problem {
    fn memory(&self) -> usize {
        size_of::<Self>() + self.message.len()
    }
}

impl<T: Memory + Clone> Bounded<T> {
    fn new(limit: usize) -> Self {
        Self { items: Arc::default(), memory: 0, limit, forgotten: 0 }
    }

    fn push(&mut self, item: T) {
        self.memory += item.memory();
        let items = Arc::make_mut(&mut self.items);
        items.push(item);
        if self.memory <= self.limit {
            return;
        }
        // A quarter more than necessary is forgotten, so that a full list does not move all its items at every push.
        let enough = self.limit - self.limit / 4;
        let oldest = items.iter().take(items.len() - 1).take_while(|item| {
            let over = self.memory > enough;
            if over {
                self.memory -= item.memory();
            }
            over
        });
        let oldest = oldest.count();
        items.drain(..oldest);
        self.forgotten += oldest;
    }
}
