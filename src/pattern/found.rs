//! The scalars of an event that the tests of a pattern find.

use std::rc::Rc;

use super::condition::Scalar;
use super::event::Element;

/// The scalars that one test of an alternative finds in the event.
pub(super) struct Found<'f> {
    pub(super) path: &'f str,
    pub(super) may_be_absent: bool,
    pub(super) occurrences: &'f [(Element, Scalar<'f>)],
    pub(super) satisfying: Rc<Marks>,
}

impl Found<'_> {
    /// Returns the elements with a scalar at the path, and whether the scalar satisfies the test. An element may be repeated.
    pub(super) fn scalars(&self) -> impl Iterator<Item = (Element, bool)> {
        let elements = self.occurrences.iter().map(|(element, _)| *element);
        elements.enumerate().map(|(index, element)| (element, self.satisfying.has(index)))
    }
}

/// Which scalars at a path satisfy a test: one bit for each.
pub(super) struct Marks {
    words: Vec<u64>,
    pub(super) any: bool,
}

impl Marks {
    pub(super) fn of(marks: impl ExactSizeIterator<Item = bool>) -> Self {
        let mut words = vec![0; marks.len().div_ceil(64)];
        let mut any = false;
        for (index, _) in marks.enumerate().filter(|(_, mark)| *mark) {
            any = true;
            if let Some(word) = words.get_mut(index / 64) {
                *word |= 1 << (index % 64);
            }
        }
        Self { words, any }
    }

    fn has(&self, index: usize) -> bool {
        self.words.get(index / 64).is_some_and(|word| word & (1 << (index % 64)) != 0)
    }
}
