//! Assertions about faults and problems.

use super::unless;
use crate::check::{Verdict, unfired};
use crate::journal::Journal;

assertions! {
    impl Journal {
        /// Fails unless every fault that was injected has applied, as often as it was to: a fault that was never met tests
        /// nothing. The report has every such fault as a sentence, the line that injected it, and the entry that came
        /// nearest.
        fn assert_every_fault_fired / check_every_fault_fired(&self) {
            let unfired = unfired(self);
            unless(unfired.is_empty(), unfired, Verdict::Unfired)
        }

        /// Fails where there was a [problem](Journal::problems): an unreadable request, another operation, a broken
        /// connection, and whatever else a correct publisher does not do.
        fn assert_no_problems / check_no_problems(&self) {
            unless(self.problems().is_empty(), (), |()| Verdict::Problems)
        }
    }
}
