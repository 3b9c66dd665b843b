//! What one sees of a search while it runs: one line on a terminal, and nothing elsewhere.

use std::io::{IsTerminal, Write, stderr};
use std::time::{Duration, Instant};

use crate::explore::Progress;

/// How often the line changes.
const EVERY: Duration = Duration::from_millis(200);

#[expect(clippy::disallowed_methods, reason = "a search may take only so much real time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Writes over the line of before.
pub(crate) fn line() -> impl Fn(&Progress) {
    let (began, is_terminal) = (now(), stderr().is_terminal());
    let last = std::cell::Cell::new(began);
    move |progress| {
        let passed = last.get().elapsed();
        if is_terminal && passed >= EVERY {
            last.set(now());
            let line = crate::report::progress(progress, began.elapsed());
            let _ = write!(stderr(), "\r\x1b[K{line}");
        }
    }
}

/// Leaves an empty line.
pub(crate) fn end() {
    if stderr().is_terminal() {
        let _ = write!(stderr(), "\r\x1b[K");
    }
}
