//! Finds out which entries of several attempts are the same event.

mod firsts;

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

use self::firsts::{Firsts, Until};
use super::Attempt;

/// The events that were received so far, by the key of their entries. Each event has a number.
#[derive(Debug, Clone)]
pub(crate) struct Threads<K> {
    of_key: HashMap<K, Group>,
    count: usize,
}

/// The events with one key, in the order of arrival.
#[derive(Debug, Clone, Default)]
struct Group {
    threads: Vec<Thread>,
    /// The times of [`Group::until`] for each event. `None` for few events, which are asked one by one.
    firsts: Option<Firsts<4>>,
    /// The number of the attempt whose entries are placed now.
    attempt: usize,
    /// The indices of the events that have an entry in this attempt. Kept only with `firsts`, which changes after the attempt.
    here: Vec<usize>,
}

/// A group with more events than this has `firsts`.
const FEW: usize = 8;

/// The two questions about an event, by their places in [`Group::until`].
const OPEN: Asked = Asked { of_new: 0, of_any: 2 };
const UNACCEPTED: Asked = Asked { of_new: 1, of_any: 3 };

/// The places of a question: about events without an entry in this attempt, and about any event.
#[derive(Clone, Copy)]
struct Asked {
    of_new: usize,
    of_any: usize,
}

/// One event, and what the publisher knows about it.
#[derive(Debug, Clone)]
struct Thread {
    number: usize,
    tries: usize,
    /// The number of the attempt with its last try.
    last: usize,
    known: Known,
    /// What will be known from tries that are still in flight, each with the number of its attempt.
    in_flight: Vec<(usize, Known)>,
}

/// Since when a publisher knows that an event was accepted, or that another try cannot succeed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Known {
    accepted: Option<Duration>,
    hopeless: Option<Duration>,
}

/// An entry that was received.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Came {
    /// Whether its key is an id. Then two entries with this key in one request are the same event.
    pub(crate) is_id: bool,
    /// The number of the attempt.
    pub(crate) attempt: usize,
    pub(crate) at: Duration,
    /// What the publisher knows from this try.
    pub(crate) known: Known,
    /// Whether the try is still in flight, so that `known` may change.
    pub(crate) is_in_flight: bool,
}

/// The event that an entry belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// The number of the event, counted from 0.
    pub(crate) thread: usize,
    /// The number of the try, counted from 1.
    pub(crate) number: usize,
    /// Whether it is the first event with its key.
    pub(crate) is_first: bool,
}

impl Known {
    /// What an attempt tells the publisher about the entry at `index`.
    pub(crate) fn from(attempt: &Attempt, index: usize) -> Self {
        Self { accepted: attempt.accepted_and_told_at(index), hopeless: attempt.hopeless_and_told_at(index) }
    }

    fn and(self, other: Self) -> Self {
        let first = |one: Option<Duration>, other: Option<Duration>| one.into_iter().chain(other).min();
        Self { accepted: first(self.accepted, other.accepted), hopeless: first(self.hopeless, other.hopeless) }
    }
}

impl Thread {
    fn new(number: usize) -> Self {
        Self { number, tries: 0, last: 0, known: Known::default(), in_flight: Vec::new() }
    }

    /// Adds a try.
    fn come(&mut self, Came { attempt, known, is_in_flight, .. }: Came) {
        self.tries += 1;
        self.last = attempt;
        if is_in_flight {
            self.in_flight.push((attempt, known));
        } else {
            self.known = self.known.and(known);
        }
    }

    /// The time until which the publisher does not know `what`.
    fn until(&self, what: fn(&Known) -> Option<Duration>) -> Until {
        let in_flight = self.in_flight.iter().map(|(_, known)| known);
        in_flight.chain([&self.known]).filter_map(what).min().map_or(Until::Ever, Until::Time)
    }
}

impl Group {
    /// Until when an event is open (neither known to be accepted nor hopeless), and until when it is not known to be accepted:
    /// first for events without an entry in this attempt, then for any event.
    fn until(&self, thread: &Thread) -> [Until; 4] {
        let (unaccepted, hopeful) = (thread.until(|known| known.accepted), thread.until(|known| known.hopeless));
        let open = unaccepted.min(hopeful);
        let new = |until| if thread.last == self.attempt { Until::Never } else { until };
        [new(open), new(unaccepted), open, unaccepted]
    }

    /// Begins to place the entries of this attempt.
    fn begin(&mut self, attempt: usize) {
        if self.attempt != attempt {
            self.attempt = attempt;
            let here = std::mem::take(&mut self.here);
            here.into_iter().for_each(|index| self.changed(index));
        }
    }

    fn changed(&mut self, index: usize) {
        let Some(until) = self.threads.get(index).map(|thread| self.until(thread)) else { return };
        if let Some(firsts) = &mut self.firsts {
            firsts.set(index, until);
        }
    }

