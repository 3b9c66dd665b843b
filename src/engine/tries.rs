//! Counts the tries of each event, as the ledger does, for faults on a try.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::fault::TryNumbers;
use crate::journal::{Attempt, Came, Journal, Known, Threads};
use crate::matcher::Identity;
use crate::service::Entry;

/// The number of different events that are remembered, for each way to identify them. The count of a forgotten event starts anew.
const MAX_EVENTS: usize = 100_000;
/// The number of attempts in flight that are remembered. An older attempt counts as ended.
const MAX_IN_FLIGHT: usize = 1_000;

/// The counts by each way to identify events that a fault in force uses.
#[derive(Debug, Clone, Default)]
pub(super) struct Tries {
    by_identity: Vec<Counting>,
    /// Whether the caller reports the ends of attempts. Until the first report, each attempt counts as answered at once, as in the
    /// journal.
    are_ends_told: bool,
}

#[derive(Debug, Clone)]
struct Counting {
    identity: Identity,
    threads: Threads<u64>,
    /// The keys, in the order in which they were first seen.
    keys: VecDeque<u64>,
    /// The attempts in flight, each with the keys and the threads of its entries.
    in_flight: BTreeMap<usize, Vec<(u64, usize)>>,
}

impl Tries {
    /// Counts by this identity from now on, and counts the attempts of the journal.
    pub(super) fn watch(&mut self, identity: &Identity, journal: &Journal) {
        if self.by_identity.iter().any(|counting| counting.identity == *identity) {
            return;
        }
        let mut counting = Counting::new(identity.clone());
        journal.attempts().iter().for_each(|attempt| counting.record(attempt, self.are_ends_told));
        self.by_identity.push(counting);
    }

    /// Stops counting by identities that no fault uses any more.
    pub(super) fn retain(&mut self, is_asked_for: impl Fn(&Identity) -> bool) {
        self.by_identity.retain(|counting| is_asked_for(&counting.identity));
    }

    /// The try number of each of these entries, if they come in this attempt.
    pub(super) fn of(&self, attempt: usize, at: Duration, entries: &[Entry]) -> TryNumbers {
        self.by_identity
            .iter()
            .map(|counting| (counting.identity.clone(), counting.look(attempt, at, entries)))
            .collect()
    }

    pub(super) fn record(&mut self, attempt: &Attempt) {
        self.by_identity.iter_mut().for_each(|counting| counting.record(attempt, self.are_ends_told));
    }

    /// Records the end of an attempt, as the journal has it.
    pub(super) fn ended(&mut self, number: usize, attempt: Option<&Attempt>) {
        if !self.are_ends_told {
            self.are_ends_told = true;
            self.by_identity.iter_mut().for_each(|counting| counting.threads.know_nothing_in_flight());
        }
        self.by_identity.iter_mut().for_each(|counting| counting.ended(number, attempt));
    }

    /// Starts all counts anew.
    pub(super) fn clear(&mut self) {
        self.by_identity.iter_mut().for_each(|counting| *counting = Counting::new(counting.identity.clone()));
    }
}

impl Counting {
    fn new(identity: Identity) -> Self {
        Self { identity, threads: Threads::new(), keys: VecDeque::new(), in_flight: BTreeMap::new() }
    }

    /// The key of each entry, and whether it is an id.
    fn keys_of(&self, entries: &[Entry]) -> Vec<(u64, bool)> {
        let key = |entry| {
            let key = self.identity.key(entry);
            (key.hashed(), key.is_id())
        };
        entries.iter().map(key).collect()
    }

    fn look(&self, attempt: usize, at: Duration, entries: &[Entry]) -> Vec<usize> {
        let keys = self.keys_of(entries);
        let mut threads = self.threads.only(keys.iter().map(|(key, _)| key));
        let place = |(key, is_id): &(u64, bool)| {
            let came = Came { is_id: *is_id, attempt, at, known: Known::default(), is_in_flight: false };
            threads.place(*key, came, || 0).number
        };
        keys.iter().map(place).collect()
    }

    fn record(&mut self, attempt: &Attempt, are_ends_told: bool) {
        let number = attempt.number();
        let is_in_flight = attempt.ended_at().is_none();
        let mut in_flight = Vec::new();
        for (index, (key, is_id)) in self.keys_of(attempt.entries()).into_iter().enumerate() {
            let known = if is_in_flight && are_ends_told { Known::default() } else { Known::from(attempt, index) };
            let came = Came { is_id, attempt: number, at: attempt.at(), known, is_in_flight };
            let place = self.threads.place(key, came, || 0);
            if place.is_first {
                self.keys.push_back(key);
            }
            in_flight.push((key, place.thread));
        }
        if is_in_flight {
            self.in_flight.insert(number, in_flight);
        }
        while self.in_flight.len() > MAX_IN_FLIGHT {
            let Some((oldest, _)) = self.in_flight.first_key_value() else { break };
            self.ended(*oldest, None);
        }
        while self.keys.len() > MAX_EVENTS {
            let Some(oldest) = self.keys.pop_front() else { break };
            self.threads.forget(&oldest);
        }
    }

    fn ended(&mut self, number: usize, attempt: Option<&Attempt>) {
        for (index, (key, thread)) in self.in_flight.remove(&number).into_iter().flatten().enumerate() {
            self.threads.landed(&key, thread, number, attempt.map(|attempt| Known::from(attempt, index)));
        }
    }
}
