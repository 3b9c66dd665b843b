//! The injected faults of a mock, and what they have counted.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::effect::{AtStep, Bucket, Turn};
use super::when::Ongoing;
use super::{Candidate, Fault, FaultId, Step};
use crate::matcher::{Identity, detail_at};
use crate::random::{combined, hash, unit};
use crate::service::{Entry, Operation};

/// How many lifted faults are remembered. A server that runs for days must not grow, so the oldest are forgotten. A fault that
/// applied less often than it must is kept.
const MAX_LIFTED: usize = 1_000;

/// The faults of one mock, in the order of injection.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults {
    injected: Vec<Injected>,
    /// How many faults were ever injected, including the forgotten ones.
    count: usize,
    seed: u64,
    has_drawn: bool,
}

#[derive(Debug, Clone)]
struct Injected {
    id: usize,
    fault: Arc<Fault>,
    sentence: Arc<str>,
    at: Arc<str>,
    seen: usize,
    fired: usize,
    term: Term,
    bucket: Bucket,
    /// How often each key was seen, for a fault that draws by key.
    looks: HashMap<u64, u64>,
    /// What a lasting fault keeps applying to, since it applied.
    ongoing: Option<Ongoing>,
}

/// A fault and what it has done so far, as the journal has it.
#[derive(Debug, Clone)]
pub(crate) struct FaultRecord {
    pub(crate) id: FaultId,
    pub(crate) sentence: Arc<str>,
    /// The line that injected it.
    pub(crate) at: Arc<str>,
    pub(crate) fired: usize,
    /// How often the fault must apply for `assert_every_fault_fired`.
    pub(crate) must_fire: usize,
    /// Whether the fault was not lifted.
    pub(crate) in_force: bool,
    pub(crate) cause: FaultCause,
}

/// When a fault was in force, in numbers of requests for its operation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Term {
    /// The first request after the injection.
    pub(crate) from: usize,
    /// The first request after the fault was lifted.
    pub(crate) until: Option<usize>,
}

/// Where to find the reason that a fault did not apply.
#[derive(Debug, Clone)]
pub(crate) enum FaultCause {
    /// In the fault, the number of candidates that it saw, and its term.
    Fault(Arc<Fault>, usize, Term),
    /// In this text, which was written when the journal was saved.
    Known(String),
}

/// A fault that applies, and what it does.
pub(crate) struct Fired<T> {
    pub(crate) fault: Decided,
    pub(crate) what: T,
}

/// A fault that decided about a request or an entry.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Decided {
    pub(crate) id: FaultId,
    pub(crate) sentence: Arc<str>,
}

impl FaultRecord {
    /// Returns whether the fault has applied as often as it may.
    pub(crate) fn is_used_up(&self) -> bool {
        let FaultCause::Fault(fault, ..) = &self.cause else { return false };
        fault.when.times.is_some_and(|times| self.fired >= times.max)
    }

    /// Returns whether the fault has applied less often than it must.
    pub(crate) fn is_unfired(&self) -> bool {
        self.fired < self.must_fire
    }
}

impl Injected {
    fn lift(&mut self, next: impl Fn(Operation) -> usize) {
        self.term.until.get_or_insert_with(|| next(self.fault.when.operation()));
    }

    fn is_lifted(&self) -> bool {
        self.term.until.is_some()
    }
}

