//! Waiting for a program that works in the background.

use std::fmt;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::time::timeout;

use super::{Changes, Live};
use crate::journal::Journal;
use crate::words::{LOST_SERVER, NO_REQUEST, count, debug_is_display};

impl Live {
    pub(crate) async fn wait_until(
        &self,
        limit: Duration,
        mut wanted: impl FnMut(&Journal) -> bool,
    ) -> Result<Journal, WaitTimeout> {
        self.wait_for(limit, Wanted::Condition, || {
            let journal = self.journal();
            wanted(&journal).then_some(journal)
        })
        .await
    }

    pub(crate) async fn wait_for_published(&self, events: usize, limit: Duration) -> Result<Journal, WaitTimeout> {
        let is_reached = |record: &Journal| record.published_in_all() >= events;
        self.wait_for(limit, Wanted::Published(events), || self.journal_if(is_reached)).await
    }

    pub(crate) async fn wait_for_attempts(&self, attempts: usize, limit: Duration) -> Result<Journal, WaitTimeout> {
        let is_reached = |record: &Journal| record.attempts_in_all() >= attempts;
        self.wait_for(limit, Wanted::Attempts(attempts), || self.journal_if(is_reached)).await
    }

    /// Asks the record under the lock, which takes no snapshot as long as the answer is no.
    fn journal_if(&self, is_wanted: impl Fn(&Journal) -> bool) -> Option<Journal> {
        self.ask(|engine| is_wanted(engine.record()).then(|| engine.journal()))
    }

    /// Looks after each change, or the last of several.
    async fn wait_for(
        &self,
        limit: Duration,
        wanted: Wanted,
        mut look: impl FnMut() -> Option<Journal>,
    ) -> Result<Journal, WaitTimeout> {
        self.wait(limit, wanted, async |changed| {
            loop {
                if let Some(journal) = look() {
                    return journal;
                }
                if changed.changed().await.is_err() {
                    return self.journal();
                }
            }
        })
        .await
    }

    /// Waits, for ever if need be, until so many requests have come.
    pub(crate) async fn requests_reach(&self, requests: usize) {
        let mut changes = self.changes();
        while self.requests() < requests {
            if changes.changed().await.is_err() {
                return std::future::pending().await;
            }
        }
    }

    pub(crate) async fn wait_until_idle(&self, quiet_for: Duration, limit: Duration) -> Result<Journal, WaitTimeout> {
        self.wait(limit, Wanted::Idle(quiet_for), async |changed| {
            let mut seen = changed.borrow().traffic;
            loop {
                let is_busy = || self.ask(|engine| engine.record().is_anything_in_flight());
                let quiet = if is_busy() { limit } else { quiet_for };
                match timeout(quiet, changed.wait_for(|changes| changes.traffic != seen)).await {
                    Ok(Ok(changes)) => seen = changes.traffic,
                    _ if is_busy() => {}
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
        finished.map_err(|_| {
            let journal = self.journal();
            WaitTimeout { wanted, limit, jumped, has_lost_server: journal.since().has_lost_server, journal }
        })
    }
}

/// What was waited for.
#[derive(Clone)]
enum Wanted {
    Condition,
    Published(usize),
    Attempts(usize),
    Idle(Duration),
}

/// What was waited for did not happen within the limit. It prints what that was, the limit and the journal, also with
/// `{:?}`, so that `unwrap` in a test reads well.
#[derive(Clone)]
pub struct WaitTimeout {
    wanted: Wanted,
    limit: Duration,
    jumped: bool,
    has_lost_server: bool,
    journal: Journal,
}

impl WaitTimeout {
    /// The journal when the limit was reached.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }
}

/// What was waited for, and the journal.
impl fmt::Display for WaitTimeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limit = self.limit.as_secs_f64();
        match self.wanted {
            Wanted::Condition => write!(f, "what was waited for did not happen within {limit} s")?,
            Wanted::Published(events) => {
                let published = self.journal().published_in_all();
                write!(f, "{published} of {} published within {limit} s", count(events, "event"))?;
            }
            Wanted::Attempts(attempts) => {
                let received = self.journal().attempts_in_all();
                write!(f, "{received} of {} received within {limit} s", count(attempts, "attempt"))?;
            }
            Wanted::Idle(quiet) => {
                write!(f, "the publisher was never idle for {} s within {limit} s", quiet.as_secs_f64())?;
            }
        }
        if self.jumped {
            f.write_str(
                ", for tokio's clock is paused and jumped there, while the mock is served by another thread: start() it on \
                 this runtime, or keep the clock from jumping with hold_clock()",
            )?;
        }
        write!(f, "\n\n{}", self.journal())?;
        if self.has_lost_server {
            writeln!(f, "\n{LOST_SERVER}")
        } else if self.journal.history().0 == 0 {
            writeln!(f, "\n{NO_REQUEST}")
        } else {
            Ok(())
        }
    }
}

debug_is_display!(WaitTimeout);