    /// The first event whose time for this question is later than `then`.
    fn first(&self, thing: usize, then: Until) -> Option<usize> {
        match &self.firsts {
            Some(firsts) => firsts.first(thing, then),
            None => self.threads.iter().position(|thread| self.until(thread).get(thing) > Some(&then)),
        }
    }

    /// The event that an entry continues.
    fn continued(&self, is_id: bool, at: Duration, expected: impl FnOnce() -> usize) -> Option<usize> {
        let now = Until::Time(at);
        // An event without an entry in this request comes first.
        if let Some(open_and_new) = self.first(OPEN.of_new, now) {
            return Some(open_and_new);
        }
        let of = |asked: Asked| if is_id { asked.of_any } else { asked.of_new };
        let first = self.first(of(UNACCEPTED), Until::Never)?;
        let may_be_another = expected() > self.threads.len();
        (!may_be_another).then(|| {
            let open = self.first(of(OPEN), now);
            open.or_else(|| self.first(of(UNACCEPTED), now)).unwrap_or(first)
        })
    }

    fn push(&mut self, thread: Thread) {
        let index = self.threads.len();
        self.threads.push(thread);
        if self.firsts.as_ref().is_some_and(|firsts| firsts.has_room_beside(index)) {
            self.changed(index);
        } else if index >= FEW {
            self.firsts = Some(Firsts::of(self.threads.iter().map(|thread| self.until(thread))));
            let all = self.threads.iter().enumerate();
            self.here = all.filter(|(_, thread)| thread.last == self.attempt).map(|(index, _)| index).collect();
        }
    }

    /// Changes the event with this number.
    fn change(&mut self, thread: usize, change: impl FnOnce(&mut Thread)) {
        let Ok(index) = self.threads.binary_search_by_key(&thread, |one| one.number) else { return };
        if let Some(thread) = self.threads.get_mut(index) {
            change(thread);
        }
        self.changed(index);
    }
}

impl<K: Eq + Hash> Threads<K> {
    pub(crate) fn new() -> Self {
        Self { of_key: HashMap::new(), count: 0 }
    }

    /// Finds the event that an entry continues, and adds the try to it.
    ///
    /// The candidates are the events with the entry's key. Unless the key is an id, events with an entry in the same attempt are
    /// left out. The first open candidate is taken: the publisher knows neither that it was accepted nor that it is hopeless.
    /// If there is no candidate, or no open one while more equal events are expected, the entry begins a new event. Otherwise
    /// the publisher sends an event once too often: the first candidate that is not known to be accepted, else the first one.
    pub(crate) fn place(&mut self, key: K, came: Came, expected: impl FnOnce() -> usize) -> Place {
        let group = self.of_key.entry(key).or_default();
        group.begin(came.attempt);
        let index = group.continued(came.is_id, came.at, expected).unwrap_or(group.threads.len());
        if group.firsts.is_some() {
            group.here.push(index);
        }
        match group.threads.get_mut(index) {
            Some(thread) => {
                thread.come(came);
                let place = Place { thread: thread.number, number: thread.tries, is_first: false };
                group.changed(index);
                place
            }
            None => {
                let mut thread = Thread::new(self.count);
                thread.come(came);
                self.count += 1;
                let place = Place { thread: thread.number, number: 1, is_first: index == 0 };
                group.push(thread);
                place
            }
        }
    }

    /// Ends the flight of a try. `known` is what the publisher knows from it; `None` means what was predicted.
    pub(crate) fn landed(&mut self, key: &K, thread: usize, attempt: usize, known: Option<Known>) {
        let Some(group) = self.of_key.get_mut(key) else { return };
        group.change(thread, |thread| {
            let Some(at) = thread.in_flight.iter().position(|(number, _)| *number == attempt) else { return };
            let (_, expected) = thread.in_flight.swap_remove(at);
            thread.known = thread.known.and(known.unwrap_or(expected));
        });
    }

    /// Forgets the predictions for all tries in flight.
    pub(crate) fn know_nothing_in_flight(&mut self) {
        for group in self.of_key.values_mut() {
            let numbers: Vec<usize> = group.threads.iter().map(|thread| thread.number).collect();
            for number in numbers {
                group.change(number, |thread| {
                    thread.in_flight.iter_mut().for_each(|(_, known)| *known = Known::default());
                });
            }
        }
    }

    /// Returns the events with these keys only.
    pub(crate) fn only<'a>(&self, keys: impl IntoIterator<Item = &'a K>) -> Self
    where
        K: Clone + 'a,
    {
        let mut of_key = HashMap::new();
        for key in keys {
            // Equal entries of one request have the same key.
            if let Some(group) = self.of_key.get(key).filter(|_| !of_key.contains_key(key)) {
                of_key.insert(key.clone(), group.clone());
            }
        }
        Self { of_key, count: self.count }
    }

    /// Forgets the events with this key.
    pub(crate) fn forget(&mut self, key: &K) {
        self.of_key.remove(key);
    }
}

#[cfg(test)]
mod tests;
