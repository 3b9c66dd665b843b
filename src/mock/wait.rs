//! Waiting for a program that works in the background.

use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::time::timeout;

use super::shared::Changes;
use super::{MockEventBridge, Shared};
use crate::journal::Journal;

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
        self.shared.wait_until(limit, wanted).await
    }

    /// Waits until this many events were published in all, or more. `limit` is on tokio's clock.
    ///
    /// # Errors
    ///
    /// Where that does not happen within `limit`; the error prints the journal.
    pub async fn wait_for_published(&self, events: usize, limit: Duration) -> Result<Journal, WaitTimeout> {
        self.shared.wait_for_published(events, limit).await
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
        self.shared.wait_until_idle(quiet_for, limit).await
    }
}

impl Shared {
    pub(crate) async fn wait_until(
        &self,
        limit: Duration,
        mut wanted: impl FnMut(&Journal) -> bool,
    ) -> Result<Journal, WaitTimeout> {
        self.wait(limit, Wanted::Condition, async |changed| {
            loop {
                let journal = self.journal();
                if wanted(&journal) || changed.changed().await.is_err() {
                    return journal;
                }
            }
        })
        .await
    }

    pub(crate) async fn wait_for_published(&self, events: usize, limit: Duration) -> Result<Journal, WaitTimeout> {
        let waited = self.wait_until(limit, |journal| journal.published_in_all() >= events).await;
        waited.map_err(|timeout| WaitTimeout { wanted: Wanted::Published(events), ..timeout })
    }

    #[cfg(feature = "cli")]
    pub(crate) async fn wait_for_attempts(&self, attempts: usize, limit: Duration) -> Result<Journal, WaitTimeout> {
        let waited = self.wait_until(limit, |journal| journal.attempts_in_all() >= attempts).await;
        waited.map_err(|timeout| WaitTimeout { wanted: Wanted::Attempts(attempts), ..timeout })
    }

    pub(crate) async fn wait_until_idle(&self, quiet_for: Duration, limit: Duration) -> Result<Journal, WaitTimeout> {
        self.wait(limit, Wanted::Idle(quiet_for), async |changed| {
            let mut seen = changed.borrow().traffic;
            loop {
                let quiet = if self.journal().is_anything_in_flight() { limit } else { quiet_for };
                match timeout(quiet, changed.wait_for(|changes| changes.traffic != seen)).await {
                    Ok(Ok(changes)) => seen = changes.traffic,
                    _ if self.journal().is_anything_in_flight() => {}
                    _ => return self.journal(),
                }
            }
        })
        .await
    }

    #[expect(clippy::disallowed_methods, reason = "real time tells a jump of tokio's clock")]
    async fn wait(
        &self,
        limit: Duration,
        wanted: Wanted,
        waiting: impl AsyncFnOnce(&mut watch::Receiver<Changes>) -> Journal,
    ) -> Result<Journal, WaitTimeout> {
        let mut changed = self.changes();
        let started = Instant::now();
        let finished = timeout(limit, waiting(&mut changed)).await;
        // A clock that is paused jumps to the limit while a server elsewhere is still at work.
        let jumped = self.is_elsewhere() && started.elapsed() < limit / 2;
        finished.map_err(|_| WaitTimeout { wanted, limit, jumped, journal: self.journal() })
    }
}

/// What was waited for.
#[derive(Clone)]
pub(crate) enum Wanted {
    Condition,
    Published(usize),
    #[cfg(feature = "cli")]
    Attempts(usize),
    Idle(Duration),
}

/// What was waited for did not happen within the limit. It prints what that was, the limit and the journal, also with
/// `{:?}`, so that `unwrap` in a test reads well.
#[derive(Clone)]
pub struct WaitTimeout {
    pub(crate) wanted: Wanted,
    pub(crate) limit: Duration,
    pub(crate) jumped: bool,
    journal: Journal,
}

impl WaitTimeout {
    /// The journal when the limit was reached.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }
}
