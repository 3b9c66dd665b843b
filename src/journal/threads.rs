//! Which entries of which attempts continue the same event.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

use super::Attempt;

/// The events that were received so far, each with a number, by the key of their entries.
#[derive(Debug, Clone)]
pub(crate) struct Threads<K> {
    of_key: HashMap<K, Vec<Thread>>,
    count: usize,
}

/// One event, and what the publisher knows of it.
#[derive(Debug, Clone)]
struct Thread {
    number: usize,
    tries: usize,
    /// The number of the attempt with its last try.
    last: usize,
    known: Known,
    /// What will be known of tries that are still in flight, each with the number of its attempt.
    in_flight: Vec<(usize, Known)>,
}

/// Since when a publisher knows what forbids another try, if it does.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Known {
    accepted: Option<Duration>,
    hopeless: Option<Duration>,
}

/// Where an entry belongs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// The number of the event, counted from 0.
    pub(crate) thread: usize,
    /// Which try of it this is, counted from 1.
    pub(crate) number: usize,
    /// It is the first event with its key.
    pub(crate) is_first: bool,
}

impl Known {
    /// What an attempt says about one of its entries.
    pub(crate) fn from(attempt: &Attempt, index: usize) -> Self {
        Self { accepted: attempt.accepted_and_told_at(index), hopeless: attempt.hopeless_and_told_at(index) }
    }

    fn and(self, other: Self) -> Self {
        let first = |one: Option<Duration>, other: Option<Duration>| one.into_iter().chain(other).min();
        Self { accepted: first(self.accepted, other.accepted), hopeless: first(self.hopeless, other.hopeless) }
    }
}

impl Thread {
    fn knows(&self, at: Duration, what: fn(&Known) -> Option<Duration>) -> bool {
        let in_flight = self.in_flight.iter().map(|(_, known)| known);
        in_flight.chain([&self.known]).filter_map(what).any(|since| since <= at)
    }

    fn is_unaccepted(&self, at: Duration) -> bool {
        !self.knows(at, |known| known.accepted)
    }

    fn is_open(&self, at: Duration) -> bool {
        self.is_unaccepted(at) && !self.knows(at, |known| known.hopeless)
    }
}

impl<K: Eq + Hash> Threads<K> {
    pub(crate) fn new() -> Self {
        Self { of_key: HashMap::new(), count: 0 }
    }

    /// Finds the event that an entry continues: of those with its key, and not in `used`, the first one that the publisher
    /// knows neither to be accepted nor to be hopeless. Where there is none, and no more equal events are expected than there
    /// are, it is a hopeless one, and else the first one: then the publisher sends it once too often.
    pub(crate) fn place(
        &mut self,
        key: K,
        used: &[usize],
        (attempt, at): (usize, Duration),
        expected: impl FnOnce() -> usize,
    ) -> Place {
        let of_key = self.of_key.entry(key).or_default();
        let free = || of_key.iter().enumerate().filter(|(_, thread)| !used.contains(&thread.number));
        // Equal events of one request are told apart where they are expected.
        let open_and_new = free().find(|(_, thread)| thread.is_open(at) && thread.last != attempt);
        let continued = open_and_new.or_else(|| {
            let first = free().next()?;
            let may_be_another = expected() > of_key.len();
            (!may_be_another).then(|| {
                let open = free().find(|(_, thread)| thread.is_open(at));
                open.or_else(|| free().find(|(_, thread)| thread.is_unaccepted(at))).unwrap_or(first)
            })
        });
        match continued.map(|(index, _)| index).and_then(|index| of_key.get_mut(index)) {
            Some(thread) => {
                thread.tries += 1;
                thread.last = attempt;
                Place { thread: thread.number, number: thread.tries, is_first: false }
            }
            None => {
                let number = self.count;
                self.count += 1;
                of_key.push(Thread { number, tries: 1, last: attempt, known: Known::default(), in_flight: Vec::new() });
                Place { thread: number, number: 1, is_first: of_key.len() == 1 }
            }
        }
    }

    /// Adds what the publisher knows after a try. While it is in flight, that may change.
    pub(crate) fn learn(&mut self, key: &K, thread: usize, known: Known, in_flight: Option<usize>) {
        let threads = self.of_key.get_mut(key).into_iter().flatten();
        let Some(thread) = threads.into_iter().find(|one| one.number == thread) else { return };
        match in_flight {
            Some(attempt) => thread.in_flight.push((attempt, known)),
            None => thread.known = thread.known.and(known),
        }
    }

    /// The try of an attempt is no longer in flight: what is known of it, or what was thought to be.
    pub(crate) fn landed(&mut self, key: &K, thread: usize, attempt: usize, known: Option<Known>) {
        let threads = self.of_key.get_mut(key).into_iter().flatten();
        let Some(thread) = threads.into_iter().find(|one| one.number == thread) else { return };
        let Some(at) = thread.in_flight.iter().position(|(number, _)| *number == attempt) else { return };
        let (_, expected) = thread.in_flight.swap_remove(at);
        thread.known = thread.known.and(known.unwrap_or(expected));
    }

    /// Nothing is known of what is in flight.
    pub(crate) fn know_nothing_in_flight(&mut self) {
        let threads = self.of_key.values_mut().flatten();
        threads.flat_map(|thread| &mut thread.in_flight).for_each(|(_, known)| *known = Known::default());
    }

    /// The events with some keys alone.
    pub(crate) fn only<'a>(&self, keys: impl IntoIterator<Item = &'a K>) -> Self
    where
        K: Clone + 'a,
    {
        let of_key = keys.into_iter().filter_map(|key| Some((key.clone(), self.of_key.get(key)?.clone())));
        Self { of_key: of_key.collect(), count: self.count }
    }

    /// Forgets the events with this key.
    pub(crate) fn forget(&mut self, key: &K) {
        self.of_key.remove(key);
    }
}
