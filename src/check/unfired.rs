//! Finds out why a fault did not apply as often as it should.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::fault::{Fault, FaultCause, FaultRecord, Level, OnTry, Term};
use crate::journal::{Attempt, Journal, Refuser, Story};
use crate::ledger::{Ledger, Line, Try};
use crate::matcher::{EntryMatcher, difference, nearest};
use crate::service::Operation;

/// A fault that did not apply as often as it should.
#[derive(Debug, Clone)]
pub(crate) struct Unfired {
    pub(crate) record: FaultRecord,
    pub(crate) why: WhyUnfired,
}

/// The likeliest reason.
#[derive(Debug, Clone)]
pub(crate) enum WhyUnfired {
    /// It was asked about this number of candidates.
    Asked {
        candidates: usize,
        level: Level,
        passed: Passed,
    },
    /// There was no attempt with this number at its operation.
    NoAttempt(usize, Operation),
    /// This attempt had come before the fault was injected.
    AttemptBefore(usize, Operation),
    /// It was lifted before the next request for its operation came. `came_after` says whether one came later.
    LiftedBefore {
        came_after: bool,
        operation: Operation,
    },
    /// The last request for its operation, with this number, came before it was injected.
    InjectedAfter(usize, Operation),
    /// This number of requests came, and none for its operation.
    OtherOperations(usize, Operation),
    /// This request for its operation was refused, so there was no reply to change.
    NoAnswer(Attempt, Operation),
    NoRequest,
    NoEntry,
    /// No request had an entry at this index.
    NoEntryAt(usize),
    /// The entry nearest to its matcher, and why it does not match. `None` if it matches, and another fault decided first.
    Nearest {
        attempt: Attempt,
        index: usize,
        difference: Option<String>,
    },
    /// No entry was left for its matcher.
    NoCandidate,
    /// No event that it matches had a try with this number. `most` was tried most often.
    NoTry {
        number: usize,
        most: Line,
    },
    /// An event had a try with this number, but another condition did not hold.
    OtherTry {
        number: usize,
        of: Try,
        elsewhere: Elsewhere,
    },
    /// Why the pointer that identifies its events leads nowhere.
    Misplaced(String),
    /// Other faults, or the limits, decided first.
    NeverAsked,
    /// The reason from a saved journal.
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

/// Why a fault did not apply to a try with the right number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Elsewhere {
    DecidedBefore,
    /// Another entry decides for the whole request.
    NotFirst,
    NotAtIndex(usize),
    NotInAttempt(usize),
    AfterLift,
    BeforeInjection,
}

/// All such faults of a journal.
pub(crate) fn unfired(journal: &Journal) -> Vec<Unfired> {
    let unfired = journal.faults().iter().filter(|record| record.is_unfired());
    unfired.map(|record| Unfired { record: record.clone(), why: why_unfired(record, journal) }).collect()
}

/// The reason, judged by the whole journal if this one is a part.
pub(crate) fn why_unfired(record: &FaultRecord, journal: &Journal) -> WhyUnfired {
    match &record.cause {
        FaultCause::Known(why) => WhyUnfired::Saved(why.clone()),
        FaultCause::Fault(fault, seen, term) => why(fault, *seen, *term, journal.whole()),
    }
}

fn why(fault: &Fault, seen: usize, term: Term, journal: &Journal) -> WhyUnfired {
    let Fault { effect, when } = fault;
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
    let by_tries =
        when.on_try.as_ref().filter(|_| most > 0).and_then(|on_try| why_on_try(fault, on_try, term, journal));
    match (&when.matcher, when.index) {
        _ if by_tries.is_some() => by_tries.unwrap_or(WhyUnfired::NeverAsked),
        _ if attempts.is_empty() => WhyUnfired::NoRequest,
        _ if next == 1 => WhyUnfired::OtherOperations(attempts.len(), operation),
        _ if !operation.is_put_events() => refused_in(operation, term, journal).unwrap_or(WhyUnfired::NeverAsked),
        _ if most == 0 => WhyUnfired::NoEntry,
        (_, Some(index)) if most <= index => WhyUnfired::NoEntryAt(index),
        (Some(matcher), _) => nearest_in(matcher, term, journal).unwrap_or(WhyUnfired::NoCandidate),
        (None, _) => WhyUnfired::NeverAsked,
    }
}

