//! An attempt in flight.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::Live;

/// An attempt whose reply is on its way. The attempt ends when this is dropped.
pub(crate) struct InFlight {
    live: Arc<Live>,
    attempt: usize,
    epoch: u64,
    was_answered: bool,
    /// The time from the drop until the attempt ends.
    delay: Duration,
}

impl InFlight {
    pub(super) fn new(live: &Arc<Live>, attempt: usize, epoch: u64) -> Self {
        Self { live: Arc::clone(live), attempt, epoch, was_answered: false, delay: Duration::ZERO }
    }

    /// Ends the attempt now: its reply was delivered.
    pub(crate) fn answered(mut self) {
        self.was_answered = true;
    }

    /// Ends the attempt with a reply that is delivered after this time, for a transport that does not report the delivery.
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
