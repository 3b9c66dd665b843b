//! The places for requests that are answered at once.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Bounds;

/// The use of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    Mock,
    Host,
}

/// The places of a server.
pub(super) struct Places {
    bounds: Bounds,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    by_mocks: usize,
    by_host: usize,
}

/// A place for a request that is being answered. The drop frees it.
pub(super) struct Place {
    places: Arc<Places>,
    pub(super) of: For,
}

impl Places {
    pub(super) fn new(bounds: Bounds) -> Arc<Self> {
        Arc::new(Self { bounds, taken: Mutex::default() })
    }

    /// Takes a place, if one is free.
    pub(super) fn take(self: &Arc<Self>, of: For) -> Option<Place> {
        let mut taken = self.taken();
        let Taken { by_mocks, by_host } = &mut *taken;
        let (number, max) = match of {
            For::Mock => (by_mocks, self.bounds.max_connections),
            For::Host => (by_host, self.bounds.max_of_host),
        };
        if *number >= max {
            return None;
        }
        *number += 1;
        Some(Place { places: Arc::clone(self), of })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        match self.of {
            For::Mock => taken.by_mocks -= 1,
            For::Host => taken.by_host -= 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn mocks_and_the_host_have_places_of_their_own() {
        let places = Places::new(Bounds { max_connections: 3, max_of_host: 2, ..Bounds::default() });
        let take = |of, most| std::iter::from_fn(|| places.take(of)).take(most).collect::<Vec<_>>();
        for _ in 0..2 {
            let (of_mocks, of_host) = (take(For::Mock, 9), take(For::Host, 9));
            assert_eq!((of_mocks.len(), of_host.len()), (3, 2));
        }
    }
}
