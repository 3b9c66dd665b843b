//! What must not become of an event.

use serde_json::Value;

use super::{Backoff, Mismatch, Reported, twins};
use crate::ledger::{Fate, Ledger, Line, Try};
use crate::matcher::{checked, detail_at};
use crate::report;

/// What a rule has against one line of the ledger.
pub(crate) struct Blame<'a> {
    pub(crate) line: &'a Line,
    pub(crate) what: String,
}

impl Ledger {
    twins! {
        /// Fails unless every event was accepted, once or more often.
        fn assert_at_least_once / check_at_least_once(&self) {
            self.judge("not accepted", |line| (line.times_accepted() == 0).then(|| report::fate(line)))
        }

        /// Fails unless every event was accepted exactly once, and, where the ledger was told what to
        /// [expect](Self::expecting), none that was not.
        ///
        /// A publisher that cannot know whether an event was accepted must either send it again or not. Where answers are
        /// lost on purpose, this assertion wants it not to.
        fn assert_exactly_once / check_exactly_once(&self) {
            self.judge("not accepted exactly once", |line| match line.times_accepted() {
                0 => Some(report::fate(line)),
                1 if self.is_unexpected(line) => Some(report::unexpected(line)),
                1 => None,
                _ => Some(report::accepted_again(line)),
            })
        }

        /// Fails where an event was lost: it was never accepted, and the publisher was not told that it never could be.
        fn assert_none_lost / check_none_lost(&self) {
            self.judge("lost", |line| match line.fate() {
                Fate::Accepted | Fate::AnswerLost | Fate::Rejected(_) => None,
                Fate::NeverRetried(_) | Fate::NeverSent => Some(report::fate(line)),
            })
        }

        /// Fails where an event was accepted more than once, also where the publisher could not know of the first time.
        fn assert_no_duplicates / check_no_duplicates(&self) {
            self.judge("accepted more than once", |line| (line.times_accepted() > 1).then(|| report::accepted_again(line)))
        }

        /// Fails where an entry was sent again after the publisher had been told that it was accepted. To send it again
        /// because the answer was lost is no mistake.
        fn assert_only_failed_entries_resent / check_only_failed_entries_resent(&self) {
            self.judge("sent again though accepted", |line| {
                line.resent_after(Try::known_to_be_accepted).map(|again| report::resent(&again))
            })
        }

        /// Fails where an entry was sent again after the publisher had been told an error that AWS documents as permanent
        /// ([`EntryError::is_retryable`](crate::EntryError::is_retryable),
        /// [`RequestError::is_retryable`](crate::RequestError::is_retryable)).
        fn assert_permanent_errors_not_retried / check_permanent_errors_not_retried(&self) {
            self.judge("sent again after a permanent error", |line| {
                line.resent_after(Try::known_to_be_hopeless).map(|again| report::resent(&again))
            })
        }

        /// Fails where an event was tried more often than this. The SDK's own tries count.
        fn assert_attempts_at_most / check_attempts_at_most(&self, tries: usize) {
            let title = format!("tried more than {}", report::times(tries));
            self.judge(&title, |line| (line.tries().len() > tries).then(|| report::tried(line)))
        }

        /// Fails unless the events were accepted, each for the first time, in the order in which they were
        /// [expected](Self::expecting), or else first sent.
        fn assert_order_kept / check_order_kept(&self) {
            self.check_order(None)
        }

        /// The same among events that hold the same value at this JSON pointer in their details:
        /// `assert_order_kept_per("/customerId")`.
        fn assert_order_kept_per / check_order_kept_per(&self, pointer: &str) {
            let pointer = checked(pointer.to_owned());
            self.check_order(Some(&pointer))
        }

        /// Fails unless the publisher waited like this before it tried again. So it does where nothing was tried again: that
        /// tests nothing.
        fn assert_backoff / check_backoff(&self, backoff: Backoff) {
            self.journal.needs_all()?;
            let complaints = backoff.complaints(self);
            if complaints.is_empty() {
                return Ok(());
            }
            Err(Mismatch(report::other_backoff(&backoff, &complaints, &self.journal)))
        }

        /// Fails unless what the publisher reported is what happened. See [`Reported`].
        fn assert_reported / check_reported(&self, reported: Reported) {
            self.journal.needs_all()?;
            let untruths = reported.untruths(self);
            if untruths.is_empty() { Ok(()) } else { Err(Mismatch(report::untrue(&untruths, self))) }
        }
    }

    /// Asks a rule about every line.
    fn judge(&self, title: &str, rule: impl Fn(&Line) -> Option<String>) -> Result<(), Mismatch> {
        self.journal.needs_all()?;
        let blame = |line| rule(line).map(|what| Blame { line, what });
        let blames: Vec<Blame<'_>> = self.lines().iter().filter_map(blame).collect();
        if blames.is_empty() { Ok(()) } else { Err(Mismatch(report::blamed(title, &blames, &self.journal))) }
    }

    fn check_order(&self, pointer: Option<&str>) -> Result<(), Mismatch> {
        self.journal.needs_all()?;
        // The last one accepted so far of those that must come in order, for each key.
        let mut last: Vec<(Option<&Value>, &Line, &Try)> = Vec::new();
        let mut blames = Vec::new();
        for line in self.in_wanted_order() {
            let Some(accepted) = line.tries().iter().find(|one| one.is_accepted()) else { continue };
            let key = pointer.and_then(|pointer| detail_at(accepted.entry(), pointer));
            match last.iter_mut().find(|(of, ..)| *of == key) {
                None => last.push((key, line, accepted)),
                Some((_, before, at)) if at.place() <= accepted.place() => (*before, *at) = (line, accepted),
                Some((_, before, at)) => {
                    blames.push(Blame { line, what: report::overtook(accepted, before, at) });
                }
            }
        }
        if blames.is_empty() { Ok(()) } else { Err(Mismatch(report::blamed("out of order", &blames, &self.journal))) }
    }
}
