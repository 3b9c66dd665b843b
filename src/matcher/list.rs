//! Lists of matchers, in every form that a test may have them, including the empty list.

use std::collections::VecDeque;

use super::EntryMatcher;

/// A list of matchers, as the assertions take it: an array, a slice, a vector or an iterator, of matchers or of references to
/// them.
///
/// `assert_exactly([])` asserts that nothing was published. The compiler infers `Form`, which only tells the forms apart. A
/// function of your own passes a list on like this:
///
/// ```
/// use putevents_mock::matcher::IntoMatchers;
/// use putevents_mock::Journal;
///
/// fn were_published<Form>(journal: &Journal, expected: impl IntoMatchers<Form>) {
///     journal.published().assert_exactly(expected);
/// }
/// # were_published(&putevents_mock::Engine::new().journal(), []);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of matchers",
    label = "write an array, a vector or an iterator of matchers, such as `[entry().source(\"shop\")]`",
    note = "for another collection, and for an array of more than 128 items, add `.into_iter()`"
)]
pub trait IntoMatchers<Form> {
    /// Returns the matchers in their order.
    fn into_matchers(self) -> Vec<EntryMatcher>;
}

/// The forms of lists.
///
/// For an empty array the compiler must infer the type of the items, so only one form may be possible.
pub mod form {
    /// An array without items.
    #[derive(Debug)]
    pub enum Empty {}

    /// An array of at least one item.
    #[derive(Debug)]
    pub enum Array {}

    /// An iterator.
    #[derive(Debug)]
    pub enum Iterated {}

    /// A vector, a slice, or another collection.
    #[derive(Debug)]
    pub enum Collection {}

    /// The length of an array.
    #[derive(Debug)]
    pub struct Length<const N: usize>;

    /// A length of 1 to 128.
    pub trait NotEmpty {}

    macro_rules! not_empty {
        ($($length:literal)*) => {
            $(impl NotEmpty for Length<$length> {})*
        };
    }

    not_empty! {
        1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40
        41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64 65 66 67 68 69 70 71 72 73 74 75 76 77
        78 79 80 81 82 83 84 85 86 87 88 89 90 91 92 93 94 95 96 97 98 99 100 101 102 103 104 105 106 107 108 109 110
        111 112 113 114 115 116 117 118 119 120 121 122 123 124 125 126 127 128
    }
}

fn collected(matchers: impl IntoIterator<Item = impl Into<EntryMatcher>>) -> Vec<EntryMatcher> {
    matchers.into_iter().map(Into::into).collect()
}

impl IntoMatchers<form::Empty> for [EntryMatcher; 0] {
    fn into_matchers(self) -> Vec<EntryMatcher> {
        Vec::new()
    }
}

impl IntoMatchers<form::Empty> for &[EntryMatcher; 0] {
    fn into_matchers(self) -> Vec<EntryMatcher> {
        Vec::new()
    }
}

impl<M: Into<EntryMatcher>, const N: usize> IntoMatchers<form::Array> for [M; N]
where
    form::Length<N>: form::NotEmpty,
{
    fn into_matchers(self) -> Vec<EntryMatcher> {
        collected(self)
    }
}

impl<'a, M, const N: usize> IntoMatchers<form::Array> for &'a [M; N]
where
    &'a M: Into<EntryMatcher>,
    form::Length<N>: form::NotEmpty,
{
    fn into_matchers(self) -> Vec<EntryMatcher> {
        collected(self)
    }
}

impl<M: Into<EntryMatcher>, I: Iterator<Item = M>> IntoMatchers<form::Iterated> for I {
    fn into_matchers(self) -> Vec<EntryMatcher> {
        collected(self)
    }
}

macro_rules! collections {
    ($($collection:ty)*) => {$(
        impl<M: Into<EntryMatcher>> IntoMatchers<form::Collection> for $collection {
            fn into_matchers(self) -> Vec<EntryMatcher> {
                collected(self)
            }
        }

        impl<'a, M> IntoMatchers<form::Collection> for &'a $collection
        where
            &'a M: Into<EntryMatcher>,
        {
            fn into_matchers(self) -> Vec<EntryMatcher> {
                collected(self)
            }
        }
    )*};
}

collections! { Vec<M> VecDeque<M> Option<M> }

impl<'a, M> IntoMatchers<form::Collection> for &'a [M]
where
    &'a M: Into<EntryMatcher>,
{
    fn into_matchers(self) -> Vec<EntryMatcher> {
        collected(self)
    }
}
