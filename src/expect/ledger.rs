//! Assertions about what became of each event.

use super::{Judged, Recorded, unless};
use crate::check::{Backoff, Reported, Rule, Verdict, judge, overtaken};
use crate::ledger::Ledger;
use crate::matcher::pointer_error;

assertions! {
    impl Ledger {
        /// Fails unless every event was accepted, once or more often.
        fn assert_at_least_once / check_at_least_once(&self) {
            judged(self, Rule::AtLeastOnce)
        }

        /// Fails unless every event was accepted exactly once, and, where the ledger was told what to
        /// [expect](Self::expecting), none that was not.
        ///
        /// A publisher that cannot know whether an event was accepted must either send it again or not. Where answers are
        /// lost on purpose, this assertion wants it not to.
        fn assert_exactly_once / check_exactly_once(&self) {
            judged(self, Rule::ExactlyOnce)
        }

        /// Fails where an event was lost: it was never accepted, and the publisher was not told that it never could be.
        fn assert_none_lost / check_none_lost(&self) {
            judged(self, Rule::NoneLost)
        }

        /// Fails where an event was accepted more than once, also where the publisher could not know of the first time.
        fn assert_no_duplicates / check_no_duplicates(&self) {
            judged(self, Rule::NoDuplicates)
        }

        /// Fails where an entry was sent again after the publisher had been told that it was accepted. To send it again
        /// because the answer was lost is no mistake.
        fn assert_only_failed_entries_resent / check_only_failed_entries_resent(&self) {
            judged(self, Rule::OnlyFailedEntriesResent)
        }

        /// Fails where an entry was sent again after the publisher had been told an error that AWS documents as permanent
        /// ([`EntryError::is_retryable`](crate::EntryError::is_retryable),
        /// [`RequestError::is_retryable`](crate::RequestError::is_retryable)).
        fn assert_permanent_errors_not_retried / check_permanent_errors_not_retried(&self) {
            judged(self, Rule::PermanentErrorsNotRetried)
        }

        /// Fails where an event was tried more often than this. The SDK's own tries count.
        fn assert_attempts_at_most / check_attempts_at_most(&self, tries: usize) {
            judged(self, Rule::AttemptsAtMost(tries))
        }

        /// Fails unless the events were accepted, each for the first time, in the order in which they were
        /// [expected](Self::expecting), or else first sent.
        fn assert_order_kept / check_order_kept(&self) {
            order_kept(self, None)
        }

        /// The same among events that hold the same value at this JSON pointer in their details:
        /// `assert_order_kept_per("/customerId")`.
        fn assert_order_kept_per / check_order_kept_per(&self, pointer: &str) {
            match pointer_error(pointer) {
                None => order_kept(self, Some(pointer)),
                Some(error) => Err(Verdict::BadQuestion(error).into()),
            }
        }

        /// Fails unless the publisher waited like this before it tried again. So it does where nothing was tried again: that
        /// tests nothing.
        fn assert_backoff / check_backoff(&self, backoff: Backoff) {
            self.needs_all()?;
            let complaints = backoff.complaints(self);
            unless(complaints.is_empty(), complaints, |complaints| Verdict::Backoff { wanted: backoff, complaints })
        }

        /// Fails unless what the publisher reported is what happened. See [`Reported`].
        fn assert_reported / check_reported(&self, reported: Reported) {
            self.needs_all()?;
            let untruths = reported.untruths(self);
            unless(untruths.is_empty(), untruths, Verdict::Untrue)
        }
    }
}

fn judged(ledger: &Ledger, rule: Rule) -> Judged {
    ledger.needs_all()?;
    let blames = judge(ledger, rule);
    unless(blames.is_empty(), blames, |blames| Verdict::Lines { rule, blames })
}

fn order_kept(ledger: &Ledger, pointer: Option<&str>) -> Judged {
    ledger.needs_all()?;
    let blames = overtaken(ledger, pointer);
    unless(blames.is_empty(), blames, |blames| Verdict::Lines { rule: Rule::OrderKept, blames })
}
