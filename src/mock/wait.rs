//! Waiting for a program that works in the background.

use std::time::Duration;

use super::MockEventBridge;
use crate::journal::Journal;
use crate::live::WaitTimeout;

impl MockEventBridge {
    /// Waits until the journal looks as wanted, for example until a program that works in the background has met a fault.
    /// `limit` is on tokio's clock.
    ///
    /// # Errors
    ///
    /// Where that does not happen within `limit`; the error prints the journal.
    pub async fn wait_until(
        &self,
        limit: Duration,
        wanted: impl FnMut(&Journal) -> bool,
    ) -> Result<Journal, WaitTimeout> {
        self.live.wait_until(limit, wanted).await
    }

    /// Waits until this many events were published in all, or more. `limit` is on tokio's clock.
    ///
    /// # Errors
    ///
    /// Where that does not happen within `limit`; the error prints the journal.
    pub async fn wait_for_published(&self, events: usize, limit: Duration) -> Result<Journal, WaitTimeout> {
        self.live.wait_for_published(events, limit).await
    }

    /// Waits until no request has been received, and none was in flight, for as long as `quiet_for`. Both times are on
    /// tokio's clock.
    ///
    /// A publisher that waits longer than that before it tries again looks idle too.
    ///
    /// # Errors
    ///
    /// Where that does not happen within `limit`; the error prints the journal.
    pub async fn wait_until_idle(&self, quiet_for: Duration, limit: Duration) -> Result<Journal, WaitTimeout> {
        self.live.wait_until_idle(quiet_for, limit).await
    }
}
