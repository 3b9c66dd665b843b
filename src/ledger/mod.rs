//! The ledger: the journal told by events, with what became of each across all attempts to publish it.
//!
//! [`Journal::ledger`] makes it.

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
/// Entries of several attempts are the same event where their bus, source, detail-type, resources and parsed detail are
/// equal, numbers by value; their `Time` may differ, as many publishers write a new one into each try. Two equal entries in
/// one request are two events. Where the publisher writes something new into the detail of each try, or publishes equal
/// events on purpose, [`identify_by`](Self::identify_by) takes an id in the detail instead.
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
/// // What was never received stands in no journal. A ledger that is told of it counts it as lost:
/// let ledger = journal.ledger().expecting([order(1), order(2)]);
/// assert!(ledger.check_none_lost().is_err());
/// ```
#[derive(Debug, Clone)]
pub struct Ledger {
    journal: Journal,
    identity: Identity,
    expected: Option<Vec<EntryMatcher>>,
    lines: Vec<Line>,
    /// A pattern of what was expected that could not be decided.
    undecided: Option<Undecided>,
}

/// One event, and every time it was received.
#[derive(Debug, Clone)]
pub struct Line {
    pub(crate) expected: Option<Expected>,
    tries: Vec<Try>,
}

/// What a line was expected by, and as which one.
#[derive(Debug, Clone)]
pub(crate) struct Expected {
    pub(crate) number: usize,
    pub(crate) matcher: EntryMatcher,
    /// What it looks like, where another run has shown it.
    pub(crate) like: Option<Box<Entry>>,
}

/// One time that an event was received.
#[derive(Debug, Clone)]
pub struct Try {
    attempt: Attempt,
    index: usize,
}

/// What a publisher knows that forbids another try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Known {
    Accepted,
    /// Another try meets the same error.
    Permanent(Failure),
    /// The same batch meets the same error.
    Batch(Failure),
}

/// What the publisher knew after a try, and since when.
pub(crate) type KnownAfter = fn(&Try) -> Option<(Duration, Known)>;

/// That an event was sent again though the publisher knew something that forbids it.
#[derive(Debug, Clone)]
pub(crate) struct Again {
    pub(crate) earlier: Try,
    /// What it knew since then.
    pub(crate) known: Known,
    /// Never empty.
    pub(crate) tries: Vec<Try>,
}

/// What became of an event in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fate {
    /// It was accepted, and the publisher was told so.
    Accepted,
    /// It was accepted, and no answer said so: to the publisher it is as good as not accepted.
    AnswerLost,
    /// It was never accepted, and the publisher was told this error, which comes again however often it tries.
    Rejected(Failure),
    /// It was never accepted. What the publisher met the last time was worth another try, and none came.
    NeverRetried(Failure),
    /// It was expected, and never received.
    NeverSent,
}

impl Journal {
    /// The same told by events: what became of each across all attempts to publish it.
    pub fn ledger(&self) -> Ledger {
        Ledger::of(self, Identity::Content)
    }
}

impl Ledger {
    /// A journal told by events that are identified like this.
    pub(crate) fn of(journal: &Journal, identity: Identity) -> Self {
        Self::build(journal.clone(), identity, None)
    }

    /// The journal that it tells.
    pub(crate) fn journal(&self) -> &Journal {
        &self.journal
    }

    /// What is wrong with the pointer by which events are identified, where it leads nowhere.
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

    /// The same journal, where two entries are the same event if bus, source and detail-type are equal and so is what their
    /// details hold at this JSON pointer: `identify_by("/orderId")`. Such entries are the same event in one request as well.
    /// Entries that have nothing there keep the usual identity. The pointer begins inside the detail.
    ///
    /// # Panics
    ///
    /// If `pointer` is neither empty nor begins with `/`.
    #[must_use]
    #[track_caller]
    pub fn identify_by(self, pointer: impl Into<String>) -> Self {
        let pointer = crate::matcher::checked(pointer.into());
        Self::build(self.journal, Identity::DetailAt(pointer), self.expected)
    }

    /// The same ledger, told which events there should be: one for each of these. Those that were never received become
    /// lines as well, with [`Fate::NeverSent`].
    #[must_use]
    pub fn expecting<Form>(self, events: impl IntoMatchers<Form>) -> Self {
        Self::build(self.journal, self.identity, Some(events.into_matchers()))
    }

    /// The same, told as well what each of these events looks like: whoever speaks of one that was never received may
    /// describe it in another way.
    pub(crate) fn expecting_like(self, events: Vec<EntryMatcher>, like: &[Entry]) -> Self {
        let mut ledger = self.expecting(events);
        for expected in ledger.lines.iter_mut().filter_map(|line| line.expected.as_mut()) {
            expected.like = like.get(expected.number).cloned().map(Box::new);
        }
        ledger
    }

    /// The same ledger, told that there should be no events: `expecting([])`.
    #[must_use]
    pub fn expecting_none(self) -> Self {
        self.expecting([])
    }

    /// Whether it was told which events there should be.
    pub(crate) fn knows_what_to_expect(&self) -> bool {
        self.expected.is_some()
    }

