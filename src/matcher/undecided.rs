//! Questions to which event patterns have no answer.
//!
//! A pattern that cannot be decided is told where the question was asked as a whole: an assertion fails with it, a request has a
//! problem, and a test that asks [`EntryMatcher::matches`](super::EntryMatcher::matches) itself is stopped at its line. In between
//! there are counts, filters and assignments, which want yes or no; they are told no, and what they conclude is thrown away. So the
//! error is noted beside them, for the thread that asks.

use std::cell::RefCell;

use crate::pattern::Undecided;

thread_local! {
    static NOTED: RefCell<Option<Undecided>> = const { RefCell::new(None) };
}

/// The answer to a question that asks matchers, and the first of them that could not be decided.
pub(crate) fn with_undecided<T>(question: impl FnOnce() -> T) -> (T, Option<Undecided>) {
    let before = NOTED.take();
    let answer = question();
    (answer, NOTED.replace(before))
}

/// What a condition is told of a pattern.
pub(super) fn noted(decided: Result<bool, Undecided>) -> bool {
    decided.unwrap_or_else(|undecided| {
        NOTED.with_borrow_mut(|noted| _ = noted.get_or_insert(undecided));
        false
    })
}
