//! A list that does not grow for ever.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// A list that shares its items with its snapshots and forgets the oldest ones when they are too many or too large.
#[derive(Debug, Clone)]
pub(super) struct Bounded<T> {
    items: Arc<Vec<T>>,
    /// The bytes that the items kept alive when they were counted.
    memory: usize,
    /// By how many bytes they have grown since then.
    grown: Arc<AtomicUsize>,
    pub(super) max_memory: usize,
    pub(super) max_items: usize,
}

/// The bytes that an item keeps alive, roughly: what it shares with itself is counted once.
pub(super) trait Memory {
    fn memory(&self) -> usize;

    /// From now on this is told by how many bytes the item grows.
    fn tell(&self, _grown: &Arc<AtomicUsize>) {}
}

impl<T> Bounded<T> {
    pub(super) fn new(max_memory: usize) -> Self {
        Self { items: Arc::default(), memory: 0, grown: Arc::default(), max_memory, max_items: usize::MAX }
    }

    pub(super) fn items(&self) -> &[T] {
        &self.items
    }

    /// The bytes that its items keep alive, roughly.
    pub(super) fn memory(&self) -> usize {
        self.memory.saturating_add(self.grown.load(Relaxed))
    }
}

impl<T: Memory + Clone> Bounded<T> {
    /// Adds an item, and returns those that were forgotten for it. The newest item always stays.
    pub(super) fn push(&mut self, item: T) -> Vec<T> {
        item.tell(&self.grown);
        self.memory += item.memory();
        let has_room = self.memory() <= self.max_memory && self.items.len() < self.max_items;
        let items = Arc::make_mut(&mut self.items);
        items.push(item);
        if has_room {
            return Vec::new();
        }
        if self.grown.swap(0, Relaxed) > 0 {
            self.memory = items.iter().map(Memory::memory).sum();
        }
        // A quarter more than necessary is forgotten, so that a full list does not move all its items at every push.
        let enough = |max: usize| max - max / 4;
        let (mut memory, mut left) = (self.memory, items.len());
        let oldest = items.iter().take(items.len() - 1).take_while(|item| {
            let over = memory > enough(self.max_memory) || left > enough(self.max_items).max(1);
            if over {
                memory = memory.saturating_sub(item.memory());
                left -= 1;
            }
            over
        });
        let oldest = oldest.count();
        self.memory = memory;
        items.drain(..oldest).collect()
    }

    /// The same list with other items.
    pub(super) fn with(&self, items: Vec<T>) -> Self {
        let memory = items.iter().map(Memory::memory).sum();
        Self { items: Arc::new(items), memory, grown: Arc::default(), ..*self }
    }

    pub(super) fn change(&mut self, index: usize, change: impl FnOnce(&mut T)) {
        if let Some(item) = Arc::make_mut(&mut self.items).get_mut(index) {
            change(item);
        }
    }
}
