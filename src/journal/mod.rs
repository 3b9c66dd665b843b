//! The journal: what the mock received, what it answered, and what was published.
//!
//! A [`Journal`] is a snapshot. It has every [`Attempt`] with its [entries](Entry) and their [outcomes](Outcome), every published
//! [`Event`], and every [`Problem`] of the traffic.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! let eventbridge = putevents_mock::MockEventBridge::start().await;
//! // The program under test publishes to eventbridge.endpoint_url() here.
//! let journal = eventbridge.journal();
//! for attempt in journal.attempts() {
//!     println!("#{}: {} entries, HTTP {}", attempt.number(), attempt.entries().len(), attempt.reply().status());
//! }
//! assert!(journal.published().is_empty());
//! # });
//! ```

mod attempt;
mod bounded;
mod event;
mod story;
mod tally;
mod threads;

use std::collections::BTreeMap;
use std::ops::RangeBounds;
use std::sync::Arc;
use std::time::Duration;

pub use self::attempt::Attempt;
pub(crate) use self::attempt::{Ended, Received};
use self::bounded::Bounded;
pub use self::event::{Event, Events};
pub(crate) use self::story::{Answer, Refuser, Story};
pub(crate) use self::tally::{Since, Tally};
pub(crate) use self::threads::{Came, Known, Threads};
use crate::fault::{FaultId, FaultRecord};
pub use crate::records::{Records, RecordsIter};
use crate::service::Operation;
pub use crate::service::{CredentialScope, Entry, EventId, EventIdError, Outcome, Problem, ProblemKind};

/// How much a journal holds before it forgets the oldest attempts, in bytes.
const DEFAULT_LIMIT: usize = 256 * 1024 * 1024;
/// The same for its problems, which are short.
const PROBLEMS_LIMIT: usize = 4 * 1024 * 1024;

/// The record of a mock up to one moment: a snapshot, which costs the same however long it is, and never changes.
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
    /// How many events were published in its attempts.
    events: usize,
    /// How many of its attempts have not ended.
    in_flight: usize,
    forgotten: Forgotten,
    /// The attempts that were recorded, also those that were forgotten or cleared.
    recorded: usize,
    /// How many of them asked for each operation.
    asked: BTreeMap<Operation, usize>,
    faults: Vec<FaultRecord>,
    seed: Option<u64>,
    /// The journal of which this is a part.
    whole: Option<Arc<Journal>>,
    /// What goes on after this snapshot.
    tally: tally::Shared,
}

/// What had to make room.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Forgotten {
    pub(crate) attempts: usize,
    pub(crate) events: usize,
    /// When the last of these attempts was received.
    pub(crate) until: Duration,
}

impl Journal {
    pub(crate) fn new() -> Self {
        Self {
            attempts: Bounded::new(DEFAULT_LIMIT),
            problems: Bounded::new(PROBLEMS_LIMIT),
            events: 0,
            in_flight: 0,
            forgotten: Forgotten::default(),
            recorded: 0,
            asked: BTreeMap::new(),
            faults: Vec::new(),
            seed: None,
            whole: None,
            tally: tally::Shared::default(),
        }
    }

