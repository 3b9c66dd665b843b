//! How entries were put together into requests, and how many requests at a time.

use std::collections::HashSet;

use super::{Mismatch, twins};
use crate::entry::Entry;
use crate::journal::{Attempt, Journal};
use crate::ledger::Ledger;
use crate::limits::Limits;
use crate::report;

impl Journal {
    twins! {
        /// Fails where a request had more entries or more bytes than these limits allow, whatever limits the mock itself
        /// enforces. The bytes are those of the documented formula, [`Entry::size`].
        fn assert_batches_within / check_batches_within(&self, limits: Limits) {
            self.needs_all()?;
            let excess = |attempt: &Attempt| report::excess(attempt, &limits).map(|what| (attempt.number(), what));
            let found: Vec<(usize, String)> = self.attempts().iter().filter_map(excess).collect();
            if found.is_empty() { Ok(()) } else { Err(Mismatch(report::about_attempts("too large", &found, self))) }
        }

        /// Fails where a request was needlessly small: the first entry of the next request would have fitted in as well.
        /// Requests that have entries again are left out, and the last one may be as small as it likes. A publisher that
        /// flushes by time will fail this wherever it should have; narrow the journal to a [time](Self::between) in which it
        /// had much to do.
        fn assert_batches_full / check_batches_full(&self, limits: Limits) {
            self.needs_all()?;
            let fresh = fresh(&self.ledger());
            let small = |pair: &[Attempt]| match pair {
                [batch, next] if fits(batch, next, &limits) => {
                    Some((batch.number(), report::too_small(batch, next, &limits)))
                }
                _ => None,
            };
            let found: Vec<(usize, String)> = fresh.windows(2).filter_map(small).collect();
            if found.is_empty() { Ok(()) } else { Err(Mismatch(report::about_attempts("needlessly small", &found, self))) }
        }

        /// Fails where more requests than this were in flight at the same time: received in full, and not yet answered.
        fn assert_in_flight_at_most / check_in_flight_at_most(&self, requests: usize) {
            self.needs_all()?;
            let busiest = busiest(self.attempts());
            if busiest.len() <= requests { Ok(()) } else { Err(Mismatch(report::too_many_in_flight(&busiest, requests, self))) }
        }
    }
}

/// The attempts that have only entries that no earlier one had.
fn fresh(ledger: &Ledger) -> Vec<Attempt> {
    let again = ledger.lines().iter().flat_map(|line| line.tries().iter().skip(1));
    let again: HashSet<usize> = again.map(|one| one.attempt().number()).collect();
    let attempts = ledger.journal.attempts().iter();
    attempts.filter(|attempt| !attempt.entries().is_empty() && !again.contains(&attempt.number())).cloned().collect()
}

fn fits(batch: &Attempt, next: &Attempt, limits: &Limits) -> bool {
    let size: usize = batch.entries().iter().chain(next.entries().first()).map(Entry::size).sum();
    batch.entries().len() < limits.max_entries() && size <= limits.max_request_size()
}

/// The first of the largest groups that were in flight at the same time.
fn busiest(attempts: &[Attempt]) -> Vec<&Attempt> {
    let (mut in_flight, mut busiest): (Vec<&Attempt>, Vec<&Attempt>) = (Vec::new(), Vec::new());
    for attempt in attempts {
        in_flight.retain(|other| other.ended_at().is_none_or(|ended| ended > attempt.at()));
        in_flight.push(attempt);
        if in_flight.len() > busiest.len() {
            busiest.clone_from(&in_flight);
        }
    }
    busiest
}
