//! Assertions about whole requests.

use super::{Recorded, unless};
use crate::check::{Verdict, all_excess, busiest, needlessly_small};
use crate::journal::Journal;
use crate::service::Limits;

assertions! {
    impl Journal {
        /// Fails if a request had more entries or more bytes than these limits allow. The limits that the mock itself enforces do
        /// not matter. Bytes count by the documented formula, [`Entry::size`](crate::journal::Entry::size).
        fn assert_batches_within / check_batches_within(&self, limits: Limits) {
            self.needs_all()?;
            let found = all_excess(self, &limits);
            unless(found.is_empty(), found, Verdict::TooLarge)
        }

        /// Fails if a request was needlessly small: the first entry of the next request would have fitted into it.
        ///
        /// Requests that resend entries are ignored. The last request may have any size. A publisher that flushes by time sends
        /// small requests on purpose. For such a publisher, narrow the journal to a [time](Self::between) of high load.
        fn assert_batches_full / check_batches_full(&self, limits: Limits) {
            self.needs_all()?;
            let found = needlessly_small(&self.ledger(), limits);
            unless(found.is_empty(), found, Verdict::TooSmall)
        }

        /// Fails if more than this number of requests for PutEvents were in flight at the same time: received in full, and not
        /// yet answered.
        fn assert_in_flight_at_most / check_in_flight_at_most(&self, requests: usize) {
            self.needs_all()?;
            let busiest = busiest(self.attempts());
            unless(busiest.len() <= requests, busiest, |busiest| Verdict::InFlight { busiest, limit: requests })
        }
    }
}
