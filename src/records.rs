//! A list that shares its items with its copies: the mock appends to it while others read copies.

use std::fmt;
use std::iter::FusedIterator;
use std::ops::{Index, Range};
use std::sync::Arc;

const BITS: u32 = 5;
/// How many items a chunk has, and how many nodes a branch.
const WIDTH: usize = 1 << BITS;

/// A list of recorded items in order: [`Journal::attempts`](crate::Journal::attempts) and
/// [`Journal::problems`](crate::Journal::problems).
///
/// It reads as a slice does. A clone costs two reference counts, whatever its length. Later recordings do not change it.
///
/// ```
/// # let journal = putevents_mock::Engine::new().journal();
/// let attempts = journal.attempts();
/// assert_eq!(attempts.len(), 0, "{journal}");
/// assert!(attempts.iter().rev().all(|attempt| attempt.error().is_none()));
/// for attempt in attempts {
///     println!("{}", attempt.number());
/// }
/// ```
#[derive(Clone)]
pub struct Records<T> {
    /// The chunks before the newest one.
    older: Node<T>,
    /// How many branches lead to a chunk.
    height: u32,
    newest: Arc<Chunk<T>>,
    /// The places of its items, counted from the first item that was ever pushed.
    places: Range<usize>,
}

/// Neighbouring items. Removed items leave their places empty.
type Chunk<T> = Vec<Option<T>>;

#[derive(Clone)]
enum Node<T> {
    /// No item is here yet, or all were removed.
    Empty,
    Chunk(Arc<Chunk<T>>),
    Branch(Arc<Vec<Node<T>>>),
}

impl<T> Records<T> {
    pub(crate) fn new() -> Self {
        Self { older: Node::Empty, height: 0, newest: Arc::default(), places: 0..0 }
    }

    /// Returns how many items there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Returns whether there are no items.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Returns the item at an index, counted from 0. Returns `None` beyond the last item.
    pub fn get(&self, index: usize) -> Option<&T> {
        let place = self.places.clone().nth(index)?;
        item(self.chunk(place), place)
    }

    /// Returns the oldest item.
    pub fn first(&self) -> Option<&T> {
        self.get(0)
    }

    /// Returns the newest item.
    pub fn last(&self) -> Option<&T> {
        self.get(self.len().checked_sub(1)?)
    }

    /// Iterates from the oldest item to the newest.
    pub fn iter(&self) -> RecordsIter<'_, T> {
        RecordsIter { records: self, places: self.places.clone(), front: Seen::NONE, back: Seen::NONE }
    }

    /// Returns the index of the item with this key, in a list that is sorted by it.
    pub(crate) fn index_of<K: Ord>(&self, key: &K, key_of: impl Fn(&T) -> K) -> Option<usize> {
        let (mut from, mut to) = (0, self.len());
        while from < to {
            let middle = from + (to - from) / 2;
            match key_of(self.get(middle)?).cmp(key) {
                std::cmp::Ordering::Less => from = middle + 1,
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Greater => to = middle,
            }
        }
        None
    }

    fn is_in_newest(&self, place: usize) -> bool {
        place >= self.places.end - self.newest.len()
    }

    /// Returns the chunk of a place.
    fn chunk(&self, place: usize) -> &[Option<T>] {
        if self.is_in_newest(place) { &self.newest } else { self.older.chunk(place / WIDTH, self.height) }
    }
}

impl<T: Clone> Records<T> {
    pub(crate) fn push(&mut self, item: T) {
        if self.newest.len() == WIDTH {
            let full = std::mem::take(&mut self.newest);
            self.add(self.places.end / WIDTH - 1, full);
        }
        let newest = Arc::make_mut(&mut self.newest);
        newest.push(Some(item));
        self.places.end += 1;
    }

    fn add(&mut self, number: usize, chunk: Arc<Chunk<T>>) {
        while number >> (BITS * self.height) > 0 {
            self.height += 1;
            if !matches!(self.older, Node::Empty) {
                self.older = Node::Branch(Arc::new(vec![std::mem::replace(&mut self.older, Node::Empty)]));
            }
        }
        self.older.add(number, self.height, chunk);
    }

    /// Removes the oldest item. The memory of a chunk is freed with its last item.
    pub(crate) fn pop_first(&mut self) -> Option<T> {
        let place = self.places.clone().next()?;
        let item = self.slot(place)?.take();
        self.places.start += 1;
        if self.is_empty() {
            *self = Self::new();
        } else if self.places.start % WIDTH == 0 {
            self.older.remove_up_to(place / WIDTH, self.height);
        }
        item
    }

    pub(crate) fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        let place = self.places.clone().nth(index)?;
        self.slot(place)?.as_mut()
    }

    fn slot(&mut self, place: usize) -> Option<&mut Option<T>> {
        let chunk = if self.is_in_newest(place) {
            Arc::make_mut(&mut self.newest)
        } else {
            self.older.chunk_mut(place / WIDTH, self.height)?
        };
        chunk.get_mut(place % WIDTH)
    }
}

