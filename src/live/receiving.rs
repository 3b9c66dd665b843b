//! The bound on the bodies that are being received at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The default bound in bytes, over all connections together.
const DEFAULT_LIMIT: usize = 64 * 1024 * 1024;

/// The number of bytes that are being received, and its bound.
#[derive(Debug)]
pub(crate) struct Receiving {
    held: AtomicUsize,
    limit: AtomicUsize,
}

impl Default for Receiving {
    fn default() -> Self {
        Self { held: AtomicUsize::new(0), limit: AtomicUsize::new(DEFAULT_LIMIT) }
    }
}

impl Receiving {
    pub(crate) fn limit(&self) -> usize {
        self.limit.load(Relaxed)
    }

    pub(crate) fn set_limit(&self, bytes: usize) {
        self.limit.store(bytes, Relaxed);
    }

    /// The share of one body: 0 bytes at first.
    pub(crate) fn share(self: &Arc<Self>) -> Share {
        Share { of: Arc::clone(self), bytes: 0 }
    }
}

/// The bytes that one body holds of the bound, until the share is dropped.
#[derive(Debug)]
pub(crate) struct Share {
    of: Arc<Receiving>,
    bytes: usize,
}

impl Share {
    pub(crate) fn limit(&self) -> usize {
        self.of.limit()
    }

    /// Another share of the same bound: 0 bytes at first.
    pub(crate) fn another(&self) -> Self {
        self.of.share()
    }

    /// Grows to this many bytes. Returns false if there is no room for them. A body that is alone always has room.
    pub(crate) fn grow_to(&mut self, bytes: usize) -> bool {
        if bytes <= self.bytes {
            return true;
        }
        let limit = self.of.limit();
        let grown = self.of.held.fetch_update(Relaxed, Relaxed, |held| {
            let others = held.saturating_sub(self.bytes);
            let all = others.saturating_add(bytes);
            (others == 0 || all <= limit).then_some(all)
        });
        if grown.is_ok() {
            self.bytes = bytes;
        }
        grown.is_ok()
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.of.held.fetch_sub(self.bytes, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_have_the_limit_together_and_give_back_what_they_held() {
        let receiving = Arc::new(Receiving::default());
        receiving.set_limit(100);
        let (mut one, mut other) = (receiving.share(), receiving.share());
        assert!(one.grow_to(60) && other.grow_to(40) && other.grow_to(20));
        assert!(!other.grow_to(41) && !one.grow_to(61));
        drop(other);
        assert!(one.grow_to(100));
        assert!(!receiving.share().grow_to(1) && receiving.share().grow_to(0));
        assert!(one.grow_to(1_000), "one that is alone always has room");
        assert!(!receiving.share().grow_to(1) && receiving.share().grow_to(0));
        drop(one);
        assert_eq!(receiving.held.load(Relaxed), 0);
    }
}
