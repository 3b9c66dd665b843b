//! What one sees of a search while it runs: one line on a terminal, and nothing elsewhere.

use std::io::{IsTerminal, Write, stderr};
use std::time::{Duration, Instant};

use crate::explore::Progress;
use crate::report::progress;

#[expect(clippy::disallowed_methods, reason = "a search may take only so much real time")]
pub(super) fn now() -> Instant {
    Instant::now()
}

/// Writes over the line of before.
pub(super) fn tell(state: &Progress, elapsed: Duration) {
    if stderr().is_terminal() {
        let line = progress(state, elapsed);
        let _ = write!(stderr(), "\r\x1b[K{line}");
    }
}

/// Leaves an empty line.
pub(super) fn end() {
    if stderr().is_terminal() {
        let _ = write!(stderr(), "\r\x1b[K");
    }
}
