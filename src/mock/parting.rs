//! The drop of a mock, and what it prints if a test panics.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use super::MockEventBridge;
use crate::words::NO_REQUEST;

impl Drop for MockEventBridge {
    fn drop(&mut self) {
        // An SDK client or a service without a socket may still hold a part of it.
        self.live.close();
        if self.is_quiet || !thread::panicking() {
            return;
        }
        // `eprintln!` panics if standard error is closed, and a second panic would abort the process.
        let _ = catch_unwind(AssertUnwindSafe(|| {
            let journal = self.journal();
            let unfired = journal.check_every_fault_fired().err().filter(|_| !journal.are_faults_told());
            // The text of a failed assertion shows the journal already.
            let (what, said) = match (unfired, journal.is_shown()) {
                (None, true) => return,
                (Some(unfired), true) => (":", unfired.unfired_alone().unwrap_or_default()),
                (None, false) if journal.history().0 == 0 => {
                    ("; what it received:", format!("{journal}\n{NO_REQUEST}"))
                }
                (None, false) => ("; what it received:", journal.to_string()),
                (Some(unfired), false) => ("; what it received:", unfired.to_string()),
            };
            // The test harness captures `eprintln!`, and shows its text beside the test that failed.
            eprintln!("the mock {} was dropped in a panic{what}\n\n{}\n", self.endpoint_url, said.trim_end());
        }));
    }
}
