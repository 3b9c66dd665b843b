//! What a search has exercised, so that a search that tried too little does not look like a pass.

use std::collections::BTreeMap;

use super::deviation::Letter;
use super::run::{Run, letters_fired};
use crate::check::Reported;
use crate::ledger::{Fate, Line};
use crate::service::{Entry, Limits};

/// What the runs of a search have exercised.
#[derive(Debug, Default)]
pub(crate) struct Coverage {
    /// How often each letter applied.
    pub(crate) letters: BTreeMap<Letter, usize>,
    /// The most entries of a request.
    pub(crate) most_entries: usize,
    /// Whether a publisher had more entries than fit into one request.
    pub(crate) was_full: bool,
    /// The most bytes of a request.
    pub(crate) most_bytes: usize,
    /// Whether a failed entry was resent.
    pub(crate) entry_retried: bool,
    /// Whether an event was tried and given up.
    pub(crate) gave_up: bool,
    /// Whether a call that failed after all tries of the SDK was made again.
    pub(crate) call_retried: bool,
    /// Whether an accepted event whose reply was lost was resent.
    pub(crate) resent_after_loss: bool,
    /// Whether the publisher reported something.
    pub(crate) was_told: bool,
    /// Whether the publisher reported the outcome of each event.
    pub(crate) was_told_each: bool,
}

impl Coverage {
    pub(super) fn add(&mut self, run: &Run) {
        for letter in letters_fired(run) {
            *self.letters.entry(letter).or_default() += 1;
        }
        for attempt in run.journal().attempts() {
            self.most_entries = self.most_entries.max(attempt.entries().len());
            let bytes = attempt.entries().iter().map(Entry::size).sum();
            self.most_bytes = self.most_bytes.max(bytes);
        }
        self.was_full |= self.most_entries >= Limits::current().max_entries();
        for line in run.ledger.lines() {
            self.add_line(line);
        }
        if let Some(said) = run.said() {
            self.was_told |= !said.is_nothing();
            self.was_told_each |= Reported::names_events(said);
        }
    }

    fn add_line(&mut self, line: &Line) {
        let tries = line.tries();
        let came_again = tries.len() > 1;
        let failed = tries.iter().any(|one| one.outcome().is_some_and(|outcome| outcome.error().is_some()));
        self.entry_retried |= failed && came_again;
        self.gave_up |= matches!(line.fate(), Fate::NeverRetried(_) | Fate::Rejected(_));
        self.call_retried |= line.calls().windows(2).any(|calls| match calls {
            [call, _] => call.last().is_some_and(|one| one.outcome().is_none()),
            _ => false,
        });
        self.resent_after_loss |= tries.iter().rev().skip(1).any(|one| one.is_accepted() && !one.attempt().is_told());
    }
}
