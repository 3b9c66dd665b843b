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
//!     println!("#{}: {} entries, {:?}", attempt.number(), attempt.entries().len(), attempt.outcomes());
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

/// The most bytes of attempts that a journal holds before it forgets the oldest ones.
const DEFAULT_LIMIT: usize = 256 * 1024 * 1024;
/// The most bytes of problems that a journal holds before it forgets the oldest ones.
const PROBLEMS_LIMIT: usize = 4 * 1024 * 1024;

/// A snapshot of everything that a mock recorded up to one moment. It never changes. It costs the same however long it is.
///
/// It prints itself as a timeline, which is useful in the message of your own assertion:
///
/// ```
/// # let journal = putevents_mock::Engine::new().journal();
/// assert_eq!(journal.published().len(), 0, "{journal}");
/// ```
///
/// [`between`](Self::between) and [`filter`](Self::filter) return a journal with a part of the attempts.
#[derive(Debug, Clone)]
pub struct Journal {
    attempts: Bounded<Attempt>,
    problems: Bounded<Problem>,
    /// The number of events that were published in its attempts.
    events: usize,
    /// The number of its attempts that have not ended.
    in_flight: usize,
    forgotten: Forgotten,
    /// The number of attempts that were recorded, with those that were forgotten or cleared.
    recorded: usize,
    /// The number of recorded attempts by operation.
    asked: BTreeMap<Operation, usize>,
    faults: Vec<FaultRecord>,
    seed: Option<u64>,
    /// The journal that this one is a part of.
    whole: Option<Arc<Journal>>,
    /// Counts what the mock receives after this snapshot.
    tally: tally::Shared,
}