/// The reason, if no request came while the fault was in force.
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

/// Looks through the tries of the events that a fault matches. `None` if there is no such event.
fn why_on_try(fault: &Fault, OnTry { number, identity }: &OnTry, term: Term, journal: &Journal) -> Option<WhyUnfired> {
    let when = &fault.when;
    let ledger = Ledger::of(journal, identity.clone());
    if let Some(error) = ledger.misplaced_pointer() {
        return Some(WhyUnfired::Misplaced(error));
    }
    let is_meant = |line: &&Line| {
        when.matcher.as_ref().is_none_or(|matcher| line.entry().is_some_and(|entry| matcher.means(entry)))
    };
    let lines: Vec<&Line> = ledger.lines().iter().filter(is_meant).collect();
    let numbers: BTreeMap<usize, usize> =
        numbered(Operation::PUT_EVENTS, journal).map(|(number, attempt)| (attempt.number(), number)).collect();
    let elsewhere = |one: &Try| {
        let came = numbers.get(&one.attempt().number()).copied().unwrap_or_default();
        match (when.attempt, when.index) {
            _ if came < term.from => Elsewhere::BeforeInjection,
            _ if term.until.is_some_and(|until| came >= until) => Elsewhere::AfterLift,
            (Some(attempt), _) if attempt != came => Elsewhere::NotInAttempt(attempt),
            (_, Some(index)) if index != one.index() => Elsewhere::NotAtIndex(index),
            (_, None)
                if fault.effect.level() != Level::Entry && when.lead(one.attempt().entries()) != Some(one.index()) =>
            {
                Elsewhere::NotFirst
            }
            _ => Elsewhere::DecidedBefore,
        }
    };
    let tries = lines.iter().filter_map(|line| line.tries().get(number.checked_sub(1)?));
    let likeliest = tries.map(|one| (elsewhere(one), one)).min_by_key(|(elsewhere, _)| *elsewhere);
    if let Some((elsewhere, one)) = likeliest {
        return Some(WhyUnfired::OtherTry { number: *number, of: one.clone(), elsewhere });
    }
    // The first of the lines with the most tries.
    let most = lines.iter().rev().max_by_key(|line| line.tries().len())?;
    Some(WhyUnfired::NoTry { number: *number, most: (*most).clone() })
}

/// The requests for an operation, with their numbers. The first number is above 1 if the oldest attempts were forgotten.
fn numbered(operation: Operation, journal: &Journal) -> impl Iterator<Item = (usize, &Attempt)> {
    let is_of = move |attempt: &&Attempt| attempt.known_operation() == Some(operation);
    let attempts: Vec<&Attempt> = journal.attempts().iter().filter(is_of).collect();
    (journal.next_of(operation) - attempts.len()..).zip(attempts)
}

/// The attempts at an operation that came while a fault was in force.
fn in_term(operation: Operation, Term { from, until }: Term, journal: &Journal) -> impl Iterator<Item = &Attempt> {
    let in_force = numbered(operation, journal)
        .filter(move |(number, _)| *number >= from && until.is_none_or(|until| *number < until));
    in_force.map(|(_, attempt)| attempt)
}

/// The last attempt at an operation that came while a fault was in force, if the mock refused it.
fn refused_in(operation: Operation, term: Term, journal: &Journal) -> Option<WhyUnfired> {
    let last = in_term(operation, term, journal).last()?;
    let is_refused = matches!(last.story(), Story::Refused { by: Refuser::Service, .. });
    is_refused.then(|| WhyUnfired::NoAnswer(last.clone(), operation))
}

/// The nearest of the entries that came while the fault was in force.
fn nearest_in(matcher: &EntryMatcher, term: Term, journal: &Journal) -> Option<WhyUnfired> {
    let entries = in_term(Operation::PUT_EVENTS, term, journal)
        .flat_map(|attempt| attempt.entries().iter().enumerate().map(move |(at, entry)| ((attempt, at), entry)));
    let ((attempt, index), entry) = nearest(matcher, entries)?;
    Some(WhyUnfired::Nearest { attempt: attempt.clone(), index, difference: difference(matcher, entry) })
}
