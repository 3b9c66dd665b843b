//! What happens to a mock after a snapshot of its journal was taken.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

/// Counters that all snapshots of one journal share. A clone is for another journal, and begins at the same number.
#[derive(Debug, Default)]
pub(crate) struct Tally(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    /// The number of recorded attempts.
    recorded: AtomicUsize,
    /// The number of attempts in the text of a panic, plus one; 0 if there was no panic.
    shown: AtomicUsize,
    /// Whether the text of a panic named the faults that did not apply.
    told_of_faults: AtomicBool,
    /// Whether the server ended without having been stopped.
    lost_server: AtomicBool,
}

/// What has happened to a mock since a snapshot.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Since {
    /// The number of attempts that came.
    pub(crate) attempts: usize,
    /// The server ended with its runtime, and nobody answers any more.
    pub(crate) has_lost_server: bool,
}

impl Clone for Tally {
    fn clone(&self) -> Self {
        let recorded = self.0.recorded.load(Relaxed).into();
        Self(Arc::new(Counts { recorded, ..Counts::default() }))
    }
}

impl Tally {
    pub(crate) fn record(&self, attempts: usize) {
        self.0.recorded.store(attempts, Relaxed);
    }

    /// Notes that the server ended though nobody stopped it.
    pub(crate) fn lose_server(&self) {
        self.0.lost_server.store(true, Relaxed);
    }

    /// The snapshot's part of the tally.
    pub(super) fn shared(&self) -> Shared {
        Shared(Some(Arc::clone(&self.0)))
    }
}

/// The snapshot's part of a tally. A journal that was read from a file has none.
#[derive(Debug, Clone, Default)]
pub(super) struct Shared(Option<Arc<Counts>>);

impl Shared {
    /// What has happened since `attempts` were recorded.
    pub(super) fn since(&self, attempts: usize) -> Since {
        let since = |counts: &Arc<Counts>| Since {
            attempts: counts.recorded.load(Relaxed).saturating_sub(attempts),
            has_lost_server: counts.lost_server.load(Relaxed),
        };
        self.0.as_ref().map(since).unwrap_or_default()
    }

    /// Notes that this number of attempts stood in the text of a panic.
    pub(super) fn show(&self, attempts: usize) {
        if let Some(counts) = &self.0 {
            counts.shown.store(attempts + 1, Relaxed);
        }
    }

    pub(super) fn is_shown(&self, attempts: usize) -> bool {
        self.0.as_ref().is_some_and(|counts| counts.shown.load(Relaxed) == attempts + 1)
    }

    pub(super) fn tell_of_faults(&self) {
        if let Some(counts) = &self.0 {
            counts.told_of_faults.store(true, Relaxed);
        }
    }

    pub(super) fn has_told_of_faults(&self) -> bool {
        self.0.as_ref().is_some_and(|counts| counts.told_of_faults.load(Relaxed))
    }
}
