//! Which events were published, held against those that were expected.

use std::collections::HashSet;

use crate::journal::{Event, Events};
use crate::matcher::{Candidate, EntryMatcher, Matchers};

/// What was expected of published events, and what was found instead.
#[derive(Debug, Clone)]
pub(crate) struct Comparison {
    pub(crate) published: Events,
    pub(crate) expected: Vec<EntryMatcher>,
    /// Those of `expected` for which no published event is left, by their indices.
    missing: Vec<usize>,
    /// The published events that were not expected, by their indices.
    surplus: Vec<usize>,
}

impl Comparison {
    pub(crate) fn missing(&self) -> Vec<&EntryMatcher> {
        self.missing.iter().filter_map(|index| self.expected.get(*index)).collect()
    }

    pub(crate) fn surplus(&self) -> Vec<&Event> {
        self.surplus.iter().filter_map(|index| self.published.get(*index)).collect()
    }

    /// The same, where it does not matter what else was published.
    pub(crate) fn without_surplus(self) -> Self {
        Self { surplus: Vec::new(), ..self }
    }
}

/// Where two of the expected events describe the same one, the assignment is found that leaves the least over. `None` where
/// nothing is left over.
pub(crate) fn compare(published: &Events, expected: &[EntryMatcher]) -> Option<Comparison> {
    let entries: Vec<Candidate<'_>> = published.iter().map(|event| (&**event).into()).collect();
    let events_of = Matchers::of(expected).assigned(&entries);
    let missing: Vec<usize> = (0..expected.len()).filter(|index| events_of.get(*index) == Some(&None)).collect();
    let expected_events: HashSet<usize> = events_of.iter().flatten().copied().collect();
    let surplus: Vec<usize> = (0..published.len()).filter(|index| !expected_events.contains(index)).collect();
    let is_equal = missing.is_empty() && surplus.is_empty();
    (!is_equal).then(|| Comparison { published: published.clone(), expected: expected.to_vec(), missing, surplus })
}

/// The first place at which another event was published than was expected there.
pub(crate) fn first_in_other_order(published: &Events, expected: &[EntryMatcher]) -> Option<usize> {
    published.iter().zip(expected).position(|(event, expected)| !expected.means(event))
}