impl Faults {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }

    /// Returns the seed if a random draw has used it.
    pub(crate) fn seed_if_drawn(&self) -> Option<u64> {
        self.has_drawn.then_some(self.seed)
    }

    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    pub(crate) fn set_seed(&mut self, seed: u64) {
        self.seed = seed;
    }

    /// Injects a fault. `at` is the line, or the place in a file, that it comes from. `next` is the number of the next request
    /// for its operation.
    pub(crate) fn inject(&mut self, fault: Fault, at: impl Into<Arc<str>>, next: usize) -> FaultId {
        // The mock never sees the connections that this fault refuses, so it counts as applied once injected.
        let fired = usize::from(fault.effect.step() == Step::Listen);
        let id = self.count;
        self.count += 1;
        self.injected.push(Injected {
            id,
            sentence: fault.to_string().into(),
            fault: Arc::new(fault),
            at: at.into(),
            seen: 0,
            fired,
            term: Term { from: next, until: None },
            bucket: Bucket::default(),
            looks: HashMap::new(),
            ongoing: None,
        });
        FaultId(id)
    }

    /// Lifts a fault. `next` returns the number of the next request for an operation.
    pub(crate) fn lift(&mut self, id: FaultId, next: impl Fn(Operation) -> usize) {
        if let Some(injected) = self.find(id).and_then(|index| self.injected.get_mut(index)) {
            injected.lift(next);
        }
        self.forget();
    }

    pub(crate) fn lift_all(&mut self, next: impl Fn(Operation) -> usize) {
        self.injected.iter_mut().for_each(|injected| injected.lift(&next));
        self.forget();
    }

    /// Returns how many faults were ever injected.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    fn find(&self, id: FaultId) -> Option<usize> {
        self.injected.binary_search_by_key(&id.0, |injected| injected.id).ok()
    }

    fn forget(&mut self) {
        let lifted = self.injected.iter().filter(|injected| injected.is_lifted()).count();
        let mut excess = lifted.saturating_sub(MAX_LIFTED);
        self.injected.retain(|injected| {
            let goes = excess > 0 && injected.is_lifted() && injected.fired >= injected.fault.must_fire();
            excess -= usize::from(goes);
            !goes
        });
    }

    pub(crate) fn fired(&self, id: FaultId) -> usize {
        self.find(id).and_then(|index| self.injected.get(index)).map_or(0, |injected| injected.fired)
    }

    pub(crate) fn records(&self) -> Vec<FaultRecord> {
        let record = |Injected { id, fault, sentence, at, seen, fired, term, .. }: &Injected| FaultRecord {
            id: FaultId(*id),
            sentence: Arc::clone(sentence),
            at: Arc::clone(at),
            fired: *fired,
            must_fire: fault.must_fire(),
            in_force: term.until.is_none(),
            cause: FaultCause::Fault(Arc::clone(fault), *seen, *term),
        };
        self.injected.iter().map(record).collect()
    }

    pub(crate) fn in_force(&self) -> impl Iterator<Item = &Fault> {
        self.injected.iter().filter(|injected| !injected.is_lifted()).map(|injected| &*injected.fault)
    }

    /// Returns whether a fault in force counts the tries of events by this identity.
    pub(crate) fn count_tries_by(&self, identity: &Identity) -> bool {
        self.in_force().any(|fault| fault.when.on_try.as_ref().is_some_and(|on_try| on_try.identity == *identity))
    }

    /// Returns whether a fault in force belongs to this step.
    pub(crate) fn any_at(&self, step: Step) -> bool {
        self.in_force().any(|fault| fault.effect.step() == step)
    }

    /// Returns the first fault of a step that applies to a candidate. That fault, and every earlier fault that is about the
    /// candidate, counts the candidate.
    pub(crate) fn first<E: AtStep>(&mut self, candidate: &Candidate<'_>, now: Duration) -> Option<Fired<E::Done>> {
        self.first_where::<E>(candidate, now, |_| true)
    }

    /// Returns the first fault of a step that applies to the reply to a request. A refused request meets only the faults that
    /// can apply to refusals.
    pub(crate) fn first_of_answer<E: AtStep>(
        &mut self,
        candidate: &Candidate<'_>,
        now: Duration,
        is_refused: bool,
    ) -> Option<Fired<E::Done>> {
        self.first_where::<E>(candidate, now, |fault| !is_refused || fault.effect.kind().meets_refusals())
    }

    fn first_where<E: AtStep>(
        &mut self,
        candidate: &Candidate<'_>,
        now: Duration,
        is_asked: impl Fn(&Fault) -> bool,
    ) -> Option<Fired<E::Done>> {
        let Self { injected, seed, has_drawn, .. } = self;
        injected.iter_mut().find_map(|injected| {
            let fault = Arc::clone(&injected.fault);
            let effect = E::of(&fault.effect)?;
            if injected.is_lifted() || !is_asked(&fault) {
                return None;
            }
            let goes_on = injected.ongoing.as_mut().is_some_and(|ongoing| ongoing.takes(candidate));
            if !goes_on && !fault.when.is_about(candidate) {
                return None;
            }
            *has_drawn |= fault.is_random();
            let random = injected.draw(*seed, candidate);
            let what = injected.apply(effect, candidate, random, now)?;
            injected.fired += 1;
            if injected.ongoing.is_none() {
                injected.ongoing = fault.when.lasting.and_then(|lasting| Ongoing::of(lasting, candidate));
            }
            Some(Fired { fault: Decided { id: FaultId(injected.id), sentence: Arc::clone(&injected.sentence) }, what })
        })
    }
}

impl Injected {
    /// Counts the candidate, and returns what it meets if the fault hits it.
    fn apply<E: AtStep>(
        &mut self,
        effect: &E,
        candidate: &Candidate<'_>,
        random: u64,
        now: Duration,
    ) -> Option<E::Done> {
        let when = &self.fault.when;
        self.seen += 1;
        let number = self.seen.checked_sub(when.after.saturating_add(1))?;
        let is_hit = when.every.is_none_or(|every| (number + 1) % every == 0)
            && when.times.is_none_or(|times| self.fired < times.max)
            && when.probability.is_none_or(|probability| unit(random) < probability);
        if !is_hit {
            return None;
        }
        let (entries, random) = (candidate.entries.len(), combined(&[random, 1]));
        effect.apply(Turn { number, entries, random, now, bucket: &mut self.bucket })
    }

    /// Returns a random number for this candidate. It depends on the seed, the fault, and either the number of earlier
    /// candidates or the candidate's key.
    fn draw(&mut self, seed: u64, candidate: &Candidate<'_>) -> u64 {
        let which = match &self.fault.when.keyed_by {
            None => self.seen as u64,
            Some(pointer) => {
                let keys: Vec<u64> = candidate.entries.iter().map(|entry| key(entry, pointer)).collect();
                let key = combined(&keys);
                let looks = self.looks.entry(key).or_default();
                *looks += 1;
                combined(&[key, *looks])
            }
        };
        combined(&[seed, self.id as u64, which])
    }
}

fn key(entry: &Entry, pointer: &str) -> u64 {
    match detail_at(entry, pointer) {
        Some(value) => hash(value.to_string().as_bytes()),
        None => hash(entry.detail().unwrap_or_default().as_bytes()),
    }
}

impl Fault {
    fn must_fire(&self) -> usize {
        self.when.times.map_or(self.effect.kind().must_fire().unwrap_or(1), |times| times.min)
    }

    fn is_random(&self) -> bool {
        self.when.probability.is_some() || self.effect.kind().is_random()
    }
}
