//! The ledger: one line for each event, with all tries to publish it and what became of it.
//!
//! [`Journal::ledger`] returns the [`Ledger`] of a journal. It has a [`Line`] for each event, and each line has a [`Try`] for each
//! sending of the event.

mod build;
mod differences;
mod failure;

use std::collections::HashMap;
use std::time::Duration;

pub use self::differences::Difference;
pub use self::failure::Failure;
use crate::journal::{Attempt, Journal};
use crate::matcher::{Candidate, EntryMatcher, Identity, IntoMatchers, misplaced, with_undecided};
use crate::pattern::Undecided;
use crate::service::{Entry, ErrorClass, Outcome};

/// The journal told by events: one [line](Line) for each event that the publisher wanted to publish, with all its tries.
///
/// ```
/// # use putevents_mock::engine::{Ids, Now};
/// # use putevents_mock::Engine;
/// # let mut engine = Engine::new();
/// # let request = http::Request::post("/")
/// #     .header("content-type", "application/x-amz-json-1.1")
/// #     .header("x-amz-target", "AWSEvents.PutEvents")
/// #     .body(r#"{"Entries":[{"Source":"shop","DetailType":"OrderPlaced","Detail":"{\"orderId\":1}"}]}"#.into())
/// #     .unwrap();
/// # let now = Now::new(std::time::Duration::ZERO, std::time::SystemTime::UNIX_EPOCH);
/// # engine.handle(request, now, &mut Ids::counting());
/// # let journal = engine.journal();
/// use putevents_mock::entry;
///
/// let order = |id: u64| entry().detail_type("OrderPlaced").detail_at("/orderId", id);
/// let ledger = journal.ledger();
/// ledger.assert_only_failed_entries_resent();
///
/// // The mock received order 1 only. A ledger that expects order 2 counts it as lost:
/// let ledger = journal.ledger().expecting([order(1), order(2)]);
/// assert!(ledger.check_none_lost().is_err());
/// ```
///
/// Entries of several attempts are the same event if their event bus, source, detail-type, resources and parsed detail are
/// equal. Numbers are compared by value. The `Time` may differ, because many publishers write a new one into each try. Two
/// equal entries in one request are two events.
///
/// If the publisher writes something new into the detail of each try, or publishes equal events on purpose, write
/// [`identify_by`](Self::identify_by): it takes an id in the detail instead.
#[derive(Debug, Clone)]
pub struct Ledger {
    journal: Journal,
    identity: Identity,
    expected: Option<Vec<EntryMatcher>>,
    lines: Vec<Line>,
    /// An event pattern in a matcher that could not be decided.
    undecided: Option<Undecided>,
}

/// One event with all its tries.
///
/// ```
/// # use std::time::{Duration, SystemTime};
/// # use putevents_mock::engine::{Engine, Ids, Now};
/// use putevents_mock::ledger::Fate;
/// use putevents_mock::{EntryError, Fault};
///
/// # let mut engine = Engine::new();
/// engine.inject(Fault::entry(EntryError::throttling()).times(1));
/// # for second in 0..2 {
/// #     let request = http::Request::post("/")
/// #         .header("content-type", "application/x-amz-json-1.1")
/// #         .header("x-amz-target", "AWSEvents.PutEvents")
/// #         .body(r#"{"Entries":[{"Source":"shop","DetailType":"OrderPlaced","Detail":"{}"}]}"#.into())
/// #         .unwrap();
/// #     engine.handle(request, Now::new(Duration::from_secs(second), SystemTime::UNIX_EPOCH), &mut Ids::counting());
/// # }
/// # let journal = engine.journal();
/// // The publisher sends an event, which fails, and sends it again.
/// let ledger = journal.ledger();
/// let line = &ledger.lines()[0];
/// assert_eq!(line.fate(), Fate::Accepted);
/// assert_eq!(line.times_accepted(), 1);
/// let tries = line.tries();
/// assert_eq!(tries.len(), 2);
/// assert_eq!(tries[0].outcome().unwrap().error().unwrap().code(), "ThrottlingException");
/// assert_eq!((tries[1].attempt().number(), tries[1].index(), tries[1].is_accepted()), (2, 0, true));
/// ```
#[derive(Debug, Clone)]
pub struct Line {
    pub(crate) expected: Option<Expected>,
    tries: Vec<Try>,
}

