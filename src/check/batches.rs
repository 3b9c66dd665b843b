//! Judges how entries were put into requests, and how many requests were in flight at a time.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};
use std::time::Duration;

use crate::journal::{Attempt, Journal};
use crate::ledger::Ledger;
use crate::records::Records;
use crate::service::{Entry, Limits};

/// What makes a request too large.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Excess {
    Entries {
        entries: usize,
        limit: usize,
    },
    /// By the documented formula. If the characters are within the limit, the publisher probably counted characters.
    Bytes {
        bytes: usize,
        characters: usize,
        limit: usize,
    },
}

impl Excess {
    /// Whether the number of characters is within the limit, and only the number of bytes is not.
    pub(crate) fn is_within_in_characters(&self) -> bool {
        matches!(self, Self::Bytes { characters, limit, .. } if characters <= limit)
    }
}

/// A request that had room for the first entry of the next one.
#[derive(Debug, Clone)]
pub(crate) struct TooSmall {
    pub(crate) batch: Attempt,
    pub(crate) next: Attempt,
    pub(crate) limits: Limits,
}

pub(crate) fn excess(attempt: &Attempt, limits: &Limits) -> Option<Excess> {
    let entries = attempt.entries().len();
    if entries > limits.max_entries() {
        return Some(Excess::Entries { entries, limit: limits.max_entries() });
    }
    let (bytes, limit) = (attempt.entries().iter().map(Entry::size).sum(), limits.max_request_size());
    let characters = || attempt.entries().iter().map(Entry::size_in_characters).sum();
    (bytes > limit).then(|| Excess::Bytes { bytes, characters: characters(), limit })
}

/// The attempts that are too large, with their numbers.
pub(crate) fn all_excess(journal: &Journal, limits: &Limits) -> Vec<(usize, Excess)> {
    let excess = |attempt: &Attempt| excess(attempt, limits).map(|excess| (attempt.number(), excess));
    journal.attempts().iter().filter_map(excess).collect()
}

/// Finds the requests that had room for the first entry of the next one. Requests that resend entries are ignored.
pub(crate) fn needlessly_small(ledger: &Ledger, limits: Limits) -> Vec<TooSmall> {
    let fresh = fresh(ledger);
    let small = |pair: &[Attempt]| match pair {
        [batch, next] if fits(batch, next, &limits) => {
            Some(TooSmall { batch: batch.clone(), next: next.clone(), limits })
        }
        _ => None,
    };
    fresh.windows(2).filter_map(small).collect()
}

/// The attempts without an entry of an earlier attempt.
fn fresh(ledger: &Ledger) -> Vec<Attempt> {
    let again = ledger.lines().iter().flat_map(|line| line.tries().iter().skip(1));
    let again: HashSet<usize> = again.map(|one| one.attempt().number()).collect();
    let attempts = ledger.journal().attempts().iter();
    attempts.filter(|attempt| !attempt.entries().is_empty() && !again.contains(&attempt.number())).cloned().collect()
}

fn fits(batch: &Attempt, next: &Attempt, limits: &Limits) -> bool {
    let size: usize = batch.entries().iter().chain(next.entries().first()).map(Entry::size).sum();
    batch.entries().len() < limits.max_entries() && size <= limits.max_request_size()
}

/// The first of the largest groups of requests for PutEvents that were in flight at the same time.
pub(crate) fn busiest(attempts: &Records<Attempt>) -> Vec<Attempt> {
    let attempts: Vec<&Attempt> = attempts.iter().filter(|attempt| attempt.is_put_events()).collect();
    let mut in_flight = InFlight::default();
    let (mut most, mut last) = (0, 0);
    for (index, attempt) in attempts.iter().enumerate() {
        in_flight.come(index, attempt);
        if in_flight.0.len() > most {
            (most, last) = (in_flight.0.len(), index);
        }
    }
    let mut busiest = InFlight::default();
    attempts.iter().enumerate().take(last + 1).for_each(|(index, attempt)| busiest.come(index, attempt));
    let mut busiest: Vec<usize> = busiest.0.into_iter().map(|Reverse((.., index))| index).collect();
    busiest.sort_unstable();
    busiest.into_iter().filter_map(|index| attempts.get(index).copied().cloned()).collect()
}

/// The indices of the attempts in flight, with their ends. The earliest end comes first, and attempts without an end come last.
#[derive(Default)]
struct InFlight(BinaryHeap<Reverse<(bool, Option<Duration>, usize)>>);

impl InFlight {
    /// Adds an attempt, and removes those that ended before it came.
    fn come(&mut self, index: usize, attempt: &Attempt) {
        let has_ended = |Reverse((_, ended, _)): &Reverse<(bool, Option<Duration>, usize)>| {
            ended.is_some_and(|ended| ended <= attempt.at())
        };
        while self.0.peek().is_some_and(has_ended) {
            self.0.pop();
        }
        self.0.push(Reverse((attempt.ended_at().is_none(), attempt.ended_at(), index)));
    }
}
