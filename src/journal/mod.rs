//! What was received and what was answered.

mod attempt;
mod bounded;
mod event;
mod problem;
mod saved;

use std::ops::RangeBounds;
use std::time::Duration;

pub use self::attempt::{Attempt, Outcome};
pub(crate) use self::attempt::{Ended, Received};
use self::bounded::Bounded;
pub use self::event::{Event, Events};
pub use self::problem::{Problem, ProblemKind};
pub use self::saved::JournalError;
#[cfg(feature = "cli")]
pub(crate) use self::saved::fault_json;
use crate::entry::Entry;
use crate::fault::{FaultCause, FaultRecord};
use crate::ledger::Ledger;
use crate::report;

/// How much a journal holds before it forgets the oldest attempts, in bytes.
const DEFAULT_LIMIT: usize = 256 * 1024 * 1024;
/// The same for its problems, which are short.
const PROBLEMS_LIMIT: usize = 4 * 1024 * 1024;

/// The record of a mock up to one moment: a snapshot, which costs a reference count and never changes.
///
/// It prints itself as a timeline. That is worth having in the message of an assertion of your own:
///
/// ```
/// # let journal = putevents_mock::Engine::new().journal();
/// assert_eq!(journal.published().len(), 0, "{journal}");
/// ```
///
/// A journal can be narrowed to a time or to some attempts; what remains is a journal.
#[derive(Debug, Clone)]
pub struct Journal {
    attempts: Bounded<Attempt>,
    problems: Bounded<Problem>,
    forgotten: Forgotten,
    /// The attempts that were recorded, also those that were forgotten or cleared.
    recorded: usize,
    pub(crate) faults: Vec<FaultRecord>,
    pub(crate) seed: Option<u64>,
}

/// What had to make room.
#[derive(Debug, Clone, Copy, Default)]
struct Forgotten {
    attempts: usize,
    events: usize,
    /// When the last of these attempts was received.
    until: Duration,
}

impl Journal {
    pub(crate) fn new() -> Self {
        Self {
            attempts: Bounded::new(DEFAULT_LIMIT),
            problems: Bounded::new(PROBLEMS_LIMIT),
            forgotten: Forgotten::default(),
            recorded: 0,
            faults: Vec::new(),
            seed: None,
        }
    }

    /// Every HTTP request that was received in full, in order of arrival, also those that were no PutEvents.
    pub fn attempts(&self) -> &[Attempt] {
        self.attempts.items()
    }

