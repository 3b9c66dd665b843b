//! Assertions about what became of each event.

use super::{Judged, Recorded, unless};
use crate::check::{Alike, Backoff, Reported, Rule, Verdict, judge, overtaken};
use crate::ledger::Ledger;
use crate::matcher::{misplaced, pointer_error};

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

        /// Fails where an event was lost or given up: it was never accepted, and the publisher was not told that it never
        /// could be ([`ErrorClass::Entry`](crate::fault::ErrorClass::Entry)).
        ///
        /// A publisher that tried, gave up and said so loses nothing. This assertion does not know what it said:
        /// [`assert_none_silently_lost`](Self::assert_none_silently_lost) does.
        fn assert_none_lost / check_none_lost(&self) {
            judged(self, Rule::NoneLost)
        }

        /// Fails where an event was lost without a word: it was never accepted, and the publisher did not report that it
        /// failed, or that it does not know. What was rejected for good has to be reported as well.
        fn assert_none_silently_lost / check_none_silently_lost(&self, reported: Reported) {
            needs_events(self)?;
            let blames = reported.silently_lost(self);
            unless(blames.is_empty(), blames, |blames| Verdict::Lines { rule: Rule::NoneSilentlyLost, blames })
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

        /// Fails where an entry was sent again after the publisher had been told that no other try can help
        /// ([`ErrorClass::Entry`](crate::fault::ErrorClass::Entry)), or a whole batch after the batch as such had been refused
        /// ([`ErrorClass::Batch`](crate::fault::ErrorClass::Batch)). To send its entries again in other parts is no mistake.
        fn assert_permanent_errors_not_retried / check_permanent_errors_not_retried(&self) {
            judged(self, Rule::PermanentErrorsNotRetried)
        }

        /// Fails where the publisher tried an event more often than this. The tries that an AWS SDK makes on its own within
        /// one call count as one.
        fn assert_tries_at_most / check_tries_at_most(&self, tries: usize) {
            judged(self, Rule::TriesAtMost(tries))
        }

        /// Fails unless the events were accepted, each for the first time, in the order in which they were
        /// [expected](Self::expecting), or else first sent.
        fn assert_order_kept / check_order_kept(&self) {
            order_kept(self, None)
        }

        /// The same among events that hold the same value at this JSON pointer in their details:
        /// `assert_order_kept_per("/customerId")`.
        fn assert_order_kept_per / check_order_kept_per(&self, pointer: &str) {
            match pointer_error(pointer).or_else(|| misplaced(pointer, self.entries())) {
                None => order_kept(self, Some(pointer)),
                Some(error) => Err(Verdict::BadQuestion(error).into()),
            }
        }

        /// Fails where an event changed from one try to the next: its detail, its resources or its `Time`, but for what
        /// [`Alike`] leaves out. [`Line::differences`](crate::ledger::Line::differences) has them all.
        ///
        /// Entries are the same event where their content is equal, so that only their `Time` can differ. Where the detail can,
        /// [`identify_by`](Self::identify_by) says what stays.
        ///
        /// ```
        /// # let journal = putevents_mock::Engine::new().journal();
        /// use putevents_mock::expect::Alike;
        ///
        /// let ledger = journal.ledger().identify_by("/orderId");
        /// # let ledger = ledger.expecting_none();
        /// ledger.assert_tries_alike(Alike::new().except_detail_at("/meta/attempt"));
        /// ```
        fn assert_tries_alike / check_tries_alike(&self, alike: Alike) {
            needs_events(self)?;
            let blames = alike.broken_in(self);
            unless(blames.is_empty(), blames, |blames| Verdict::Lines { rule: Rule::TriesAlike, blames })
        }

        /// Fails unless the publisher waited like this before it tried again. So it does where nothing was tried again: that
        /// tests nothing.
        fn assert_backoff / check_backoff(&self, backoff: Backoff) {
            needs_a_whole_ledger(self)?;
            let complaints = backoff.complaints(self);
            unless(complaints.is_empty(), complaints, |complaints| Verdict::Backoff { wanted: backoff, complaints })
        }

        /// Fails unless what the publisher reported is what happened. See [`Reported`].
        fn assert_reported / check_reported(&self, reported: Reported) {
            needs_a_whole_ledger(self)?;
            let untruths = reported.untruths(self);
            unless(untruths.is_empty(), untruths, Verdict::Untrue)
        }
    }
}

/// Refuses to judge a ledger that is not whole, or that identifies events by what no detail has.
fn needs_a_whole_ledger(ledger: &Ledger) -> Judged {
    ledger.needs_all()?;
    ledger.misplaced_pointer().map_or(Ok(()), |error| Err(Verdict::BadQuestion(error).into()))
}

/// Where there is no event, nothing is tested: that must be meant.
fn needs_events(ledger: &Ledger) -> Judged {
    needs_a_whole_ledger(ledger)?;
    let is_meant = !ledger.lines().is_empty() || ledger.knows_what_to_expect();
    unless(is_meant, (), |()| Verdict::NothingToJudge)
}

fn judged(ledger: &Ledger, rule: Rule) -> Judged {
    needs_events(ledger)?;
    let blames = judge(ledger, rule);
    unless(blames.is_empty(), blames, |blames| Verdict::Lines { rule, blames })
}

fn order_kept(ledger: &Ledger, pointer: Option<&str>) -> Judged {
    needs_events(ledger)?;
    let blames = overtaken(ledger, pointer);
    unless(blames.is_empty(), blames, |blames| Verdict::Lines { rule: Rule::OrderKept, blames })
}
