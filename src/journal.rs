//! What was received and what was answered.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http::request::Parts;

use crate::delivery::Delivery;
use crate::entry::Entry;
use crate::error::{EntryError, RequestError};
use crate::fault::{FaultId, FaultRecord, MalformedReply};
use crate::ids::EventId;
use crate::reply::Reply;
use crate::report;

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
    pub(crate) faults: Vec<FaultRecord>,
    pub(crate) seed: Option<u64>,
}

impl Journal {
    pub(crate) fn new() -> Self {
        Self {
            attempts: Bounded::new(DEFAULT_LIMIT),
            problems: Bounded::new(PROBLEMS_LIMIT),
            faults: Vec::new(),
            seed: None,
        }
    }

    /// Every HTTP request that was received in full, in order of arrival, also those that were no PutEvents.
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts.items
    }

    /// Every entry that was received, in order, accepted or not, as often as it was sent.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.attempts().iter().flat_map(Attempt::entries)
    }

    /// Every accepted entry in order, as often as it was accepted: what the publisher was, or should have been, told an
    /// EventId for. See [`Event::is_delivered`] for what a rule on the bus would have seen of it.
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

    /// Fails unless every fault that was injected has applied, as often as it was to: a fault that was never met tests
    /// nothing.
    ///
    /// # Panics
    ///
    /// With every such fault as a sentence, the line that injected it, and the entry that came nearest.
    #[track_caller]
    pub fn assert_every_fault_fired(&self) {
        if let Err(mismatch) = self.check_every_fault_fired() {
            panic!("{mismatch}");
        }
    }

    /// As [`assert_every_fault_fired`](Self::assert_every_fault_fired), without a panic.
    ///
    /// # Errors
    ///
    /// The same text.
    pub fn check_every_fault_fired(&self) -> Result<(), Mismatch> {
        report::unfired_faults(self).map_or(Ok(()), |text| Err(Mismatch(text)))
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

/// What a check found different from what was expected, as a text. It prints itself as that text, also with `{:?}`, so
/// that `unwrap` and `?` in a test read well.
#[derive(Clone, PartialEq, Eq)]
pub struct Mismatch(pub(crate) String);

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
    pub(crate) is_unseen: bool,
    pub(crate) was_refused_by_fault: bool,
    pub(crate) malformed: Option<MalformedReply>,
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

    /// What became of each entry, in their order; empty where the whole request was refused or never seen.
    pub fn outcomes(&self) -> &[Outcome] {
        &self.0.outcomes
    }

    /// The error that was answered for the whole request, if one was. Where there are outcomes all the same, a fault made
    /// it up, and the truth was lost.
    pub fn error(&self) -> Option<&RequestError> {
        self.0.error.as_ref()
    }

    /// The answer, with what became of it on its way; `None` where a fault kept the service from seeing the request, so
    /// that none was made.
    pub fn reply(&self) -> Option<&Reply> {
        (!self.0.is_unseen).then_some(&self.0.reply)
    }

    pub(crate) fn was_refused_by_fault(&self) -> bool {
        self.0.was_refused_by_fault
    }

    pub(crate) fn malformed(&self) -> Option<&MalformedReply> {
        self.0.malformed.as_ref()
    }

    pub(crate) fn delivery(&self) -> &Delivery {
        self.0.reply.delivery()
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
        /// Whether a rule on the bus would see the event: not for an unknown bus, or where a fault says so.
        is_delivered: bool,
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
            Self::Accepted { event_id, .. } => Some(*event_id),
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

    /// Whether a rule on the bus would have seen it. AWS accepts entries for a bus that does not exist and delivers them
    /// nowhere; so does the mock where the known buses are named, and where [`Fault::undelivered`](crate::Fault::undelivered)
    /// says so.
    pub fn is_delivered(&self) -> bool {
        matches!(self.attempt.outcomes().get(self.index), Some(Outcome::Accepted { is_delivered: true, .. }))
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
    /// A closure of the test's panicked while a request was judged, which was answered with HTTP 500, or before it was to be
    /// held, which it then was not.
    Panic,
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