    /// Every entry that was received, in order, accepted or not, as often as it was sent.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.attempts().iter().flat_map(Attempt::entries)
    }

    /// Every accepted entry in order, as often as it was accepted: what the publisher was, or should have been, told an
    /// EventId for. See [`Event::is_delivered`] for what a rule on the bus would have seen of it.
    pub fn published(&self) -> Events {
        Events::of(self)
    }

    /// The same told by events: what became of each across all attempts to publish it.
    pub fn ledger(&self) -> Ledger {
        Ledger::new(self)
    }

    /// Whatever a correct publisher does not do, or a real account would not take: unreadable requests, other operations
    /// and paths, requests that break the limits, unknown buses, broken connections. Faults are not problems.
    pub fn problems(&self) -> &[Problem] {
        self.problems.items()
    }

    /// The attempts that were received in this time, counted from the start of the mock, with their problems:
    /// `between(outage_began..)`.
    #[must_use]
    pub fn between(&self, time: impl RangeBounds<Duration>) -> Self {
        let mut journal = self.with(|attempt| time.contains(&attempt.at()), |problem| time.contains(&problem.at()));
        if !time.contains(&self.forgotten.until) {
            journal.forgotten = Forgotten::default();
        }
        journal
    }

    /// The attempts for which a condition holds, with their problems:
    /// `filter(|attempt| attempt.sdk_attempt() == Some(1))`.
    #[must_use]
    pub fn filter(&self, wanted: impl Fn(&Attempt) -> bool) -> Self {
        let numbers: Vec<usize> =
            self.attempts().iter().filter(|attempt| wanted(attempt)).map(Attempt::number).collect();
        let is_wanted = |number| numbers.binary_search(&number).is_ok();
        self.with(|attempt| is_wanted(attempt.number()), |problem| problem.attempt().is_some_and(is_wanted))
    }

    /// The newest attempts, so many, with their problems and those of none.
    pub(crate) fn newest(&self, attempts: usize) -> Self {
        let hidden = self.attempts().len().saturating_sub(attempts);
        let Some(last_hidden) = hidden.checked_sub(1).and_then(|index| self.attempts().get(index)) else {
            return self.clone();
        };
        let is_new = |number: usize| number > last_hidden.number();
        let mut newest = self.with(|one| is_new(one.number()), |problem| problem.attempt().is_none_or(is_new));
        for record in newest.faults.iter_mut().filter(|record| record.is_unfired()) {
            // Why a fault did not fire is said of all attempts.
            record.cause = FaultCause::Known(report::why_unfired(record, self));
        }
        newest
    }

    fn with(&self, attempts: impl Fn(&Attempt) -> bool, problems: impl Fn(&Problem) -> bool) -> Self {
        let attempts = self.attempts().iter().filter(|attempt| attempts(attempt)).cloned().collect();
        let problems = self.problems().iter().filter(|problem| problems(problem)).cloned().collect();
        Self { attempts: self.attempts.with(attempts), problems: self.problems.with(problems), ..self.clone() }
    }

    /// How many of the oldest attempts were forgotten to keep the journal within its limits. Where this is not 0, the
    /// other answers are about the rest only, and assertions that would need the forgotten ones say so and fail.
    pub fn forgotten(&self) -> usize {
        self.forgotten.attempts
    }

    /// How many events were published, also in attempts that were forgotten.
    #[cfg(feature = "server")]
    pub(crate) fn published_in_all(&self) -> usize {
        let accepted = self.attempts().iter().map(events_of).sum::<usize>();
        self.forgotten.events + accepted
    }

    /// How many attempts there were, also those that were forgotten.
    #[cfg(feature = "cli")]
    pub(crate) fn attempts_in_all(&self) -> usize {
        self.forgotten.attempts + self.attempts().len()
    }

    /// Whether an attempt has not ended yet.
    #[cfg(feature = "server")]
    pub(crate) fn is_anything_in_flight(&self) -> bool {
        self.attempts().iter().any(|attempt| attempt.ended_at().is_none())
    }

    /// The number of the next attempt, counted from 1.
    pub(crate) fn next_number(&self) -> usize {
        self.recorded + 1
    }

    pub(crate) fn set_max_size(&mut self, bytes: usize) {
        self.attempts.max_memory = bytes;
    }

    pub(crate) fn set_max_attempts(&mut self, attempts: usize) {
        self.attempts.max_items = attempts;
    }

    pub(crate) fn record(&mut self, received: Received) {
        self.recorded += 1;
        for oldest in self.attempts.push(Attempt::new(received, None)) {
            self.forgotten.attempts += 1;
            self.forgotten.events += events_of(&oldest);
            self.forgotten.until = oldest.at();
        }
    }

    /// Says how an attempt ended, if it is still known.
    pub(crate) fn end(&mut self, number: usize, ended: Ended) {
        if let Ok(index) = self.attempts().binary_search_by_key(&number, Attempt::number) {
            self.attempts.change(index, |attempt| attempt.end(ended));
        }
    }

    pub(crate) fn report(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Begins anew; attempts are counted on.
    pub(crate) fn clear(&mut self) {
        self.attempts = self.attempts.with(Vec::new());
        self.problems = self.problems.with(Vec::new());
        self.forgotten = Forgotten::default();
    }
}

fn events_of(attempt: &Attempt) -> usize {
    attempt.outcomes().iter().filter(|outcome| outcome.is_accepted()).count()
}
