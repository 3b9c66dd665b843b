//! An attempt whose answer is on its way.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::Live;

/// An attempt whose answer is on its way. It ends with this.
pub(crate) struct InFlight {
    live: Arc<Live>,
    attempt: usize,
    epoch: u64,
    was_answered: bool,
    /// When it ends, seen from now.
    delay: Duration,
}

impl InFlight {
    pub(super) fn new(live: &Arc<Live>, attempt: usize, epoch: u64) -> Self {
        Self { live: Arc::clone(live), attempt, epoch, was_answered: false, delay: Duration::ZERO }
    }

    /// The answer is given, to somebody who is still there.
    pub(crate) fn answered(mut self) {
        self.was_answered = true;
    }

    /// It will be given after this time, and nobody says when it is.
    pub(crate) fn answered_in(mut self, time: Duration) {
        self.delay = time;
        self.answered();
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let Self { attempt, epoch, was_answered, delay, .. } = *self;
        self.live.end(epoch, |engine, now| {
            let now = now.at(now.since_start.saturating_add(delay));
            if was_answered { engine.answered(attempt, now) } else { engine.abandoned(attempt, now) }
        });
    }
}

impl fmt::Debug for InFlight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InFlight").field("attempt", &self.attempt).finish_non_exhaustive()
    }
}
