//! Lists inside the view are short.

/// How many places of an event, or tries of a call, are named.
const FEW: usize = 8;

/// The first of many.
pub(super) struct Few<T> {
    pub(super) first: Vec<T>,
    /// How many there are besides.
    pub(super) more: usize,
}

impl<T> Few<T> {
    pub(super) fn of(all: impl Iterator<Item = T>, total: usize) -> Self {
        Self::some(FEW, all, total)
    }

    /// At most so many of all.
    pub(super) fn some(few: usize, all: impl Iterator<Item = T>, total: usize) -> Self {
        let first: Vec<T> = all.take(few).collect();
        let more = total.saturating_sub(first.len());
        Self { first, more }
    }
}
