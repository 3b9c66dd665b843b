//! Why a fault did not apply as often as it was to.

use std::cmp::Ordering;

use crate::fault::{Fault, FaultCause, FaultRecord, Level, Term};
use crate::journal::{Attempt, Journal, Refuser, Story};
use crate::matcher::{EntryMatcher, difference, nearest};
use crate::service::Operation;

/// A fault that did not apply as often as it was to.
#[derive(Debug, Clone)]
pub(crate) struct Unfired {
    pub(crate) record: FaultRecord,
    pub(crate) why: WhyUnfired,
}

/// The likeliest reason.
#[derive(Debug, Clone)]
pub(crate) enum WhyUnfired {
    /// It was asked about so many candidates.
    Asked {
        candidates: usize,
        level: Level,
        passed: Passed,
    },
    /// There was no attempt of this number at its operation.
    NoAttempt(usize, Operation),
    /// This attempt was over when it was injected.
    AttemptBefore(usize, Operation),
    /// It was lifted before a request for its operation came, or ever came.
    LiftedBefore {
        came_after: bool,
        operation: Operation,
    },
    /// The last request, of this number, came before it was injected.
    InjectedAfter(usize, Operation),
    /// So many requests came, and none for its operation.
    OtherOperations(usize, Operation),
    /// This request for its operation was refused, so that there was no answer to change.
    NoAnswer(Attempt, Operation),
    NoRequest,
    NoEntry,
    /// No request had an entry at this index.
    NoEntryAt(usize),
    /// The entry that came nearest, and what keeps it from matching: nothing, where another fault decided before.
    Nearest {
        attempt: Attempt,
        index: usize,
        difference: Option<String>,
    },
    /// No entry was left for its matcher.
    NoCandidate,
    /// Other faults, or the limits, decided before.
    NeverAsked,
    /// It was found when the journal was saved.
    Saved(String),
}

/// Why a fault let its candidates pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passed {
    No,
    /// It lets the first ones pass.
    First,
    ByChance,
}

/// All such faults of a journal.
pub(crate) fn unfired(journal: &Journal) -> Vec<Unfired> {
    let unfired = journal.faults().iter().filter(|record| record.is_unfired());
    unfired.map(|record| Unfired { record: record.clone(), why: why_unfired(record, journal) }).collect()
}

/// A part of a journal is judged by the whole.
pub(crate) fn why_unfired(record: &FaultRecord, journal: &Journal) -> WhyUnfired {
    match &record.cause {
        FaultCause::Known(why) => WhyUnfired::Saved(why.clone()),
        FaultCause::Fault(fault, seen, term) => why(fault, *seen, *term, journal.whole()),
    }
}

fn why(Fault { effect, when }: &Fault, seen: usize, term: Term, journal: &Journal) -> WhyUnfired {
    if seen > 0 {
        let passed = match (when.after.cmp(&0), when.probability) {
            (Ordering::Equal, None) => Passed::No,
            (_, None) => Passed::First,
            (_, Some(_)) => Passed::ByChance,
        };
        return WhyUnfired::Asked { candidates: seen, level: effect.level(), passed };
    }
    let attempts = journal.attempts();
    let operation = when.operation();
    let next = journal.next_of(operation);
    if effect.level() != Level::Connection {
        if let Some(why) = out_of_term(when.attempt, term, next, operation) {
            return why;
        }
    }
    if let Some(number) = when.attempt.filter(|number| *number >= next) {
        return WhyUnfired::NoAttempt(number, operation);
    }
    let most = attempts.iter().map(|attempt| attempt.entries().len()).max().unwrap_or(0);
    match (&when.matcher, when.index) {
        _ if attempts.is_empty() => WhyUnfired::NoRequest,
        _ if next == 1 => WhyUnfired::OtherOperations(attempts.len(), operation),
        _ if !operation.is_put_events() => refused_in(operation, term, journal).unwrap_or(WhyUnfired::NeverAsked),
        _ if most == 0 => WhyUnfired::NoEntry,
        (_, Some(index)) if most <= index => WhyUnfired::NoEntryAt(index),
        (Some(matcher), _) => nearest_in(matcher, term, journal).unwrap_or(WhyUnfired::NoCandidate),
        (None, _) => WhyUnfired::NeverAsked,
    }
}

/// What came before the fault or after it, where nothing came in between.
fn out_of_term(
    attempt: Option<usize>,
    Term { from, until }: Term,
    next: usize,
    operation: Operation,
) -> Option<WhyUnfired> {
    match (attempt, until) {
        (Some(number), _) if number < from => Some(WhyUnfired::AttemptBefore(number, operation)),
        (_, Some(until)) if until == from => Some(WhyUnfired::LiftedBefore { came_after: until < next, operation }),
        _ if from == next && next > 1 => Some(WhyUnfired::InjectedAfter(next - 1, operation)),
        _ => None,
    }
}

/// The attempts at an operation that came while a fault was in force.
fn in_term(operation: Operation, Term { from, until }: Term, journal: &Journal) -> impl Iterator<Item = &Attempt> {
    // The oldest attempts may have been forgotten, so the first one here need not be number 1.
    let is_of = move |attempt: &&Attempt| attempt.known_operation() == Some(operation);
    let attempts: Vec<&Attempt> = journal.attempts().iter().filter(is_of).collect();
    let numbered = (journal.next_of(operation) - attempts.len()..).zip(attempts);
    let in_force = numbered.filter(move |(number, _)| *number >= from && until.is_none_or(|until| *number < until));
    in_force.map(|(_, attempt)| attempt)
}

/// The last one of them, where the mock refused it.
fn refused_in(operation: Operation, term: Term, journal: &Journal) -> Option<WhyUnfired> {
    let last = in_term(operation, term, journal).last()?;
    let is_refused = matches!(last.story(), Story::Refused { by: Refuser::Service, .. });
    is_refused.then(|| WhyUnfired::NoAnswer(last.clone(), operation))
}

/// Among the entries that came while the fault was in force.
fn nearest_in(matcher: &EntryMatcher, term: Term, journal: &Journal) -> Option<WhyUnfired> {
    let entries = in_term(Operation::PUT_EVENTS, term, journal)
        .flat_map(|attempt| attempt.entries().iter().enumerate().map(move |(at, entry)| ((attempt, at), entry)));
    let ((attempt, index), entry) = nearest(matcher, entries)?;
    Some(WhyUnfired::Nearest { attempt: attempt.clone(), index, difference: difference(matcher, entry) })
}
