//! Sentences about faults that did not apply as often as they should.

use std::fmt::Write;

use super::names::{name, place, place_of};
use super::styled::Report;
use super::with_gap;
use crate::check::{Elsewhere, Passed, Unfired, WhyUnfired};
use crate::fault::Level;
use crate::service::Operation;
use crate::words::{count, count_entries, times};

pub(super) fn report(unfired: &[Unfired]) -> Report {
    let mut report = Report::titled(format!("{} did not apply as often as injected", count(unfired.len(), "fault")));
    for Unfired { record, why } in unfired {
        let how_often = match (record.fired, record.must_fire) {
            (0, _) => "never".to_owned(),
            (some, all) => format!("{some} of {all} times"),
        };
        let (sentence, at, why) = (&record.sentence, &record.at, self::why(why));
        let _ = write!(report, "\n  {how_often}: {sentence}\n    injected at {at}\n    {why}\n");
    }
    with_gap(report)
}

/// The operation, unless it is PutEvents.
fn kind_of(operation: Operation) -> String {
    if operation.is_put_events() { String::new() } else { format!(" for {operation}") }
}

/// The likeliest reason, in one line.
pub(crate) fn why(why: &WhyUnfired) -> String {
    match why {
        WhyUnfired::Asked { candidates, level, passed } => {
            let candidates = match level {
                Level::Entry => count_entries(*candidates),
                Level::Connection | Level::Listener => count(*candidates, "connection"),
                Level::Request => count(*candidates, "request"),
            };
            let but = match passed {
                Passed::No => "",
                Passed::First => ", and it let the first pass",
                Passed::ByChance => ", and chance spared the others",
            };
            format!("it could apply to only {candidates}{but}")
        }
        WhyUnfired::NoAttempt(number, operation) => format!("there was no attempt {number} at {operation}"),
        WhyUnfired::AttemptBefore(number, operation) => {
            format!(
                "attempt {number} at {operation} came before it was injected; clearing the journal does not restart the count"
            )
        }
        WhyUnfired::LiftedBefore { came_after: true, operation } => {
            format!("it was lifted before the next request{} came", kind_of(*operation))
        }
        WhyUnfired::LiftedBefore { came_after: false, operation } => {
            format!("no request{} came before it was lifted", kind_of(*operation))
        }
        WhyUnfired::InjectedAfter(1, operation) => format!("it was injected after the only attempt at {operation}"),
        WhyUnfired::InjectedAfter(last, operation) => {
            format!("it was injected after the last of {last} attempts at {operation}")
        }
        WhyUnfired::OtherOperations(requests, operation) => {
            format!("no attempt at {operation} was received, only {} for something else", count(*requests, "request"))
        }
        WhyUnfired::NoAnswer(attempt, operation) => {
            let error = attempt.error().map(ToString::to_string).unwrap_or_default();
            format!("{operation} was refused in #{} ({error}), so there was no reply to change", attempt.number())
        }
        WhyUnfired::NoRequest => "no request was received".to_owned(),
        WhyUnfired::NoEntry => "no entry was received".to_owned(),
        WhyUnfired::NoEntryAt(index) => format!("no request had an entry at index {index}"),
        WhyUnfired::Nearest { attempt, index, difference } => {
            let entry = attempt.entries().get(*index).map(ToString::to_string).unwrap_or_default();
            let why = difference.as_deref().unwrap_or("it matches, but another fault, or the limits, decided first");
            format!("nearest: {}  {entry}: {why}", place(attempt, *index))
        }
        WhyUnfired::NoCandidate => "no entry came while it was in force".to_owned(),
        WhyUnfired::NoTry { number, most } => {
            format!(
                "no event that it matches had a try {number}: {} was tried {}",
                name(most),
                times(most.tries().len())
            )
        }
        WhyUnfired::OtherTry { number, of, elsewhere } => {
            let but = match elsewhere {
                Elsewhere::DecidedBefore => "where another fault, or the limits, decided first".to_owned(),
                Elsewhere::NotFirst => "where another entry stood first".to_owned(),
                Elsewhere::NotAtIndex(index) => format!("and not at index {index}"),
                Elsewhere::NotInAttempt(attempt) => format!("and not in attempt {attempt} at PutEvents"),
                Elsewhere::AfterLift => "after it was lifted".to_owned(),
                Elsewhere::BeforeInjection => "before it was injected".to_owned(),
            };
            format!("try {number} of {} came in {}, {but}", of.entry(), place_of(of))
        }
        WhyUnfired::NeverAsked => "other faults, or the limits, always decided first".to_owned(),
        WhyUnfired::Misplaced(why) | WhyUnfired::Saved(why) => why.clone(),
    }
}
