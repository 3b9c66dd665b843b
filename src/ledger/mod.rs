//! What became of each event, across all attempts to publish it.

mod build;

use std::time::Duration;

use crate::entry::Entry;
use crate::journal::{Attempt, Journal, Outcome};
use crate::matcher::EntryMatcher;

/// The journal told by events: one [line](Line) for each event that the publisher wanted to publish, with all its tries.
///
/// Entries of several attempts are the same event where their bus, source, detail-type, resources, time and parsed detail
/// are equal; two equal entries in one request are two events. Where the publisher writes something new into each try, or
/// publishes equal events on purpose, [`identify_by`](Self::identify_by) takes an id in the detail instead.
///
/// ```
/// # let journal = putevents_mock::Engine::new().journal();
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
    pub(crate) journal: Journal,
    identity: Identity,
    expected: Option<Vec<EntryMatcher>>,
    lines: Vec<Line>,
}

/// What makes two entries the same event.
#[derive(Debug, Clone)]
enum Identity {
    Content,
    DetailAt(String),
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
}

/// One time that an event was received.
#[derive(Debug, Clone)]
pub struct Try {
    attempt: Attempt,
    index: usize,
}

/// What the publisher was told with a try, in words, and since when it knew.
pub(crate) type Told = fn(&Try) -> Option<(Duration, String)>;

/// That an event was sent again though the publisher had been told something that forbids it.
pub(crate) struct Again<'a> {
    pub(crate) earlier: &'a Try,
    /// What it was told then.
    pub(crate) what: String,
    /// Never empty.
    pub(crate) tries: Vec<&'a Try>,
}

/// What became of an event in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fate {
    /// It was accepted, and the publisher was told so.
    Accepted,
    /// It was accepted, and no answer said so: to the publisher it is as good as not accepted.
    AnswerLost,
    /// It was never accepted, and the publisher was told an error that will come again however often one tries: this code.
    Rejected(String),
    /// It was never accepted. What the publisher met the last time, which these words tell, was worth another try, and none
    /// came.
    NeverRetried(String),
    /// It was expected, and never received.
    NeverSent,
}

impl Ledger {
    pub(crate) fn new(journal: &Journal) -> Self {
        Self::build(journal.clone(), Identity::Content, None)
    }

    /// The same journal, where two entries are the same event if bus, source and detail-type are equal and so is what their
    /// details hold at this JSON pointer: `identify_by("/orderId")`. Entries that have nothing there keep the usual identity.
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
    pub fn expecting<M: Into<EntryMatcher>>(self, events: impl IntoIterator<Item = M>) -> Self {
        let expected = events.into_iter().map(Into::into).collect();
        Self::build(self.journal, self.identity, Some(expected))
    }

    /// Only the events that a matcher describes, or that were expected of it.
    #[must_use]
    pub fn matching(mut self, matcher: impl Into<EntryMatcher>) -> Self {
        let matcher = matcher.into();
        self.lines.retain(|line| match line.entry() {
            Some(entry) => matcher.matches(entry),
            None => line.expected.as_ref().is_some_and(|expected| expected.matcher == matcher),
        });
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

    /// Every time that it was received, in order.
    pub fn tries(&self) -> &[Try] {
        &self.tries
    }

    /// How often it was accepted: once is what everybody wants.
    pub fn times_accepted(&self) -> usize {
        self.tries.iter().filter(|one| one.is_accepted()).count()
    }

    /// The tries after the publisher had been told something that forbids another one.
    pub(crate) fn resent_after(&self, told: Told) -> Option<Again<'_>> {
        let (earlier, (since, what)) = self.tries.iter().find_map(|one| told(one).map(|told| (one, told)))?;
        let is_again = |one: &&Try| one.place() > earlier.place() && one.attempt.at() >= since;
        let tries: Vec<&Try> = self.tries.iter().filter(is_again).collect();
        (!tries.is_empty()).then_some(Again { earlier, what, tries })
    }

    /// What became of it in the end.
    pub fn fate(&self) -> Fate {
        let Some(last) = self.tries.last() else { return Fate::NeverSent };
        if self.tries.iter().any(|one| one.accepted_and_told_at().is_some()) {
            Fate::Accepted
        } else if self.times_accepted() > 0 {
            Fate::AnswerLost
        } else if let Some(permanent) = self.tries.iter().find_map(Try::permanent_error) {
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

    /// The code that tells the publisher not to try again.
    pub(crate) fn permanent_error(&self) -> Option<String> {
        if !self.attempt.is_told() {
            return None;
        }
        match (self.outcome().and_then(Outcome::error), self.attempt.error()) {
            (Some(error), _) if !error.is_retryable() => Some(error.code().to_owned()),
            (None, Some(error)) if !error.is_retryable() => Some(error.to_string()),
            _ => None,
        }
    }

    /// What the publisher met, in words, where it was not told that the entry was accepted.
    pub(crate) fn failure(&self) -> String {
        match (self.outcome().and_then(Outcome::error), self.attempt.error()) {
            (_, Some(error)) => error.to_string(),
            (Some(error), None) if self.attempt.is_told() => error.code().to_owned(),
            _ => "no answer".to_owned(),
        }
    }

    /// Since when the publisher knew, if it ever did, that the entry was accepted.
    pub(crate) fn accepted_and_told_at(&self) -> Option<Duration> {
        self.attempt.told_at().filter(|_| self.is_accepted())
    }

    /// The same in words.
    pub(crate) fn known_to_be_accepted(&self) -> Option<(Duration, String)> {
        Some((self.accepted_and_told_at()?, "that it was accepted".to_owned()))
    }

    /// Since when the publisher knew, if it ever did, that no other try can help, and by which error.
    pub(crate) fn known_to_be_hopeless(&self) -> Option<(Duration, String)> {
        Some((self.attempt.told_at()?, self.permanent_error()?))
    }

    /// Where it stands among all entries of the journal.
    pub(crate) fn place(&self) -> (usize, usize) {
        (self.attempt.number(), self.index)
    }
}
