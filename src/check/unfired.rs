//! Why a fault did not apply as often as it was to.

use std::cmp::Ordering;

use crate::fault::{Fault, FaultCause, FaultRecord, Level};
use crate::journal::{Attempt, Journal};
use crate::matcher::{EntryMatcher, difference, nearest};

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
    /// There was no attempt of this number.
    NoAttempt(usize),
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
        FaultCause::Fault(fault, seen) => why(fault, *seen, journal.whole()),
    }
}

fn why(Fault { effect, when }: &Fault, seen: usize, journal: &Journal) -> WhyUnfired {
    if seen > 0 {
        let passed = match (when.after.cmp(&0), when.probability) {
            (Ordering::Equal, None) => Passed::No,
            (_, None) => Passed::First,
            (_, Some(_)) => Passed::ByChance,
        };
        return WhyUnfired::Asked { candidates: seen, level: effect.level(), passed };
    }
    let attempts = journal.attempts();
    if let Some(number) = when.attempt.filter(|number| *number >= journal.next_put_events()) {
        return WhyUnfired::NoAttempt(number);
    }
    let most = attempts.iter().map(|attempt| attempt.entries().len()).max().unwrap_or(0);
    match (&when.matcher, when.index) {
        _ if attempts.is_empty() => WhyUnfired::NoRequest,
        _ if most == 0 => WhyUnfired::NoEntry,
        (_, Some(index)) if most <= index => WhyUnfired::NoEntryAt(index),
        (Some(matcher), _) => nearest_in(matcher, journal).unwrap_or(WhyUnfired::NoCandidate),
        (None, _) => WhyUnfired::NeverAsked,
    }
}

fn nearest_in(matcher: &EntryMatcher, journal: &Journal) -> Option<WhyUnfired> {
    let entries = journal
        .attempts()
        .iter()
        .flat_map(|attempt| attempt.entries().iter().enumerate().map(move |(index, entry)| ((attempt, index), entry)));
    let ((attempt, index), entry) = nearest(matcher, entries)?;
    Some(WhyUnfired::Nearest { attempt: attempt.clone(), index, difference: difference(matcher, entry) })
}