/// The matcher that expected a line, and its index among the expected ones.
#[derive(Debug, Clone)]
pub(crate) struct Expected {
    pub(crate) number: usize,
    pub(crate) matcher: EntryMatcher,
    /// The entry of the event in another run, if there is one.
    pub(crate) like: Option<Box<Entry>>,
}

/// One sending of one event: an entry of an attempt. See the example of [`Line`].
#[derive(Debug, Clone)]
pub struct Try {
    attempt: Attempt,
    index: usize,
}

/// What a publisher knows that forbids another try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Known {
    Accepted,
    /// Another try fails with the same error.
    Permanent(Failure),
    /// The same batch fails with the same error.
    Batch(Failure),
}

/// Returns what the publisher knew after a try, and since when.
pub(crate) type KnownAfter = fn(&Try) -> Option<(Duration, Known)>;

/// The tries of an event that the publisher made though it knew something that forbids them.
#[derive(Debug, Clone)]
pub(crate) struct Again {
    pub(crate) earlier: Try,
    /// What the publisher knew after `earlier`.
    pub(crate) known: Known,
    /// Never empty.
    pub(crate) tries: Vec<Try>,
}

/// What became of an event in the end.
///
/// ```
/// # let journal = putevents_mock::Engine::new().journal();
/// use putevents_mock::ledger::Fate;
///
/// for line in journal.ledger().lines() {
///     match line.fate() {
///         Fate::Accepted | Fate::AnswerLost => {}
///         Fate::Rejected(failure) => println!("another try cannot help: {failure}"),
///         Fate::NeverRetried(failure) => println!("lost after {failure}"),
///         _ => println!("never sent"),
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fate {
    /// The event was accepted, and the publisher was told so.
    Accepted,
    /// The event was accepted, but no reply said so. The publisher cannot know that it was accepted.
    AnswerLost,
    /// The event was never accepted. The publisher was told this error about the entry itself
    /// ([`ErrorClass::Entry`]), which comes back with each try.
    Rejected(Failure),
    /// The event was never accepted. Its last try met this failure, which does not rule out another try, and none came.
    NeverRetried(Failure),
    /// The event was [expected](Ledger::expecting), and never received.
    NeverSent,
}

impl Journal {
    /// Returns the journal told by events: one line for each event, with all its tries.
    pub fn ledger(&self) -> Ledger {
        Ledger::of(self, Identity::Content)
    }
}

impl Ledger {
    /// The ledger of a journal, with events identified by `identity`.
    pub(crate) fn of(journal: &Journal, identity: Identity) -> Self {
        Self::build(journal.clone(), identity, None)
    }

    /// The journal that the ledger was made of.
    pub(crate) fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Why the pointer of `identify_by` leads nowhere in any detail, if it does.
    pub(crate) fn misplaced_pointer(&self) -> Option<String> {
        match &self.identity {
            Identity::Content => None,
            Identity::DetailAt(pointer) => misplaced(pointer, self.entries()),
        }
    }

