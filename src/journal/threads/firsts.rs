//! Finds the first item of a list for which something is still true, without a look at each item.

use std::time::Duration;

/// The time until which something is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Until {
    Never,
    Time(Duration),
    Ever,
}

/// The times until which each of `N` things is true, for each item of a list. It is a binary tree in one vector: each node has
/// the latest times of its two children, the root is at 1, and the items are the leaves.
#[derive(Debug, Clone)]
pub(super) struct Firsts<const N: usize> {
    nodes: Vec<[Until; N]>,
    /// The number of leaves, a power of two.
    room: usize,
}

impl<const N: usize> Firsts<N> {
    pub(super) fn of(items: impl ExactSizeIterator<Item = [Until; N]>) -> Self {
        let room = items.len().next_power_of_two();
        let mut nodes = vec![[Until::Never; N]; room];
        nodes.extend(items);
        nodes.resize(2 * room, [Until::Never; N]);
        let mut firsts = Self { nodes, room };
        (1..room).rev().for_each(|node| firsts.update(node));
        firsts
    }

    /// Whether the tree has a leaf for one more item than `items`.
    pub(super) fn has_room_beside(&self, items: usize) -> bool {
        items < self.room
    }

    /// Changes the times of an item.
    pub(super) fn set(&mut self, item: usize, until: [Until; N]) {
        let mut node = self.room + item;
        if let Some(leaf) = self.nodes.get_mut(node) {
            *leaf = until;
        }
        while node > 1 {
            node /= 2;
            self.update(node);
        }
    }

    /// The first item for which `thing` is true for longer than `then`.
    pub(super) fn first(&self, thing: usize, then: Until) -> Option<usize> {
        let is_longer = |node: usize| self.node(node).get(thing).is_some_and(|until| *until > then);
        if !is_longer(1) {
            return None;
        }
        let mut node = 1;
        while node < self.room {
            node *= 2;
            if !is_longer(node) {
                node += 1;
            }
        }
        Some(node - self.room)
    }

    fn node(&self, node: usize) -> [Until; N] {
        self.nodes.get(node).copied().unwrap_or([Until::Never; N])
    }

    fn update(&mut self, node: usize) {
        let (one, other) = (self.node(2 * node), self.node(2 * node + 1));
        let latest = std::array::from_fn(|thing| one.get(thing).max(other.get(thing)).copied().unwrap_or(Until::Never));
        if let Some(node) = self.nodes.get_mut(node) {
            *node = latest;
        }
    }
}
