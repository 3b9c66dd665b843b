//! Why a fault did not apply as often as it was to.

use std::fmt::Write;

use super::{count, shortened};
use crate::entry::Entry;
use crate::fault::{Effect, FaultRecord, Level};
use crate::journal::{Attempt, Journal};
use crate::matcher::{Condition, EntryMatcher, detail_at};

/// The report on all such faults, with the timeline; `None` where there are none.
pub(crate) fn unfired_faults(journal: &Journal) -> Option<String> {
    let unfired: Vec<&FaultRecord> = journal.faults.iter().filter(|record| record.fired < must_fire(record)).collect();
    if unfired.is_empty() {
        return None;
    }
    let mut report = format!("{} did not apply as often as injected\n", count(unfired.len(), "fault"));
    for record in unfired {
        let FaultRecord { fault, at, fired, .. } = record;
        let how_often = match (fired, must_fire(record)) {
            (0, _) => "never".to_owned(),
            (some, all) => format!("{some} of {all} times"),
        };
        let _ = write!(report, "\n  {how_often}: {fault}\n    injected at {at}\n    {}\n", why(record, journal));
    }
    let _ = write!(report, "\n{journal}");
    Some(report)
}

/// How often a fault must have applied for a test to have seen all of it.
fn must_fire(record: &FaultRecord) -> usize {
    let in_turn = match &record.fault.effect {
        Effect::Entries(errors) => errors.len(),
        Effect::Requests(errors) => errors.len(),
        _ => None,
    };
    record.fault.when.times.map_or(in_turn.unwrap_or(1), |times| times.min)
}

/// The likeliest reason, in one line.
fn why(FaultRecord { fault, seen, .. }: &FaultRecord, journal: &Journal) -> String {
    let when = &fault.when;
    if *seen > 0 {
        let candidates = match fault.effect.level() {
            Level::Entry => "candidate among the entries",
            Level::Connection | Level::Listener => "connection",
            Level::Request => "candidate among the requests",
        };
        let plural = if *seen == 1 { candidates.to_owned() } else { candidates.replacen("candidate", "candidates", 1) };
        let but = match (when.after, when.probability) {
            (0, None) => "",
            (_, None) => ", of which it let the first pass",
            (..) => ", and chance spared the others",
        };
        return format!("it was asked about {seen} {plural}{but}");
    }
    let attempts = journal.attempts();
    if let Some(number) = when.attempt.filter(|number| *number > attempts.len() + journal.forgotten()) {
        return format!("there was no attempt {number}");
    }
    let entries = attempts.iter().flat_map(|attempt| attempt.entries().iter().enumerate().map(move |at| (attempt, at)));
    let most = attempts.iter().map(|attempt| attempt.entries().len()).max().unwrap_or(0);
    match (&when.matcher, when.index) {
        _ if attempts.is_empty() => "no request was received".to_owned(),
        _ if most == 0 => "no entry was received".to_owned(),
        (_, Some(index)) if most <= index => format!("no request had an entry at index {index}"),
        (Some(matcher), _) => {
            nearest(matcher, entries).unwrap_or_else(|| "no other fault left it a candidate".to_owned())
        }
        _ => "it was never asked: other faults, or the limits, decided before".to_owned(),
    }
}

/// The entry for which most of the conditions hold, and the first that does not.
fn nearest<'a>(
    matcher: &EntryMatcher,
    entries: impl Iterator<Item = (&'a Attempt, (usize, &'a Entry))>,
) -> Option<String> {
    let holding = |entry: &Entry| matcher.conditions.iter().filter(|condition| holds(condition, entry)).count();
    // The first of the best ones: `max_by_key` alone would take the last.
    let (attempt, (index, entry)) =
        entries.reduce(|best, next| if holding(next.1.1) > holding(best.1.1) { next } else { best })?;
    let broken = matcher.conditions.iter().find(|condition| !holds(condition, entry));
    let difference =
        broken.map_or_else(|| "it matches, but was decided before".to_owned(), |broken| differs(broken, entry));
    Some(format!("nearest: attempt {}, entry {index}, {entry}: {difference}", attempt.number()))
}

/// Closures are not run again for a report.
fn holds(condition: &Condition, entry: &Entry) -> bool {
    match condition {
        Condition::DetailSatisfies { .. } | Condition::Satisfies(_) | Condition::Not(_) | Condition::AnyOf(_) => false,
        simple => simple.holds(entry),
    }
}

fn differs(condition: &Condition, entry: &Entry) -> String {
    let quoted = |text: Option<&str>| text.map_or_else(|| "missing".to_owned(), |text| format!("{text:?}"));
    match condition {
        Condition::Source(wanted) => format!("source is {}, not {wanted}", quoted(entry.source())),
        Condition::DetailType(wanted) => format!("detail-type is {}, not {wanted}", quoted(entry.detail_type())),
        Condition::EventBus(wanted) => format!("event bus is {:?}, not {wanted}", entry.event_bus()),
        Condition::Resource(wanted) => format!("no resource is {wanted}"),
        Condition::DetailAt { pointer, value } => match detail_at(entry, pointer) {
            None => format!("detail has nothing at {pointer:?}"),
            Some(found) => format!("detail {pointer} is {}, not {value}", shortened(found.to_string())),
        },
        other => format!("it does not satisfy: {other}"),
    }
}