    /// Only the events that a matcher describes, or that were expected of it.
    #[must_use]
    pub fn matching(mut self, matcher: impl Into<EntryMatcher>) -> Self {
        let matcher = matcher.into();
        let ((), undecided) = with_undecided(|| self.lines.retain(|line| line.is_meant_by(&matcher)));
        self.undecided = self.undecided.or(undecided);
        self
    }

    /// The events, in the order in which they were first received; those that never were come last.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Whether it was told which events there should be, and this is none of them.
    pub(crate) fn is_unexpected(&self, line: &Line) -> bool {
        self.expected.is_some() && line.expected.is_none()
    }

    /// A pattern of what was expected that could not be decided, so that the lines say nothing.
    pub(crate) fn undecided(&self) -> Option<&Undecided> {
        self.undecided.as_ref()
    }

    /// The lines in the order in which they were expected, else first received.
    pub(crate) fn in_wanted_order(&self) -> Vec<&Line> {
        let mut lines: Vec<&Line> = self.lines.iter().collect();
        lines.sort_by_key(|line| line.expected.as_ref().map_or(usize::MAX, |expected| expected.number));
        lines
    }
}

impl Line {
    /// The event as it was received first; `None` where it never was.
    pub fn entry(&self) -> Option<&Entry> {
        self.tries.first().map(Try::entry)
    }

    /// Whether a matcher means the event, also where it was only expected.
    pub(crate) fn is_meant_by(&self, matcher: &EntryMatcher) -> bool {
        match self.entry() {
            Some(entry) => matcher.means(entry),
            None => self.expected.as_ref().is_some_and(|expected| {
                expected.matcher == *matcher || expected.like.as_ref().is_some_and(|entry| matcher.means(entry))
            }),
        }
    }

    /// The same as a question to many matchers.
    pub(crate) fn to_be_meant(&self) -> Candidate<'_> {
        match (self.entry(), &self.expected) {
            (Some(entry), _) => entry.into(),
            (None, Some(expected)) => {
                Candidate { entry: expected.like.as_deref(), expected_by: Some(&expected.matcher) }
            }
            (None, None) => Candidate { entry: None, expected_by: None },
        }
    }

    /// Every time that it was received, in order.
    pub fn tries(&self) -> &[Try] {
        &self.tries
    }

    /// Its tries by the calls of the publisher, in the order of their first ones: those that an AWS SDK makes on its own
    /// within one call belong together, also where two calls overlap.
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

    /// How often it was accepted: once is what everybody wants.
    pub fn times_accepted(&self) -> usize {
        self.tries.iter().filter(|one| one.is_accepted()).count()
    }

    /// The tries after the publisher knew something that forbids another one.
    pub(crate) fn resent_after(&self, known: KnownAfter) -> Option<Again> {
        let (earlier, (since, known)) = self.tries.iter().find_map(|one| known(one).map(|known| (one, known)))?;
        // What is twice in one request was not sent after its answer.
        let is_later = |one: &&Try| one.attempt.number() > earlier.attempt.number();
        let is_again = |one: &&Try| is_later(one) && one.attempt.at() >= since;
        let tries: Vec<Try> = self.tries.iter().filter(is_again).cloned().collect();
        (!tries.is_empty()).then(|| Again { earlier: earlier.clone(), known, tries })
    }

    /// What became of it in the end.
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
    /// The attempt with which it came.
    pub fn attempt(&self) -> &Attempt {
        &self.attempt
    }

    /// Where it stood among the entries of the attempt, counted from 0.
    pub fn index(&self) -> usize {
        self.index
    }

    /// The entry as it was sent this time.
    pub fn entry(&self) -> &Entry {
        // A try is only made for an entry.
        &self.attempt.entries()[self.index]
    }

    /// Whether it was accepted this time, told or not.
    pub fn is_accepted(&self) -> bool {
        self.outcome().is_some_and(Outcome::is_accepted)
    }

    /// What became of it; `None` where the whole request was refused or never seen.
    pub fn outcome(&self) -> Option<&Outcome> {
        self.attempt.outcomes().get(self.index)
    }

    /// What the publisher was told about the entry with an error, where that is about somebody.
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

    /// What the publisher met, where it was not told that the entry was accepted.
    pub(crate) fn failure(&self) -> Failure {
        match (self.outcome().and_then(Outcome::error), self.attempt.error()) {
            (_, Some(error)) => Failure::Request(error.clone()),
            (Some(error), None) if self.attempt.is_told() => Failure::Entry(error.clone()),
            (Some(_) | None, None) => Failure::NoAnswer,
        }
    }

    /// Since when the publisher knew, if it ever did, that the entry was accepted.
    pub(crate) fn accepted_and_told_at(&self) -> Option<Duration> {
        self.attempt.accepted_and_told_at(self.index)
    }

    /// The same as what forbids another try.
    pub(crate) fn known_to_be_accepted(&self) -> Option<(Duration, Known)> {
        Some((self.accepted_and_told_at()?, Known::Accepted))
    }

    /// Since when the publisher knew, if it ever did, that no other try can help.
    pub(crate) fn known_to_be_hopeless(&self) -> Option<(Duration, Known)> {
        Some((self.attempt.told_at()?, Known::Permanent(self.failure_about(ErrorClass::Entry)?)))
    }

    /// Where it stands among all entries of the journal.
    pub(crate) fn place(&self) -> (usize, usize) {
        (self.attempt.number(), self.index)
    }
}