impl<T> Node<T> {
    /// Returns the chunk of a number below this many branches.
    fn chunk(&self, number: usize, height: u32) -> &[Option<T>] {
        match self {
            Self::Empty => &[],
            Self::Chunk(chunk) => chunk,
            Self::Branch(nodes) => nodes.get(digit(number, height)).map_or(&[], |node| node.chunk(number, height - 1)),
        }
    }
}

impl<T: Clone> Node<T> {
    fn chunk_mut(&mut self, number: usize, height: u32) -> Option<&mut Chunk<T>> {
        match self {
            Self::Empty => None,
            Self::Chunk(chunk) => Some(Arc::make_mut(chunk)),
            Self::Branch(nodes) => Arc::make_mut(nodes).get_mut(digit(number, height))?.chunk_mut(number, height - 1),
        }
    }

    fn add(&mut self, number: usize, height: u32, chunk: Arc<Chunk<T>>) {
        if height == 0 {
            *self = Self::Chunk(chunk);
            return;
        }
        if matches!(self, Self::Empty) {
            *self = Self::Branch(Arc::default());
        }
        let Self::Branch(nodes) = self else { return };
        let (nodes, digit) = (Arc::make_mut(nodes), digit(number, height));
        nodes.resize(nodes.len().max(digit + 1), Self::Empty);
        if let Some(node) = nodes.get_mut(digit) {
            node.add(number, height - 1, chunk);
        }
    }

    /// Removes the chunk of a number, which is the first one left.
    fn remove_up_to(&mut self, number: usize, height: u32) {
        let is_last = (number + 1).trailing_zeros() >= BITS * height;
        match self {
            Self::Branch(nodes) if !is_last => {
                if let Some(node) = Arc::make_mut(nodes).get_mut(digit(number, height)) {
                    node.remove_up_to(number, height - 1);
                }
            }
            _ => *self = Self::Empty,
        }
    }
}

/// Returns which node of a branch leads to the chunk of this number.
fn digit(number: usize, height: u32) -> usize {
    (number >> (BITS * (height - 1))) % WIDTH
}

fn item<T>(chunk: &[Option<T>], place: usize) -> Option<&T> {
    chunk.get(place % WIDTH)?.as_ref()
}

/// Iterates over [`Records`] from either end.
pub struct RecordsIter<'a, T> {
    records: &'a Records<T>,
    places: Range<usize>,
    front: Seen<'a, T>,
    back: Seen<'a, T>,
}

/// The last chunk that an iterator visited, and its number.
struct Seen<'a, T>(usize, &'a [Option<T>]);

impl<'a, T> Seen<'a, T> {
    const NONE: Self = Self(usize::MAX, &[]);

    fn item(&mut self, records: &'a Records<T>, place: usize) -> Option<&'a T> {
        if self.0 != place / WIDTH {
            *self = Self(place / WIDTH, records.chunk(place));
        }
        item(self.1, place)
    }
}

impl<'a, T> Iterator for RecordsIter<'a, T> {
    type Item = &'a T;

    fn next(&mut self) -> Option<&'a T> {
        self.nth(0)
    }

    fn nth(&mut self, n: usize) -> Option<&'a T> {
        self.front.item(self.records, self.places.nth(n)?)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.places.size_hint()
    }
}

impl<'a, T> DoubleEndedIterator for RecordsIter<'a, T> {
    fn next_back(&mut self) -> Option<&'a T> {
        self.nth_back(0)
    }

    fn nth_back(&mut self, n: usize) -> Option<&'a T> {
        self.back.item(self.records, self.places.nth_back(n)?)
    }
}

impl<T> ExactSizeIterator for RecordsIter<'_, T> {}

impl<T> FusedIterator for RecordsIter<'_, T> {}

impl<T> Clone for RecordsIter<'_, T> {
    fn clone(&self) -> Self {
        let (front, back) = (Seen(self.front.0, self.front.1), Seen(self.back.0, self.back.1));
        Self { records: self.records, places: self.places.clone(), front, back }
    }
}

impl<T: fmt::Debug> fmt::Debug for RecordsIter<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

impl<'a, T> IntoIterator for &'a Records<T> {
    type Item = &'a T;
    type IntoIter = RecordsIter<'a, T>;

    fn into_iter(self) -> RecordsIter<'a, T> {
        self.iter()
    }
}

impl<T: Clone> FromIterator<T> for Records<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut records = Self::new();
        items.into_iter().for_each(|item| records.push(item));
        records
    }
}

/// # Panics
///
/// If there is no item at this index.
impl<T> Index<usize> for Records<T> {
    type Output = T;

    #[track_caller]
    fn index(&self, index: usize) -> &T {
        match self.get(index) {
            Some(item) => item,
            None => panic!("index out of bounds: the len is {} but the index is {index}", self.len()),
        }
    }
}

