//! Why a fault did not apply as often as it was to.

use std::fmt::Write;

use super::count;
use super::nearest::{difference, nearest};
use crate::fault::{Fault, FaultCause, FaultRecord, Level};
use crate::journal::Journal;
use crate::matcher::EntryMatcher;

/// The report on all such faults, with the timeline; `None` where there are none.
pub(crate) fn unfired_faults(journal: &Journal) -> Option<String> {
    let unfired: Vec<&FaultRecord> = journal.faults.iter().filter(|record| record.is_unfired()).collect();
    if unfired.is_empty() {
        return None;
    }
    let mut report = format!("{} did not apply as often as injected\n", count(unfired.len(), "fault"));
    for record in unfired {
        let FaultRecord { sentence, at, fired, must_fire, .. } = record;
        let how_often = match (fired, must_fire) {
            (0, _) => "never".to_owned(),
            (some, all) => format!("{some} of {all} times"),
        };
        let why = why_unfired(record, journal);
        let _ = write!(report, "\n  {how_often}: {sentence}\n    injected at {at}\n    {why}\n");
    }
    let _ = write!(report, "\n{journal}");
    Some(report)
}

/// The likeliest reason, in one line.
pub(crate) fn why_unfired(record: &FaultRecord, journal: &Journal) -> String {
    match &record.cause {
        FaultCause::Known(why) => why.clone(),
        FaultCause::Fault(fault, seen) => why(fault, *seen, journal),
    }
}

fn why(Fault { effect, when }: &Fault, seen: usize, journal: &Journal) -> String {
    if seen > 0 {
        let candidates = match effect.level() {
            Level::Entry => "candidate among the entries",
            Level::Connection | Level::Listener => "connection",
            Level::Request => "candidate among the requests",
        };
        let plural = if seen == 1 { candidates.to_owned() } else { candidates.replacen("candidate", "candidates", 1) };
        let but = match (when.after, when.probability) {
            (0, None) => "",
            (_, None) => ", of which it let the first pass",
            (..) => ", and chance spared the others",
        };
        return format!("it was asked about {seen} {plural}{but}");
    }
    let attempts = journal.attempts();
    if let Some(number) = when.attempt.filter(|number| *number >= journal.next_number()) {
        return format!("there was no attempt {number}");
    }
    let most = attempts.iter().map(|attempt| attempt.entries().len()).max().unwrap_or(0);
    match (&when.matcher, when.index) {
        _ if attempts.is_empty() => "no request was received".to_owned(),
        _ if most == 0 => "no entry was received".to_owned(),
        (_, Some(index)) if most <= index => format!("no request had an entry at index {index}"),
        (Some(matcher), _) => {
            nearest_in(matcher, journal).unwrap_or_else(|| "no other fault left it a candidate".to_owned())
        }
        _ => "it was never asked: other faults, or the limits, decided before".to_owned(),
    }
}

fn nearest_in(matcher: &EntryMatcher, journal: &Journal) -> Option<String> {
    let entries = journal.attempts().iter().flat_map(|attempt| {
        attempt.entries().iter().enumerate().map(move |(index, entry)| ((attempt.number(), index), entry))
    });
    let ((attempt, index), entry) = nearest(matcher, entries)?;
    let why = difference(matcher, entry).unwrap_or_else(|| "it matches, but was decided before".to_owned());
    Some(format!("nearest: #{attempt}[{index}]  {entry}: {why}"))
}
