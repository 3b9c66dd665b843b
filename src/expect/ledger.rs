//! Assertions about what became of each event.

use super::{Judged, Recorded, unless};
use crate::check::{Alike, Backoff, Reported, Rule, Verdict, judge, overtaken};
use crate::ledger::Ledger;
use crate::matcher::{misplaced, pointer_error};

assertions! {
    impl Ledger {
        /// Fails unless every event was accepted at least once.
        fn assert_at_least_once / check_at_least_once(&self) {
            judged(self, Rule::AtLeastOnce)
        }

        /// Fails unless every event was accepted exactly once. If the ledger was told what to [expect](Self::expecting), it also
        /// fails if another event was accepted.
        ///
        /// If a fault loses an answer, a correct publisher may send the event again, because it cannot know that it was accepted.
        /// This assertion then fails.
        fn assert_exactly_once / check_exactly_once(&self) {
            judged(self, Rule::ExactlyOnce)
        }

        /// Fails if an event was lost or given up: it was never accepted, and the publisher was not told that it can never be
        /// accepted ([`ErrorClass::Entry`](crate::fault::ErrorClass::Entry)).
        ///
        /// A publisher that gives up and reports the event as failed does not lose it. This assertion does not know what the
        /// publisher reported. [`assert_none_silently_lost`](Self::assert_none_silently_lost) does.
        fn assert_none_lost / check_none_lost(&self) {
            judged(self, Rule::NoneLost)
        }

        /// Fails if an event was lost without a report: it was never accepted, and the publisher did not report it as failed or
        /// unknown. A rejected event must be reported, too.
        fn assert_none_silently_lost / check_none_silently_lost(&self, reported: Reported) {
            needs_events(self)?;
            let blames = reported.silently_lost(self);
            unless(blames.is_empty(), blames, |blames| Verdict::Lines { rule: Rule::NoneSilentlyLost, blames })
        }

        /// Fails if an event was accepted more than once, even if the publisher could not know that the first try was accepted.
        fn assert_no_duplicates / check_no_duplicates(&self) {
            judged(self, Rule::NoDuplicates)
        }

        /// Fails if an entry was sent again after the publisher had been told that it was accepted. Sending it again because the
        /// answer was lost is no mistake.
        fn assert_only_failed_entries_resent / check_only_failed_entries_resent(&self) {
            judged(self, Rule::OnlyFailedEntriesResent)
        }

        /// Fails if the publisher repeated what cannot succeed. There are two cases:
        ///
        /// * An entry was sent again after the publisher had been told that no try of it can succeed
        ///   ([`ErrorClass::Entry`](crate::fault::ErrorClass::Entry)).
        /// * A whole batch was sent again after it had been refused for its composition
        ///   ([`ErrorClass::Batch`](crate::fault::ErrorClass::Batch)). Sending its entries in other batches is no mistake.
        fn assert_permanent_errors_not_retried / check_permanent_errors_not_retried(&self) {
            judged(self, Rule::PermanentErrorsNotRetried)
        }

        /// Fails if the publisher tried an event more than `tries` times. All tries that an AWS SDK makes within one call count as
        /// one.
        fn assert_tries_at_most / check_tries_at_most(&self, tries: usize) {
            judged(self, Rule::TriesAtMost(tries))
        }

        /// Fails unless the events were accepted in the order in which they were [expected](Self::expecting). Without expected
        /// events, the order in which they were first sent counts. Of an event that was accepted twice, the first time counts.
        fn assert_order_kept / check_order_kept(&self) {
            order_kept(self, None)
        }

        /// Fails unless the order is kept among the events with the same value at this JSON pointer in their details:
        /// `assert_order_kept_per("/customerId")`. Otherwise it is [`assert_order_kept`](Self::assert_order_kept).
        fn assert_order_kept_per / check_order_kept_per(&self, pointer: &str) {
            match pointer_error(pointer).or_else(|| misplaced(pointer, self.entries())) {
                None => order_kept(self, Some(pointer)),
                Some(error) => Err(Verdict::BadQuestion(error).into()),
            }
        }

        /// Fails if an event changed from one try to the next: its detail, its resources or its `Time`. [`Alike`] names what may
        /// change. [`Line::differences`](crate::ledger::Line::differences) returns all differences.
        ///
        /// By default, entries are the same event only if their content is equal, so that only their `Time` can differ. To find
        /// changes in the detail, name the id that stays the same with [`identify_by`](Self::identify_by).
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

        /// Fails unless the publisher waited before each further try as `backoff` says. It also fails if nothing was tried again,
        /// because then there is no wait to judge.
        ///
        /// ```
        /// # let journal = putevents_mock::Engine::new().journal();
        /// use std::time::Duration;
        /// use putevents_mock::expect::Backoff;
        ///
        /// let backoff = Backoff::new().at_least(Duration::from_millis(50)).growing();
        /// assert!(journal.ledger().check_backoff(backoff).is_err()); // Nothing was sent.
        /// ```
        fn assert_backoff / check_backoff(&self, backoff: Backoff) {
            needs_a_whole_ledger(self)?;
            let complaints = backoff.complaints(self);
            unless(complaints.is_empty(), complaints, |complaints| Verdict::Backoff { wanted: backoff, complaints })
        }

        /// Fails unless what the publisher reported is what happened. [`Reported`] has the forms of a report, and an example.
        fn assert_reported / check_reported(&self, reported: Reported) {
            needs_a_whole_ledger(self)?;
            let untruths = reported.untruths(self);
            unless(untruths.is_empty(), untruths, Verdict::Untrue)
        }
    }
}

/// Fails if attempts were forgotten, or if the pointer of `identify_by` leads nowhere.
fn needs_a_whole_ledger(ledger: &Ledger) -> Judged {
    ledger.needs_all()?;
    ledger.misplaced_pointer().map_or(Ok(()), |error| Err(Verdict::BadQuestion(error).into()))
}

/// Fails if there is no event, unless the ledger was told what to expect.
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
