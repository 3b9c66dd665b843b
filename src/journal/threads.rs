//! Which entries of which attempts continue the same event.

mod firsts;

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

use self::firsts::{Firsts, Until};
use super::Attempt;

/// The events that were received so far, each with a number, by the key of their entries.
#[derive(Debug, Clone)]
pub(crate) struct Threads<K> {
    of_key: HashMap<K, Group>,
    count: usize,
}

/// The events with one key, in the order in which they came.
#[derive(Debug, Clone, Default)]
struct Group {
    threads: Vec<Thread>,
    /// Until when each is open, and so on; where there are few, that is asked of them.
    firsts: Option<Firsts<4>>,
    /// The number of the attempt whose entries are placed.
    attempt: usize,
    /// The events that have an entry in it already, by their indices, where `firsts` has to be told when it is over.
    here: Vec<usize>,
}

/// More events with one key are not asked one after the other.
const FEW: usize = 8;

/// What an event may be, by its place in [`Group::until`].
const OPEN: Asked = Asked { of_new: 0, of_any: 2 };
const UNACCEPTED: Asked = Asked { of_new: 1, of_any: 3 };

/// What is asked of events without an entry in this attempt, or of any.
#[derive(Clone, Copy)]
struct Asked {
    of_new: usize,
    of_any: usize,
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

/// An entry with a key, as it came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Came {
    /// Whether its key is an id: then two entries of one request are the same event, too.
    pub(crate) is_id: bool,
    /// The number of the attempt.
    pub(crate) attempt: usize,
    pub(crate) at: Duration,
    /// What the publisher knows by this try.
    pub(crate) known: Known,
    /// It is in flight still, and what is known by it may change.
    pub(crate) is_in_flight: bool,
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
    fn new(number: usize) -> Self {
        Self { number, tries: 0, last: 0, known: Known::default(), in_flight: Vec::new() }
    }

    /// One more try.
    fn come(&mut self, Came { attempt, known, is_in_flight, .. }: Came) {
        self.tries += 1;
        self.last = attempt;
        if is_in_flight {
            self.in_flight.push((attempt, known));
        } else {
            self.known = self.known.and(known);
        }
    }

    /// Until when the publisher knows nothing of a kind.
    fn until(&self, what: fn(&Known) -> Option<Duration>) -> Until {
        let in_flight = self.in_flight.iter().map(|(_, known)| known);
        in_flight.chain([&self.known]).filter_map(what).min().map_or(Until::Ever, Until::Time)
    }
}

impl Group {
    /// Until when an event is open and without an entry in this attempt, the same for not known to be accepted, and both
    /// whether it has an entry in this attempt or not.
    fn until(&self, thread: &Thread) -> [Until; 4] {
        let (unaccepted, hopeful) = (thread.until(|known| known.accepted), thread.until(|known| known.hopeless));
        let open = unaccepted.min(hopeful);
        let new = |until| if thread.last == self.attempt { Until::Never } else { until };
        [new(open), new(unaccepted), open, unaccepted]
    }

    /// From now on the entries of this attempt are placed.
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

    /// The first event of which this is so for longer than until then.
    fn first(&self, thing: usize, then: Until) -> Option<usize> {
        match &self.firsts {
            Some(firsts) => firsts.first(thing, then),
            None => self.threads.iter().position(|thread| self.until(thread).get(thing) > Some(&then)),
        }
    }

    /// The event that an entry continues.
    fn continued(&self, is_id: bool, at: Duration, expected: impl FnOnce() -> usize) -> Option<usize> {
        let now = Until::Time(at);
        // Equal events of one request are told apart where they are expected.
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

    /// Finds the event that an entry continues: of those with its key, and without an entry in the same attempt unless the key
    /// is an id, the first one that the publisher knows neither to be accepted nor to be hopeless. Where there is none, and no
    /// more equal events are expected than there are, it is a hopeless one, and else the first one: then the publisher sends
    /// it once too often. What is known by this try is remembered for the next ones.
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

    /// The try of an attempt is no longer in flight: what is known of it, or what was thought to be.
    pub(crate) fn landed(&mut self, key: &K, thread: usize, attempt: usize, known: Option<Known>) {
        let Some(group) = self.of_key.get_mut(key) else { return };
        group.change(thread, |thread| {
            let Some(at) = thread.in_flight.iter().position(|(number, _)| *number == attempt) else { return };
            let (_, expected) = thread.in_flight.swap_remove(at);
            thread.known = thread.known.and(known.unwrap_or(expected));
        });
    }

    /// Nothing is known of what is in flight.
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

    /// The events with some keys alone.
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