impl<T: PartialEq> PartialEq for Records<T> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other)
    }
}

impl<T: fmt::Debug> fmt::Debug for Records<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use proptest::prelude::*;

    use super::{Records, WIDTH};

    #[derive(Debug, Clone)]
    enum Step {
        Push(usize),
        Pop(usize),
        Change(usize),
        Look,
        Forget,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => (1..3 * WIDTH).prop_map(Step::Push),
            1 => (1..40 * WIDTH).prop_map(Step::Push),
            4 => (1..3 * WIDTH).prop_map(Step::Pop),
            1 => (1..40 * WIDTH).prop_map(Step::Pop),
            6 => any::<usize>().prop_map(Step::Change),
            4 => Just(Step::Look),
            1 => Just(Step::Forget),
        ]
    }

    fn assert_same(records: &Records<usize>, model: &VecDeque<usize>) {
        assert_eq!((records.len(), records.is_empty()), (model.len(), model.is_empty()));
        assert_eq!((records.first(), records.last()), (model.front(), model.back()));
        assert!(records.iter().eq(model) && records.iter().rev().eq(model.iter().rev()));
        assert!((0..=model.len()).all(|index| records.get(index) == model.get(index)));
    }

    proptest! {
        #[test]
        fn it_is_a_queue_whose_copies_never_change(steps in prop::collection::vec(step(), 1..60)) {
            let (mut records, mut model) = (Records::new(), VecDeque::new());
            let mut looked: Vec<(Records<usize>, VecDeque<usize>)> = Vec::new();
            for (number, step) in steps.into_iter().enumerate() {
                match step {
                    Step::Push(items) => for item in 0..items {
                        records.push(number * 10_000 + item);
                        model.push_back(number * 10_000 + item);
                    },
                    Step::Pop(items) => for _ in 0..items {
                        prop_assert_eq!(records.pop_first(), model.pop_front());
                    },
                    Step::Change(index) => {
                        let index = index % (model.len() + 1);
                        let (item, of_model) = (records.get_mut(index), model.get_mut(index));
                        prop_assert_eq!(&item, &of_model);
                        item.into_iter().chain(of_model).for_each(|item| *item += 7);
                    }
                    Step::Look => looked.push((records.clone(), model.clone())),
                    Step::Forget => looked.clear(),
                }
                prop_assert_eq!(records.len(), model.len());
            }
            assert_same(&records, &model);
            looked.iter().for_each(|(records, model)| assert_same(records, model));
        }

        #[test]
        fn it_is_gone_through_from_both_ends_and_in_steps(
            pushed in 0..300_usize,
            popped in 0..100_usize,
            steps in prop::collection::vec((any::<bool>(), 0..40_usize), 0..40),
        ) {
            let mut records: Records<usize> = (0..pushed).collect();
            for item in 0..popped.min(pushed) {
                prop_assert_eq!(records.pop_first(), Some(item));
            }
            let model: Vec<usize> = (popped..pushed).collect();
            let (mut iter, mut expected) = (records.iter(), model.iter());
            for (is_from_behind, n) in steps {
                let (item, of_model) = match is_from_behind {
                    true => (iter.nth_back(n), expected.nth_back(n)),
                    false => (iter.nth(n), expected.nth(n)),
                };
                prop_assert_eq!(item, of_model);
                prop_assert_eq!(iter.len(), expected.len());
                prop_assert!(iter.clone().eq(expected.clone()));
            }
        }

        #[test]
        fn an_item_is_found_by_a_key_by_which_the_list_is_sorted(items in 0..300_usize, key in 0..700_usize) {
            let records: Records<usize> = (0..items).map(|item| item * 2).collect();
            let expected = (key % 2 == 0 && key / 2 < items).then_some(key / 2);
            prop_assert_eq!(records.index_of(&key, |item| *item), expected);
        }
    }

    #[test]
    fn what_was_taken_out_is_kept_by_nobody() {
        let mut records: Records<std::sync::Arc<()>> = Records::new();
        let item = std::sync::Arc::new(());
        for _ in 0..40_000 {
            records.push(item.clone());
            if records.len() > 10 {
                records.pop_first();
            }
        }
        assert_eq!(std::sync::Arc::strong_count(&item), 1 + records.len());
        while records.pop_first().is_some() {}
        assert_eq!(std::sync::Arc::strong_count(&item), 1);
    }

    #[test]
    #[should_panic = "index out of bounds: the len is 2 but the index is 2"]
    fn an_index_beyond_the_last_item_panics_as_that_of_a_slice() {
        let _ = Records::from_iter([1, 2])[2];
    }

    #[test]
    fn it_prints_itself_as_a_list() {
        let records = Records::from_iter([1, 2]);
        assert_eq!((format!("{records:?}"), format!("{:?}", records.iter())), ("[1, 2]".into(), "[1, 2]".into()));
        assert!(records == Records::from_iter([1, 2]) && records != Records::from_iter([1]));
    }
}
