//! A list that forgets its oldest items when it is too long or too large.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use crate::records::Records;

/// A list that shares its items with its snapshots, and forgets the oldest items when it is too long or too large.
#[derive(Debug, Clone)]
pub(super) struct Bounded<T> {
    items: Records<T>,
    /// The bytes that the items kept alive when they were pushed.
    memory: usize,
    /// The bytes by which the items have grown since.
    grown: Arc<AtomicUsize>,
    pub(super) max_memory: usize,
    pub(super) max_items: usize,
}

/// The bytes that an item keeps alive, roughly. Memory that an item shares within itself counts once.
pub(super) trait Memory {
    /// The bytes without the growth.
    fn memory(&self) -> usize;

    /// From now on `grown` counts the bytes by which the item has grown.
    fn tell(&self, _grown: &Arc<AtomicUsize>) {}

    /// From now on nothing counts the growth of the item.
    fn tell_nobody(&self) {}
}

impl<T> Bounded<T> {
    pub(super) fn new(max_memory: usize) -> Self {
        Self { items: Records::new(), memory: 0, grown: Arc::default(), max_memory, max_items: usize::MAX }
    }

    pub(super) fn items(&self) -> &Records<T> {
        &self.items
    }

    /// The bytes that its items keep alive, roughly.
    pub(super) fn memory(&self) -> usize {
        self.memory.saturating_add(self.grown.load(Relaxed))
    }

    /// A list with the same bounds and other items, whose memory it does not count. Nothing is pushed to it.
    pub(super) fn with(&self, items: Records<T>) -> Self {
        Self { items, memory: 0, grown: Arc::default(), ..*self }
    }

    /// An empty list with the same bounds.
    pub(super) fn emptied(&self) -> Self {
        self.with(Records::new())
    }
}

impl<T: Memory + Clone> Bounded<T> {
    /// Adds an item, and returns the items that were forgotten to make room. The newest item always stays.
    pub(super) fn push(&mut self, item: T) -> Vec<T> {
        item.tell(&self.grown);
        self.memory += item.memory();
        self.items.push(item);
        let mut forgotten = Vec::new();
        while self.items.len() > 1 && (self.memory() > self.max_memory || self.items.len() > self.max_items) {
            let Some(oldest) = self.items.pop_first() else { break };
            oldest.tell_nobody();
            self.memory = self.memory.saturating_sub(oldest.memory());
            forgotten.push(oldest);
        }
        forgotten
    }

    /// Gives access to an item. The change must not change the item's memory.
    pub(super) fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        self.items.get_mut(index)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::growth::Growth;

    /// An item of a size, which may grow.
    #[derive(Clone)]
    struct Item(usize, Arc<Growth>);

    /// By how much it grows, once.
    const GROWN: usize = 100;

    impl Item {
        fn new(size: usize) -> Self {
            Self(size, Arc::default())
        }

        fn grow(&self) {
            if self.1.bytes() == 0 {
                self.1.grow(GROWN);
            }
        }
    }

    impl Memory for Item {
        fn memory(&self) -> usize {
            self.0
        }

        fn tell(&self, grown: &Arc<AtomicUsize>) {
            self.1.tell(grown);
        }

        fn tell_nobody(&self) {
            self.1.tell_nobody();
        }
    }

    fn list(max_memory: usize, sizes: impl IntoIterator<Item = usize>) -> Bounded<Item> {
        let mut list = Bounded::new(max_memory);
        sizes.into_iter().for_each(|size| drop(list.push(Item::new(size))));
        list
    }

    #[test]
    fn what_an_item_grows_counts_from_that_moment_also_before_it_comes() {
        let item = Item::new(10);
        item.grow();
        let mut list = list(10_000, [10, 10]);
        list.push(item);
        assert_eq!(list.memory(), 30 + GROWN);
        list.items()[0].grow();
        list.items()[0].grow();
        assert_eq!(list.memory(), 30 + 2 * GROWN);
    }

    #[test]
    fn what_was_forgotten_counts_no_more_whenever_it_grew() {
        let mut list = list(10_000, [10, 10, 10]);
        let snapshot = list.clone();
        snapshot.items()[0].grow();
        list.max_items = 1;
        assert_eq!(list.push(Item::new(10)).len(), 3);
        assert_eq!(list.memory(), 10);
        snapshot.items().iter().for_each(Item::grow);
        assert_eq!((list.memory(), snapshot.items().len()), (10, 3));
        list.items()[0].grow();
        assert_eq!(list.memory(), 10 + GROWN);
    }

    #[test]
    fn what_was_cleared_counts_no_more_whenever_it_grew() {
        let mut list = list(10_000, [10, 10]);
        let snapshot = list.clone();
        snapshot.items()[0].grow();
        list = list.emptied();
        snapshot.items()[1].grow();
        list.push(Item::new(10));
        assert_eq!((list.memory(), list.items().len()), (10, 1));
    }

    proptest! {
        /// `grown` says which items grow after each push, counted from the newest one.
        #[test]
        fn exactly_as_much_is_forgotten_as_must_be_and_the_newest_item_stays(
            max_memory in 0..3_000_usize,
            max_items in 1..20_usize,
            pushes in prop::collection::vec((0..800_usize, prop::option::of(0..20_usize), any::<bool>()), 1..80),
        ) {
            let mut list = Bounded { max_items, ..list(max_memory, []) };
            let (mut looked, mut pushed, mut forgotten) = (Vec::new(), 0, 0);
            let size = |item: &Item| item.0 + item.1.bytes();
            for (memory, grown, looks) in pushes {
                let oldest = list.push(Item::new(memory));
                pushed += 1;
                forgotten += oldest.len();
                prop_assert_eq!(list.items().len() + forgotten, pushed);
                prop_assert_eq!(list.memory(), list.items().iter().map(size).sum::<usize>());
                let fits = |items: usize, memory: usize| items <= max_items && memory <= max_memory;
                prop_assert!(list.items().len() == 1 || fits(list.items().len(), list.memory()));
                if let Some(last) = oldest.last() {
                    prop_assert!(!fits(list.items().len() + 1, list.memory() + size(last)));
                }
                prop_assert_eq!(list.items().last().map(|item| item.0), Some(memory));
                if looks {
                    looked.push(list.clone());
                }
                // It may have been forgotten meanwhile.
                let items = looked.first().unwrap_or(&list).items();
                if let Some(item) = grown.and_then(|index| items.iter().nth_back(index)) {
                    item.grow();
                }
            }
        }
    }
}
