//! The tasks that wait until a count is reached. A task is not woken before.

use std::task::Waker;

use crate::journal::Journal;

/// All tasks that wait for a count of the journal.
#[derive(Default)]
pub(super) struct Waiting {
    all: Vec<One>,
    /// The last id.
    ids: u64,
}

pub(super) struct One {
    pub(super) id: u64,
    pub(super) until: Reached,
    pub(super) waker: Waker,
}

/// A count, and the number that it must reach.
#[derive(Clone, Copy)]
pub(super) struct Reached {
    pub(super) count: fn(&Journal) -> usize,
    pub(super) number: usize,
}

impl Reached {
    pub(super) fn is_so(self, record: &Journal) -> bool {
        (self.count)(record) >= self.number
    }
}

impl Waiting {
    pub(super) fn next_id(&mut self) -> u64 {
        self.ids += 1;
        self.ids
    }

    /// Enters a task, or replaces its waker. Returns the entry that it replaces: a waker must not be dropped under the lock.
    pub(super) fn enter(&mut self, one: One) -> Option<One> {
        let before = self.leave(one.id);
        self.all.push(one);
        before
    }

    pub(super) fn leave(&mut self, id: u64) -> Option<One> {
        let place = self.all.iter().position(|one| one.id == id)?;
        Some(self.all.swap_remove(place))
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// Takes out the wakers whose count is reached.
    pub(super) fn take_reached(&mut self, record: &Journal) -> Vec<Waker> {
        if !self.all.iter().any(|one| one.until.is_so(record)) {
            return Vec::new();
        }
        let (reached, waiting) = std::mem::take(&mut self.all).into_iter().partition(|one| one.until.is_so(record));
        self.all = waiting;
        let reached: Vec<One> = reached;
        reached.into_iter().map(|one| one.waker).collect()
    }
}