    /// All entries of its journal.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> + Clone {
        self.journal.attempts().iter().flat_map(Attempt::entries)
    }

    /// Identifies events by an id in their details, at this JSON pointer: `identify_by("/orderId")`.
    ///
    /// Two entries are then the same event if their event bus, source and detail-type are equal, and their details hold equal
    /// values at `pointer`, also within one request. Entries with nothing at `pointer` keep the usual identity. The
    /// pointer begins inside the detail.
    ///
    /// # Panics
    ///
    /// If `pointer` is not a JSON pointer: it is neither empty nor begins with `/`.
    #[must_use]
    #[track_caller]
    pub fn identify_by(self, pointer: impl Into<String>) -> Self {
        let pointer = crate::matcher::checked(pointer.into());
        Self::build(self.journal, Identity::DetailAt(pointer), self.expected)
    }

    /// Tells the ledger which events to expect: one for each matcher. An expected event that was never received becomes a line
    /// with [`Fate::NeverSent`].
    #[must_use]
    pub fn expecting<Form>(self, events: impl IntoMatchers<Form>) -> Self {
        Self::build(self.journal, self.identity, Some(events.into_matchers()))
    }

    /// Tells the ledger which events to expect, and what each of them looks like. With that, another matcher can match an event
    /// that was never received.
    pub(crate) fn expecting_like(self, events: Vec<EntryMatcher>, like: &[Entry]) -> Self {
        let mut ledger = self.expecting(events);
        for expected in ledger.lines.iter_mut().filter_map(|line| line.expected.as_mut()) {
            expected.like = like.get(expected.number).cloned().map(Box::new);
        }
        ledger
    }

    /// Tells the ledger to expect no events, as `expecting([])` does. Assertions then pass on an empty ledger.
    #[must_use]
    pub fn expecting_none(self) -> Self {
        self.expecting([])
    }

    /// Whether it was told which events there should be.
    pub(crate) fn knows_what_to_expect(&self) -> bool {
        self.expected.is_some()
    }

    /// Keeps the lines of the events that the matcher matches. A line of an event that was never received is kept if it was
    /// expected with an equal matcher.
    #[must_use]
    pub fn matching(mut self, matcher: impl Into<EntryMatcher>) -> Self {
        let matcher = matcher.into();
        let ((), undecided) = with_undecided(|| self.lines.retain(|line| line.is_meant_by(&matcher)));
        self.undecided = self.undecided.or(undecided);
        self
    }

    /// Returns the lines, in the order in which the events were first received. Events that were never received come last.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Whether the ledger was told what to expect, and the event of this line was not expected.
    pub(crate) fn is_unexpected(&self, line: &Line) -> bool {
        self.expected.is_some() && line.expected.is_none()
    }

    /// An event pattern in a matcher that could not be decided, so that nothing can be judged.
    pub(crate) fn undecided(&self) -> Option<&Undecided> {
        self.undecided.as_ref()
    }

    /// The lines in the order in which they were expected. Lines that were not expected come last, in the order of arrival.
    pub(crate) fn in_wanted_order(&self) -> Vec<&Line> {
        let mut lines: Vec<&Line> = self.lines.iter().collect();
        lines.sort_by_key(|line| line.expected.as_ref().map_or(usize::MAX, |expected| expected.number));
        lines
    }
}

impl Line {
    /// Returns the entry of the first try. `None` if the event was expected and never received.
    pub fn entry(&self) -> Option<&Entry> {
        self.tries.first().map(Try::entry)
    }

    /// Whether a matcher means the event. Works for an event that was never received, too.
    pub(crate) fn is_meant_by(&self, matcher: &EntryMatcher) -> bool {
        match self.entry() {
            Some(entry) => matcher.means(entry),
            None => self.expected.as_ref().is_some_and(|expected| {
                expected.matcher == *matcher || expected.like.as_ref().is_some_and(|entry| matcher.means(entry))
            }),
        }
    }

