//! Counts how much a record grows when its parts are read.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The bytes by which a record has grown.
#[derive(Debug, Default)]
pub(crate) struct Growth(Mutex<Size>);

#[derive(Debug, Default)]
struct Size {
    bytes: usize,
    counted_by: Option<Arc<AtomicUsize>>,
}

impl Growth {
    /// Adds this many bytes.
    pub(crate) fn grow(&self, bytes: usize) {
        let mut size = self.size();
        size.bytes += bytes;
        if let Some(counter) = &size.counted_by {
            counter.fetch_add(bytes, Relaxed);
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.size().bytes
    }

    /// Counts the bytes toward this counter from now on. Only the first counter gets them.
    pub(crate) fn tell(&self, counter: &Arc<AtomicUsize>) {
        let mut size = self.size();
        if size.counted_by.is_none() {
            counter.fetch_add(size.bytes, Relaxed);
            size.counted_by = Some(Arc::clone(counter));
        }
    }

    /// Subtracts the bytes from the counter, and stops counting toward it.
    pub(crate) fn tell_nobody(&self) {
        let mut size = self.size();
        if let Some(counter) = size.counted_by.take() {
            counter.fetch_sub(size.bytes, Relaxed);
        }
    }

    fn size(&self) -> MutexGuard<'_, Size> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
