//! Which events were published.

use super::{Mismatch, assignment, twins};
use crate::journal::{Event, Events};
use crate::matcher::EntryMatcher;
use crate::report;

/// What was expected of published events, and what was found instead.
pub(crate) struct Comparison<'a> {
    pub(crate) published: &'a Events,
    pub(crate) expected: &'a [EntryMatcher],
    /// Those of `expected` that nothing was left for.
    pub(crate) missing: Vec<&'a EntryMatcher>,
    /// Those of `published` that nothing was left of.
    pub(crate) surplus: Vec<&'a Event>,
}

impl Events {
    twins! {
        /// Fails unless these events were published, each once and no others, in any order. Where two of the expected ones
        /// describe the same event, the assignment is found that leaves the least over.
        fn assert_exactly / check_exactly(&self, expected: impl IntoIterator<Item = impl Into<EntryMatcher>>) {
            self.journal.needs_all()?;
            let expected: Vec<EntryMatcher> = expected.into_iter().map(Into::into).collect();
            let comparison = self.compare(&expected);
            if comparison.missing.is_empty() && comparison.surplus.is_empty() {
                return Ok(());
            }
            Err(Mismatch(report::different_events(&comparison)))
        }

        /// Fails unless exactly these events were published, in this order. Events of one request count in the order of its
        /// entries.
        fn assert_in_order / check_in_order(&self, expected: impl IntoIterator<Item = impl Into<EntryMatcher>>) {
            let expected: Vec<EntryMatcher> = expected.into_iter().map(Into::into).collect();
            self.check_exactly(expected.iter())?;
            match self.iter().zip(&expected).position(|(event, expected)| !expected.matches(event)) {
                None => Ok(()),
                Some(first) => Err(Mismatch(report::other_order(self, &expected, first))),
            }
        }

        /// Fails unless these events were published, each once at least; whatever else was published does not matter.
        fn assert_contain / check_contain(&self, expected: impl IntoIterator<Item = impl Into<EntryMatcher>>) {
            let expected: Vec<EntryMatcher> = expected.into_iter().map(Into::into).collect();
            let mut comparison = self.compare(&expected);
            if comparison.missing.is_empty() {
                return Ok(());
            }
            self.journal.needs_all()?;
            comparison.surplus.clear();
            Err(Mismatch(report::different_events(&comparison)))
        }

        /// Fails unless so many events were published.
        fn assert_count / check_count(&self, count: usize) {
            self.journal.needs_all()?;
            if self.len() == count { Ok(()) } else { Err(Mismatch(report::other_count(self, count))) }
        }

        /// Fails if one of the published events is like this: `assert_none_match(entry().source(prefix("test.")))`.
        fn assert_none_match / check_none_match(&self, unwanted: impl Into<EntryMatcher>) {
            let unwanted = unwanted.into();
            let found: Vec<&Event> = self.iter().filter(|event| unwanted.matches(event)).collect();
            if !found.is_empty() {
                return Err(Mismatch(report::unwanted_events(&unwanted, &found, &self.journal)));
            }
            self.journal.needs_all()
        }
    }

    fn compare<'a>(&'a self, expected: &'a [EntryMatcher]) -> Comparison<'a> {
        let events_of = assignment(expected, self, |matcher, event| matcher.matches(event));
        let missing = expected.iter().zip(&events_of).filter(|(_, event)| event.is_none());
        let surplus = self.iter().enumerate().filter(|(index, _)| !events_of.contains(&Some(*index)));
        Comparison {
            published: self,
            expected,
            missing: missing.map(|(matcher, _)| matcher).collect(),
            surplus: surplus.map(|(_, event)| event).collect(),
        }
    }
}
