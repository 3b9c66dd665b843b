//! Assertions about whole requests.

use super::{Recorded, unless};
use crate::check::{Verdict, all_excess, busiest, needlessly_small};
use crate::journal::Journal;
use crate::service::Limits;

assertions! {
    impl Journal {
        /// Fails where a request had more entries or more bytes than these limits allow, whatever limits the mock itself
        /// enforces. The bytes are those of the documented formula, [`Entry::size`](crate::journal::Entry::size).
        fn assert_batches_within / check_batches_within(&self, limits: Limits) {
            self.needs_all()?;
            let found = all_excess(self, &limits);
            unless(found.is_empty(), found, Verdict::TooLarge)
        }

        /// Fails where a request was needlessly small: the first entry of the next request would have fitted in as well.
        /// Requests that have entries again are left out, and the last one may be as small as it likes. A publisher that
        /// flushes by time will fail this wherever it should have; narrow the journal to a [time](Self::between) in which it
        /// had much to do.
        fn assert_batches_full / check_batches_full(&self, limits: Limits) {
            self.needs_all()?;
            let found = needlessly_small(&self.ledger(), limits);
            unless(found.is_empty(), found, Verdict::TooSmall)
        }

        /// Fails where more requests for PutEvents than this were in flight at the same time: received in full, and not yet
        /// answered.
        fn assert_in_flight_at_most / check_in_flight_at_most(&self, requests: usize) {
            self.needs_all()?;
            let busiest = busiest(self.attempts());
            unless(busiest.len() <= requests, busiest, |busiest| Verdict::InFlight { busiest, limit: requests })
        }
    }
}
