//! The progress line of a search.

use std::cell::Cell;
use std::time::{Duration, Instant};

use crate::explore::Progress;
use crate::report::show_progress;

/// The time between two changes of the line.
const EVERY: Duration = Duration::from_millis(200);

#[expect(clippy::disallowed_methods, reason = "a search may take only so much real time")]
pub(super) fn now() -> Instant {
    Instant::now()
}

pub(super) fn line() -> impl Fn(&Progress) {
    let began = now();
    let last = Cell::new(began);
    move |progress| {
        if last.get().elapsed() >= EVERY {
            last.set(now());
            show_progress(progress, began.elapsed());
        }
    }
}
