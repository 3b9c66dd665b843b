//! What is to be run next, and in which order where runs are dear: what tells most comes first.
//!
//! The alphabet stands in that order already. A letter is tried at one place, and other letters there and elsewhere, before it
//! is tried everywhere: each kind is seen early. Of the entries of a request the first one comes first and then the last one,
//! since results that are matched with the wrong entries show at one of the two.

use std::collections::HashMap;

use super::deviation::{Deviation, Level};
use super::run::Decision;
use super::schedule::Schedule;
use super::workload::Workload;

/// A schedule that may have children.
pub(super) struct Parent {
    pub(super) schedule: Schedule,
    pub(super) decisions: Vec<Decision>,
}

pub(super) struct Job {
    pub(super) schedule: Schedule,
    /// Its parent, and where it deviates from it: siblings share both.
    pub(super) family: (usize, usize),
    pub(super) deviation: Deviation,
}

/// So many letters further on, a letter is as telling as the first one at the next place.
const PLACE: usize = 3;
/// The same for the next parent.
const PARENT: usize = 1;

/// How many of a step's schedules are run, of so many in all: the rest of the step tells less than the beginning of the next.
pub(super) fn share(workload: Workload, deviations: usize, runs: usize) -> usize {
    let percent = match (workload, deviations) {
        (Workload::Own, 1) => 60,
        (Workload::Own, _) => 100,
        (_, 1) => 50,
        _ => 20,
    };
    (runs * percent).div_ceil(100)
}

/// Puts those that tell most first.
pub(super) fn sort(jobs: &mut [Job], parents: &[Parent], alphabet: &[Deviation]) {
    let rounds: Vec<HashMap<usize, usize>> = parents.iter().map(|parent| rounds(&parent.decisions)).collect();
    jobs.sort_by_cached_key(|job| {
        let (parent, place) = job.family;
        let round = rounds.get(parent).and_then(|rounds| rounds.get(&place)).copied().unwrap_or(place);
        let letter = alphabet.iter().position(|other| *other == job.deviation).unwrap_or(alphabet.len());
        parent * PARENT + round * PLACE + letter
    });
}

/// When the turn of each decision comes, by its place in the list: entries and requests take their turns apart.
fn rounds(decisions: &[Decision]) -> HashMap<usize, usize> {
    let of_level = |level| decisions.iter().enumerate().filter(move |(_, decision)| decision.level == level);
    let mut requests: Vec<Vec<usize>> = Vec::new();
    let mut last = None;
    for (place, decision) in of_level(Level::Entry) {
        if last != Some(decision.at.0) {
            requests.push(Vec::new());
            last = Some(decision.at.0);
        }
        if let Some(request) = requests.last_mut() {
            request.push(place);
        }
    }
    // A part can only fail where there are two.
    requests.sort_by_key(|request| request.len() < 2);
    let mut entries: Vec<(usize, usize)> = Vec::new();
    for (which, request) in requests.iter().enumerate() {
        entries.extend(from_both_ends(request).into_iter().enumerate().map(|(turn, place)| (turn * 2 + which, place)));
    }
    entries.sort_by_key(|(turn, _)| *turn);
    let requests = of_level(Level::Request).map(|(place, _)| place).enumerate();
    let entries = entries.into_iter().map(|(_, place)| place).enumerate();
    requests.chain(entries).map(|(round, place)| (place, round)).collect()
}

/// The first, the last, the second, the last but one.
fn from_both_ends(places: &[usize]) -> Vec<usize> {
    let mut rest = places.iter();
    let mut order = Vec::with_capacity(places.len());
    while let Some(first) = rest.next() {
        order.push(*first);
        order.extend(rest.next_back());
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore::{Lasts, Letter, Place};

    fn decision(request: usize, entry: Option<usize>, event: usize) -> Decision {
        let level = if entry.is_some() { Level::Entry } else { Level::Request };
        Decision { at: (request, entry), place: Place { event, try_number: 1 }, level }
    }

    fn order(decisions: Vec<Decision>, alphabet: &[Deviation]) -> Vec<String> {
        let root = Schedule::of(Workload::Own);
        let mut jobs = Vec::new();
        for (place, decision) in decisions.iter().enumerate() {
            for deviation in alphabet.iter().filter(|deviation| deviation.letter.level() == decision.level) {
                let schedule = root.with(decision.place, *deviation);
                jobs.push(Job { schedule, family: (0, place), deviation: *deviation });
            }
        }
        let parents = [Parent { schedule: root, decisions }];
        sort(&mut jobs, &parents, alphabet);
        jobs.iter().map(|job| job.schedule.to_string()).collect()
    }

    #[test]
    fn each_kind_of_fault_comes_before_one_of_them_comes_everywhere() {
        let decisions =
            vec![decision(1, None, 0), decision(1, Some(0), 0), decision(1, Some(1), 1), decision(1, Some(2), 2)];
        let letters = [Letter::Throttled, Letter::Permanent, Letter::Lost];
        let alphabet = letters.map(|letter| Deviation::new(letter, Lasts::Once));
        assert_eq!(order(decisions, &alphabet), ["R", "P", "L", "A,A,R", "A,A,P", "A,R", "A,P"]);
    }

    #[test]
    fn a_request_of_several_entries_comes_before_those_of_one() {
        let decisions = vec![decision(1, Some(0), 0), decision(2, Some(0), 1), decision(2, Some(1), 2)];
        let alphabet = [Deviation::new(Letter::Throttled, Lasts::Once)];
        assert_eq!(order(decisions, &alphabet), ["A,R", "R", "A,A,R"]);
    }
}
