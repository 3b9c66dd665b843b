//! Short lists inside the view.

/// How many places of an event, or tries of a call, a list names.
const FEW: usize = 8;

/// The first items of a list.
pub(super) struct Few<T> {
    pub(super) first: Vec<T>,
    /// The number of further items.
    pub(super) more: usize,
}

impl<T> Few<T> {
    pub(super) fn of(all: impl Iterator<Item = T>, total: usize) -> Self {
        Self::some(FEW, all, total)
    }

    /// At most `few` of all items.
    pub(super) fn some(few: usize, all: impl Iterator<Item = T>, total: usize) -> Self {
        let first: Vec<T> = all.take(few).collect();
        let more = total.saturating_sub(first.len());
        Self { first, more }
    }
}
