//! Assertions about faults and problems.

use super::unless;
use crate::check::{Verdict, unfired};
use crate::journal::Journal;

assertions! {
    impl Journal {
        /// Fails unless every injected fault applied as often as it should. A fault that never applied tests nothing.
        ///
        /// The report has each such fault as a sentence, the line that injected it, and the likeliest reason: often the entry
        /// that was nearest to its matcher.
        fn assert_every_fault_fired / check_every_fault_fired(&self) {
            let unfired = unfired(self);
            unless(unfired.is_empty(), unfired, Verdict::Unfired)
        }

        /// Fails if there was a [problem](Journal::problems), such as an unreadable request, an operation without an answer, or a
        /// broken connection.
        fn assert_no_problems / check_no_problems(&self) {
            unless(self.problems().is_empty(), (), |()| Verdict::Problems)
        }
    }
}
