//! A list that does not grow for ever.

use std::sync::Arc;

/// A list that shares its items with its snapshots and forgets the oldest ones when they are too many or too large.
#[derive(Debug, Clone)]
pub(super) struct Bounded<T> {
    items: Arc<Vec<T>>,
    memory: usize,
    pub(super) max_memory: usize,
    pub(super) max_items: usize,
}

/// The bytes that an item keeps alive, roughly.
pub(super) trait Memory {
    fn memory(&self) -> usize;
}

impl<T> Bounded<T> {
    pub(super) fn new(max_memory: usize) -> Self {
        Self { items: Arc::default(), memory: 0, max_memory, max_items: usize::MAX }
    }

    pub(super) fn items(&self) -> &[T] {
        &self.items
    }

    /// The bytes that its items keep alive, roughly.
    pub(super) fn memory(&self) -> usize {
        self.memory
    }
}

impl<T: Memory + Clone> Bounded<T> {
    /// Adds an item, and returns those that were forgotten for it. The newest item always stays.
    pub(super) fn push(&mut self, item: T) -> Vec<T> {
        self.memory += item.memory();
        let items = Arc::make_mut(&mut self.items);
        items.push(item);
        if self.memory <= self.max_memory && items.len() <= self.max_items {
            return Vec::new();
        }
        // A quarter more than necessary is forgotten, so that a full list does not move all its items at every push.
        let enough = |max: usize| max - max / 4;
        let (mut memory, mut left) = (self.memory, items.len());
        let oldest = items.iter().take(items.len() - 1).take_while(|item| {
            let over = memory > enough(self.max_memory) || left > enough(self.max_items).max(1);
            if over {
                memory -= item.memory();
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
        Self { items: Arc::new(items), memory, ..*self }
    }

    pub(super) fn change(&mut self, index: usize, change: impl FnOnce(&mut T)) {
        if let Some(item) = Arc::make_mut(&mut self.items).get_mut(index) {
            change(item);
        }
    }
}