    /// The event as a candidate that many matchers can be asked about.
    pub(crate) fn to_be_meant(&self) -> Candidate<'_> {
        match (self.entry(), &self.expected) {
            (Some(entry), _) => entry.into(),
            (None, Some(expected)) => {
                Candidate { entry: expected.like.as_deref(), expected_by: Some(&expected.matcher) }
            }
            (None, None) => Candidate { entry: None, expected_by: None },
        }
    }

    /// Returns all tries of the event, in order. Empty if it was never received.
    pub fn tries(&self) -> &[Try] {
        &self.tries
    }

    /// The tries by calls of the publisher, in the order of their first tries. The tries that an AWS SDK makes within one call
    /// belong together, also if two calls overlap.
    pub(crate) fn calls(&self) -> Vec<Vec<&Try>> {
        let mut calls: Vec<Vec<&Try>> = Vec::new();
        let mut of_invocation: HashMap<&str, usize> = HashMap::new();
        for one in &self.tries {
            let number = match one.attempt.sdk_invocation_id() {
                Some(invocation) => *of_invocation.entry(invocation).or_insert(calls.len()),
                None => calls.len(),
            };
            match calls.get_mut(number) {
                Some(call) => call.push(one),
                None => calls.push(vec![one]),
            }
        }
        calls
    }

    /// Returns how often the event was accepted. More than 1 means that consumers receive it more than once.
    pub fn times_accepted(&self) -> usize {
        self.tries.iter().filter(|one| one.is_accepted()).count()
    }

    /// The tries that came after the publisher knew something that forbids them.
    pub(crate) fn resent_after(&self, known: KnownAfter) -> Option<Again> {
        let (earlier, (since, known)) = self.tries.iter().find_map(|one| known(one).map(|known| (one, known)))?;
        // The second of two equal entries in one request was not sent after an answer.
        let is_later = |one: &&Try| one.attempt.number() > earlier.attempt.number();
        let is_again = |one: &&Try| is_later(one) && one.attempt.at() >= since;
        let tries: Vec<Try> = self.tries.iter().filter(is_again).cloned().collect();
        (!tries.is_empty()).then(|| Again { earlier: earlier.clone(), known, tries })
    }

    /// Returns what became of the event in the end.
    pub fn fate(&self) -> Fate {
        let Some(last) = self.tries.last() else { return Fate::NeverSent };
        if self.tries.iter().any(|one| one.accepted_and_told_at().is_some()) {
            Fate::Accepted
        } else if self.times_accepted() > 0 {
            Fate::AnswerLost
        } else if let Some(permanent) = self.tries.iter().find_map(|one| one.failure_about(ErrorClass::Entry)) {
            Fate::Rejected(permanent)
        } else {
            Fate::NeverRetried(last.failure())
        }
    }
}

impl Try {
    /// Returns the attempt that has the entry.
    pub fn attempt(&self) -> &Attempt {
        &self.attempt
    }

    /// Returns the entry's index in the attempt, counted from 0.
    pub fn index(&self) -> usize {
        self.index
    }

    /// Returns the entry as it was sent with this try.
    pub fn entry(&self) -> &Entry {
        // Each try has an entry.
        &self.attempt.entries()[self.index]
    }

    /// Returns whether the entry was accepted with this try, even if the publisher was not told.
    pub fn is_accepted(&self) -> bool {
        self.outcome().is_some_and(Outcome::is_accepted)
    }

    /// Returns the outcome of the entry. `None` if the whole request was refused, or a fault kept the service from seeing it.
    pub fn outcome(&self) -> Option<&Outcome> {
        self.attempt.outcomes().get(self.index)
    }

    /// The error that the publisher was told for the entry, if it is of class `whom`.
    pub(crate) fn failure_about(&self, whom: ErrorClass) -> Option<Failure> {
        if self.attempt.class_told(self.index)? != whom {
            return None;
        }
        match (self.outcome().and_then(Outcome::error), self.attempt.error()) {
            (Some(error), _) => Some(Failure::Entry(error.clone())),
            (None, Some(error)) => Some(Failure::Request(error.clone())),
            (None, None) => None,
        }
    }

    /// The failure that the publisher saw, for a try of which it was not told that the entry was accepted.
    pub(crate) fn failure(&self) -> Failure {
        match (self.outcome().and_then(Outcome::error), self.attempt.error()) {
            (_, Some(error)) => Failure::Request(error.clone()),
            (Some(error), None) if self.attempt.is_told() => Failure::Entry(error.clone()),
            (Some(_) | None, None) => Failure::NoAnswer,
        }
    }

    /// When the publisher was told that the entry was accepted, if it was.
    pub(crate) fn accepted_and_told_at(&self) -> Option<Duration> {
        self.attempt.accepted_and_told_at(self.index)
    }

    /// When the publisher was told that the entry was accepted, as a [`KnownAfter`].
    pub(crate) fn known_to_be_accepted(&self) -> Option<(Duration, Known)> {
        Some((self.accepted_and_told_at()?, Known::Accepted))
    }

    /// When the publisher was told that another try cannot succeed, as a [`KnownAfter`].
    pub(crate) fn known_to_be_hopeless(&self) -> Option<(Duration, Known)> {
        Some((self.attempt.told_at()?, Known::Permanent(self.failure_about(ErrorClass::Entry)?)))
    }

    /// The number of the attempt and the index in it: the order of all entries of the journal.
    pub(crate) fn place(&self) -> (usize, usize) {
        (self.attempt.number(), self.index)
    }
}
