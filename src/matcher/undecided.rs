//! Questions that an event pattern cannot decide.
//!
//! The caller of the whole question must learn of an undecided pattern: an assertion fails with it, a request gets a problem,
//! and [`EntryMatcher::matches`](super::EntryMatcher::matches) panics at the line of the test. The counts, filters and
//! assignments in between need yes or no. They get no, and their result is thrown away. So the error is noted for the thread
//! that asks.

use std::cell::RefCell;

use crate::pattern::Undecided;

thread_local! {
    static NOTED: RefCell<Option<Undecided>> = const { RefCell::new(None) };
}

/// Answers a question that asks matchers, and returns the first error of a pattern that could not be decided.
pub(crate) fn with_undecided<T>(question: impl FnOnce() -> T) -> (T, Option<Undecided>) {
    let before = NOTED.take();
    let answer = question();
    (answer, NOTED.replace(before))
}

/// Returns the answer of a pattern for a condition, and notes an error.
pub(super) fn noted(decided: Result<bool, Undecided>) -> bool {
    decided.unwrap_or_else(|undecided| {
        NOTED.with_borrow_mut(|noted| _ = noted.get_or_insert(undecided));
        false
    })
}