/// The attempts that the journal dropped to stay within its limits.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Forgotten {
    pub(crate) attempts: usize,
    pub(crate) events: usize,
    /// The time when the last of these attempts was received.
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

    /// Returns every HTTP request that the mock received in full, in the order of arrival. Requests for other operations are
    /// among them.
    pub fn attempts(&self) -> &Records<Attempt> {
        self.attempts.items()
    }

    /// Returns every entry that the mock received, in order, accepted or not. An entry that was sent twice comes twice.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.attempts().iter().flat_map(Attempt::entries)
    }

    /// Returns every accepted entry in order. An entry that was accepted twice comes twice, as two events with two EventIds.
    ///
    /// A lost reply does not matter here: the event counts though the publisher was not told its EventId.
    /// [`Event::is_delivered`] says whether a rule on the bus would have seen the event.
    pub fn published(&self) -> Events {
        Events::of(self)
    }

    /// Returns everything that a correct publisher does not do, or that a real account would not take: unreadable requests,
    /// operations without an answer, other paths, requests that break the limits, unknown event buses, broken connections. What
    /// a fault did is no problem.
    ///
    /// ```
    /// # use std::time::{Duration, SystemTime};
    /// # use putevents_mock::engine::{Engine, Ids, Now};
    /// use putevents_mock::journal::ProblemKind;
    ///
    /// # let mut engine = Engine::new();
    /// # let request = http::Request::get("/health").body(Default::default()).unwrap();
    /// # engine.handle(request, Now::new(Duration::ZERO, SystemTime::UNIX_EPOCH), &mut Ids::counting());
    /// # let journal = engine.journal();
    /// // The publisher sent GET /health:
    /// let problem = &journal.problems()[0];
    /// assert_eq!(problem.kind(), ProblemKind::NotPutEvents);
    /// assert_eq!(problem.attempt(), Some(1));
    /// println!("{}", problem.message());
    /// ```
    pub fn problems(&self) -> &Records<Problem> {
        self.problems.items()
    }

    /// Returns a journal with only the attempts and problems of this time. Times count from the start of the mock:
    /// `between(outage_began..)`.
    #[must_use]
    pub fn between(&self, time: impl RangeBounds<Duration>) -> Self {
        let mut journal = self.with(|attempt| time.contains(&attempt.at()), |problem| time.contains(&problem.at()));
        if !time.contains(&self.forgotten.until) {
            journal.forgotten = Forgotten::default();
        }
        journal
    }

    /// Returns a journal with only the attempts for which `wanted` returns true, and their problems:
    /// `filter(|attempt| attempt.sdk_attempt() == Some(1))`.
    #[must_use]
    pub fn filter(&self, wanted: impl Fn(&Attempt) -> bool) -> Self {
        let numbers: Vec<usize> =
            self.attempts().iter().filter(|attempt| wanted(attempt)).map(Attempt::number).collect();
        let is_wanted = |number| numbers.binary_search(&number).is_ok();
        self.with(|attempt| is_wanted(attempt.number()), |problem| problem.attempt().is_some_and(is_wanted))
    }

    /// Returns the attempts that a fault decided about, in order.
    pub fn attempts_of(&self, fault: FaultId) -> impl Iterator<Item = &Attempt> {
        self.attempts().iter().filter(move |attempt| attempt.fault_ids().any(|id| id == fault))
    }

    /// Returns a journal with the newest `attempts`, their problems, and the problems without an attempt.
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

    /// The journal that this one is a part of, or itself. Faults are judged by the whole.
    pub(crate) fn whole(&self) -> &Self {
        self.whole.as_deref().unwrap_or(self)
    }

    /// The faults that were injected, with what they did so far.
    pub(crate) fn faults(&self) -> &[FaultRecord] {
        &self.faults
    }

    /// The seed, if anything depended on it.
    pub(crate) fn seed(&self) -> Option<u64> {
        self.seed
    }

    /// Returns this journal with what the engine knows about its faults, and the tally that the engine goes on counting in.
    pub(crate) fn snapshot(&self, faults: Vec<FaultRecord>, seed: Option<u64>, tally: &Tally) -> Self {
        Self { faults, seed, tally: tally.shared(), ..self.clone() }
    }

    /// What has happened to the mock since this snapshot was taken.
    pub(crate) fn since(&self) -> Since {
        self.tally.since(self.recorded)
    }

    /// Notes that its attempts stand in the text of a panic.
    pub(crate) fn was_shown(&self) {
        if self.whole.is_none() {
            self.tally.show(self.recorded);
        }
    }

    /// Whether all of its attempts stood in the text of a panic.
    pub(crate) fn is_shown(&self) -> bool {
        self.tally.is_shown(self.recorded)
    }

    /// Notes that the text of a panic names the faults that did not apply.
    pub(crate) fn faults_were_told(&self) {
        self.tally.tell_of_faults();
    }

    pub(crate) fn are_faults_told(&self) -> bool {
        self.tally.has_told_of_faults()
    }

    /// Returns how many of the oldest attempts the journal dropped to stay within its limits (256 MiB by default).
    ///
    /// If this is not 0, the other methods know the remaining attempts only. An assertion that needs the dropped ones fails and
    /// says so.
    pub fn forgotten(&self) -> usize {
        self.forgotten.attempts
    }

    /// The number of events that were published in the attempts that are kept.
    pub(crate) fn events(&self) -> usize {
        self.events
    }

    /// The number of published events, with those in forgotten attempts.
    pub(crate) fn published_in_all(&self) -> usize {
        self.forgotten.events + self.events
    }

    /// The number of attempts, with the forgotten ones.
    pub(crate) fn attempts_in_all(&self) -> usize {
        self.forgotten.attempts + self.attempts().len()
    }

    /// The number of recorded requests by operation, with those that were forgotten or cleared.
    pub(crate) fn asked(&self) -> &BTreeMap<Operation, usize> {
        &self.asked
    }

    /// The bytes that it keeps alive, roughly. A part keeps the whole alive.
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

    /// The most bytes that its attempts may keep alive.
    pub(crate) fn max_size(&self) -> usize {
        self.attempts.max_memory
    }

    pub(crate) fn set_max_size(&mut self, bytes: usize) {
        self.attempts.max_memory = bytes;
    }

    pub(crate) fn set_max_attempts(&mut self, attempts: usize) {
        self.attempts.max_items = attempts;
    }

    /// The number of the next request for this operation, counted from 1.
    pub(crate) fn next_of(&self, operation: Operation) -> usize {
        self.asked.get(&operation).map_or(1, |asked| asked + 1)
    }

    /// Records a request, and returns the attempts that were forgotten to make room. Dropping them takes time.
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

    /// The number of attempts that were recorded, with those that were forgotten or cleared; and what was forgotten.
    pub(crate) fn history(&self) -> (usize, Forgotten) {
        (self.recorded, self.forgotten)
    }

    /// Makes a journal of the parts of a saved one.
    pub(crate) fn restored(
        attempts: Vec<Attempt>,
        problems: Vec<Problem>,
        (recorded, forgotten): (usize, Forgotten),
        (faults, seed): (Vec<FaultRecord>, Option<u64>),
    ) -> Self {
        let mut journal = Self { forgotten, recorded, faults, seed, ..Self::new() };
        // A saved journal forgets nothing more.
        (journal.attempts.max_memory, journal.problems.max_memory) = (usize::MAX, usize::MAX);
        attempts.into_iter().for_each(|attempt| drop(journal.push(attempt)));
        problems.into_iter().for_each(|problem| journal.report(problem));
        journal
    }

    /// The attempt with this number, if it is kept.
    pub(crate) fn attempt(&self, number: usize) -> Option<&Attempt> {
        self.attempts().get(self.index_of(number)?)
    }

    fn index_of(&self, number: usize) -> Option<usize> {
        let attempts = self.attempts();
        // The numbers have no gaps, unless the journal is a part.
        let likely = number.checked_sub(attempts.first()?.number())?;
        let is_there = attempts.get(likely).is_some_and(|attempt| attempt.number() == number);
        if is_there { Some(likely) } else { attempts.index_of(&number, Attempt::number) }
    }

    /// Records how an attempt ended, if it is still kept.
    pub(crate) fn end(&mut self, number: usize, ended: Ended) {
        let index = self.index_of(number);
        if let Some(attempt) = index.and_then(|index| self.attempts.get_mut(index)) {
            self.in_flight -= usize::from(attempt.end(ended));
        }
    }

    pub(crate) fn report(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Drops all attempts and problems. The numbers of attempts go on.
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
        /// Each step is a request, the end of an attempt, or sometimes `clear_journal`.
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
