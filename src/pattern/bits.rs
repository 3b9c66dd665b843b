//! Small sets of the numbers of tests.

/// A set of numbers below `64 * W`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bits<const W: usize>([u64; W]);

impl<const W: usize> Bits<W> {
    pub(super) const EMPTY: Self = Self([0; W]);

    pub(super) fn insert(&mut self, number: usize) {
        if let Some(word) = self.0.get_mut(number / 64) {
            *word |= 1 << (number % 64);
        }
    }

    pub(super) fn has(&self, number: usize) -> bool {
        self.0.get(number / 64).is_some_and(|word| word & (1 << (number % 64)) != 0)
    }

    pub(super) fn is_empty(&self) -> bool {
        *self == Self::EMPTY
    }

    pub(super) fn or(self, other: Self) -> Self {
        self.with(other, |one, other| one | other)
    }

    pub(super) fn and(self, other: Self) -> Self {
        self.with(other, |one, other| one & other)
    }

    pub(super) fn without(self, other: Self) -> Self {
        self.with(other, |one, other| one & !other)
    }

    fn with(mut self, other: Self, both: impl Fn(u64, u64) -> u64) -> Self {
        for (word, other) in self.0.iter_mut().zip(other.0) {
            *word = both(*word, other);
        }
        self
    }

    /// Returns the numbers, the greatest first.
    pub(super) fn descending(self) -> impl Iterator<Item = usize> {
        self.0.into_iter().enumerate().rev().flat_map(|(index, mut word)| {
            std::iter::from_fn(move || {
                let bit = 63_usize.checked_sub(word.leading_zeros() as usize)?;
                word &= !(1 << bit);
                Some(index * 64 + bit)
            })
        })
    }

    pub(super) fn greatest(self) -> Option<usize> {
        self.descending().next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_out_as_they_went_in_the_greatest_first() {
        let mut bits = Bits::<2>::EMPTY;
        assert!(bits.is_empty() && bits.greatest().is_none());
        [3, 0, 127, 63, 64].into_iter().for_each(|number| bits.insert(number));
        bits.insert(128);
        assert_eq!(bits.descending().collect::<Vec<_>>(), [127, 64, 63, 3, 0]);
        assert!(bits.has(127) && !bits.has(126) && !bits.has(128));
    }
}