    /// Every HTTP request that was received in full, in order of arrival, also those that were no PutEvents.
    pub fn attempts(&self) -> &Records<Attempt> {
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

    /// Whatever a correct publisher does not do, or a real account would not take: unreadable requests, operations that have no
    /// answer, other paths, requests that break the limits, unknown buses, broken connections. Faults are not problems.
    pub fn problems(&self) -> &Records<Problem> {
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

    /// The attempts about which a fault decided, in order.
    pub fn attempts_of(&self, fault: FaultId) -> impl Iterator<Item = &Attempt> {
        self.attempts().iter().filter(move |attempt| attempt.fault_ids().any(|id| id == fault))
    }

    /// The newest attempts, so many, with their problems and those of none.
    pub(crate) fn newest(&self, attempts: usize) -> Self {
        let hidden = self.attempts().len().saturating_sub(attempts);
        let Some(last_hidden) = hidden.checked_sub(1).and_then(|index| self.attempts().get(index)) else {
            return self.clone();
        };
        let is_new = |number: usize| number > last_hidden.number();
        self.with(|one| is_new(one.number()), |problem| problem.attempt().is_none_or(is_new))
    }

    fn with(&self, attempts: impl Fn(&Attempt) -> bool, problems: impl Fn(&Problem) -> bool) -> Self {
        let attempts: Records<Attempt> = self.attempts().iter().filter(|attempt| attempts(attempt)).cloned().collect();
        let problems = self.problems().iter().filter(|problem| problems(problem)).cloned().collect();
        let (events, in_flight) = (attempts.iter().map(events_of).sum(), attempts.iter().filter(is_in_flight).count());
        let (attempts, problems) = (self.attempts.with(attempts), self.problems.with(problems));
        let whole = Some(self.whole.clone().unwrap_or_else(|| Arc::new(self.clone())));
        Self { attempts, problems, events, in_flight, whole, ..self.clone() }
    }

    /// The journal of which this is a part, or this one. What is said of faults is said of the whole.
    pub(crate) fn whole(&self) -> &Self {
        self.whole.as_deref().unwrap_or(self)
    }

    /// The faults that were injected, and what they have done so far.
    pub(crate) fn faults(&self) -> &[FaultRecord] {
        &self.faults
    }

    /// The seed, where anything depended on it.
    pub(crate) fn seed(&self) -> Option<u64> {
        self.seed
    }

    /// The same with what the engine knows of its faults, and with a tally that it will keep.
    pub(crate) fn snapshot(&self, faults: Vec<FaultRecord>, seed: Option<u64>, tally: &Tally) -> Self {
        Self { faults, seed, tally: tally.shared(), ..self.clone() }
    }

    /// What has happened to the mock since this snapshot was taken.
    pub(crate) fn since(&self) -> Since {
        self.tally.since(self.recorded)
    }

    /// Its attempts stand in the text of a panic.
    pub(crate) fn was_shown(&self) {
        if self.whole.is_none() {
            self.tally.show(self.recorded);
        }
    }

    /// Whether all of its attempts stood in the text of a panic.
    pub(crate) fn is_shown(&self) -> bool {
        self.tally.is_shown(self.recorded)
    }

    /// The text of a panic tells of the faults that did not apply.
    pub(crate) fn faults_were_told(&self) {
        self.tally.tell_of_faults();
    }

    pub(crate) fn are_faults_told(&self) -> bool {
        self.tally.has_told_of_faults()
    }

    /// How many of the oldest attempts were forgotten to keep the journal within its limits. Where this is not 0, the
    /// other answers are about the rest only, and assertions that would need the forgotten ones say so and fail.
    pub fn forgotten(&self) -> usize {
        self.forgotten.attempts
    }

    /// How many events were published in the attempts that are known.
    pub(crate) fn events(&self) -> usize {
        self.events
    }

    /// The same with those in attempts that were forgotten.
    pub(crate) fn published_in_all(&self) -> usize {
        self.forgotten.events + self.events
    }

    /// How many attempts there were, also those that were forgotten.
    pub(crate) fn attempts_in_all(&self) -> usize {
        self.forgotten.attempts + self.attempts().len()
    }

    /// How many requests for each operation were recorded, also those that were forgotten or cleared.
    pub(crate) fn asked(&self) -> &BTreeMap<Operation, usize> {
        &self.asked
    }

    /// The bytes that it keeps alive, roughly: a part keeps the whole alive.
    pub(crate) fn memory(&self) -> usize {
        let Self { attempts, problems, .. } = self.whole();
        attempts.memory() + problems.memory()
    }

    /// Whether an attempt has not ended yet.
    pub(crate) fn is_anything_in_flight(&self) -> bool {
        self.in_flight > 0
    }

    /// The number of the next attempt, counted from 1.
    pub(crate) fn next_number(&self) -> usize {
        self.recorded + 1
    }

    /// How many bytes its attempts may keep alive.
    pub(crate) fn max_size(&self) -> usize {
        self.attempts.max_memory
    }

    pub(crate) fn set_max_size(&mut self, bytes: usize) {
        self.attempts.max_memory = bytes;
    }

    pub(crate) fn set_max_attempts(&mut self, attempts: usize) {
        self.attempts.max_items = attempts;
    }

    /// The same among the requests for one operation.
    pub(crate) fn next_of(&self, operation: Operation) -> usize {
        self.asked.get(&operation).map_or(1, |asked| asked + 1)
    }

    /// Returns the attempts that were forgotten for it. To drop them takes time.
    pub(crate) fn record(&mut self, received: Received) -> Vec<Attempt> {
        self.recorded += 1;
        if let Some(operation) = Operation::of(&received.head) {
            *self.asked.entry(operation).or_default() += 1;
        }
        self.push(Attempt::new(received, None))
    }

    fn push(&mut self, attempt: Attempt) -> Vec<Attempt> {
        self.events += events_of(&attempt);
        self.in_flight += usize::from(is_in_flight(&&attempt));
        let forgotten = self.attempts.push(attempt);
        for oldest in &forgotten {
            let events = events_of(oldest);
            self.events -= events;
            self.in_flight -= usize::from(is_in_flight(&oldest));
            self.forgotten.attempts += 1;
            self.forgotten.events += events;
            self.forgotten.until = oldest.at();
        }
        forgotten
    }

    /// How many attempts were recorded, also those that were forgotten or cleared, and what was forgotten.
    pub(crate) fn history(&self) -> (usize, Forgotten) {
        (self.recorded, self.forgotten)
    }

    /// A journal that was saved.
    pub(crate) fn restored(
        attempts: Vec<Attempt>,
        problems: Vec<Problem>,
        (recorded, forgotten): (usize, Forgotten),
        (faults, seed): (Vec<FaultRecord>, Option<u64>),
    ) -> Self {
        let mut journal = Self { forgotten, recorded, faults, seed, ..Self::new() };
        // What was kept once is kept.
        (journal.attempts.max_memory, journal.problems.max_memory) = (usize::MAX, usize::MAX);
        attempts.into_iter().for_each(|attempt| drop(journal.push(attempt)));
        problems.into_iter().for_each(|problem| journal.report(problem));
        journal
    }

    /// The attempt of this number, if it is still known.
    pub(crate) fn attempt(&self, number: usize) -> Option<&Attempt> {
        self.attempts().get(self.index_of(number)?)
    }

    fn index_of(&self, number: usize) -> Option<usize> {
        let attempts = self.attempts();
        // They are numbered without gaps, unless some were left out.
        let likely = number.checked_sub(attempts.first()?.number())?;
        let is_there = attempts.get(likely).is_some_and(|attempt| attempt.number() == number);
        if is_there { Some(likely) } else { attempts.index_of(&number, Attempt::number) }
    }

    /// Says how an attempt ended, if it is still known.
    pub(crate) fn end(&mut self, number: usize, ended: Ended) {
        let index = self.index_of(number);
        if let Some(attempt) = index.and_then(|index| self.attempts.get_mut(index)) {
            self.in_flight -= usize::from(attempt.end(ended));
        }
    }

    pub(crate) fn report(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Begins anew; attempts are counted on.
    pub(crate) fn clear(&mut self) {
        (self.attempts, self.problems) = (self.attempts.emptied(), self.problems.emptied());
        (self.events, self.in_flight, self.forgotten) = (0, 0, Forgotten::default());
    }
}

fn events_of(attempt: &Attempt) -> usize {
    attempt.outcomes().iter().filter(|outcome| outcome.is_accepted()).count()
}

fn is_in_flight(attempt: &&Attempt) -> bool {
    attempt.ended_at().is_none()
}

impl bounded::Memory for Problem {
    fn memory(&self) -> usize {
        size_of::<Self>() + self.message().len()
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use proptest::prelude::*;

    use super::*;
    use crate::engine::{Engine, Now};
    use crate::fault::Fault;
    use crate::service::{EntryError, Ids};

    fn assert_counts_are_right(journal: &Journal) {
        assert_eq!(journal.events(), journal.attempts().iter().map(events_of).sum::<usize>());
        assert_eq!(journal.in_flight, journal.attempts().iter().filter(is_in_flight).count());
        for attempt in journal.attempts() {
            assert_eq!(journal.attempt(attempt.number()).map(Attempt::number), Some(attempt.number()));
        }
        assert!(journal.attempt(0).is_none() && journal.attempt(journal.next_number()).is_none());
    }

    proptest! {
        /// Each step is a request, the end of an attempt, or one time in many a journal that is cleared.
        #[test]
        fn counts_that_run_along_are_those_of_the_attempts(
            max in 1..40_usize,
            steps in prop::collection::vec((0..20_u8, 1..60_usize), 1..80),
        ) {
            let mut engine = Engine::new().max_journal_attempts(max);
            engine.inject(Fault::entry(EntryError::throttling()).at_index(1));
            let (mut ids, now) = (Ids::counting(), Now::new(Duration::ZERO, SystemTime::UNIX_EPOCH));
            let (mut published, mut looked) = (0, None);
            for (step, number) in steps {
                match step {
                    0..=9 => {
                        let entries = 1 + number % 3;
                        let entry = r#"{"Source":"s","DetailType":"d","Detail":"{}"}"#;
                        let body = format!(r#"{{"Entries":[{}]}}"#, vec![entry; entries].join(","));
                        let request = http::Request::post("/")
                            .header("content-type", "application/x-amz-json-1.1")
                            .header("x-amz-target", "AWSEvents.PutEvents")
                            .body(body.into())
                            .unwrap();
                        engine.handle(request, now, &mut ids);
                        published += entries - usize::from(entries > 1);
                    }
                    10..=14 => engine.answered(number, now),
                    15..=17 => engine.abandoned(number, now),
                    18 => looked = Some(engine.journal()),
                    _ => {
                        engine.clear_journal();
                        published = 0;
                    }
                }
                let journal = engine.journal();
                assert_counts_are_right(&journal);
                prop_assert_eq!(journal.published_in_all(), published);
                prop_assert!(journal.attempts().len() <= max);
            }
            let journal = looked.unwrap_or_else(|| engine.journal());
            assert_counts_are_right(&journal);
            assert_counts_are_right(&journal.filter(|attempt| attempt.number() % 3 == 0));
            assert_counts_are_right(&journal.newest(max / 2));
        }
    }
}
