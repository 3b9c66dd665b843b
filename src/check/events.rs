//! Compares the published events with the expected ones.

use std::collections::HashSet;

use crate::journal::{Event, Events};
use crate::matcher::{Candidate, EntryMatcher, Matchers};

/// The published events, the expected ones, and what is missing and surplus.
#[derive(Debug, Clone)]
pub(crate) struct Comparison {
    pub(crate) published: Events,
    pub(crate) expected: Vec<EntryMatcher>,
    /// The indices in `expected` of the matchers without an event.
    missing: Vec<usize>,
    /// The indices in `published` of the events that were not expected.
    surplus: Vec<usize>,
}

impl Comparison {
    pub(crate) fn missing(&self) -> Vec<&EntryMatcher> {
        self.missing.iter().filter_map(|index| self.expected.get(*index)).collect()
    }

    pub(crate) fn surplus(&self) -> Vec<&Event> {
        self.surplus.iter().filter_map(|index| self.published.get(*index)).collect()
    }

    /// Removes the surplus, for an assertion that allows other events.
    pub(crate) fn without_surplus(self) -> Self {
        Self { surplus: Vec::new(), ..self }
    }
}

/// Assigns events to matchers so that the fewest are left over. Returns `None` if nothing is left over.
pub(crate) fn compare(published: &Events, expected: &[EntryMatcher]) -> Option<Comparison> {
    let entries: Vec<Candidate<'_>> = published.iter().map(|event| (&**event).into()).collect();
    let events_of = Matchers::of(expected).assigned(&entries);
    let missing: Vec<usize> = (0..expected.len()).filter(|index| events_of.get(*index) == Some(&None)).collect();
    let expected_events: HashSet<usize> = events_of.iter().flatten().copied().collect();
    let surplus: Vec<usize> = (0..published.len()).filter(|index| !expected_events.contains(index)).collect();
    let is_equal = missing.is_empty() && surplus.is_empty();
    (!is_equal).then(|| Comparison { published: published.clone(), expected: expected.to_vec(), missing, surplus })
}

/// The first index at which another event was published than expected.
pub(crate) fn first_in_other_order(published: &Events, expected: &[EntryMatcher]) -> Option<usize> {
    published.iter().zip(expected).position(|(event, expected)| !expected.means(event))
}
