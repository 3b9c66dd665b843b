//! The order of the runs if each run takes real time: the schedules that find the most bugs come first.
//!
//! The alphabet has this order already. Each letter is tried at one place before any letter is tried at every place, so each kind
//! of fault comes early. Of the entries of a request, the first comes first and then the last. A publisher that assigns results to
//! the wrong entries shows it at one of the two.

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
    /// The number of its parent, and the place at which it deviates from it. Siblings share both.
    pub(super) family: (usize, usize),
    pub(super) deviation: Deviation,
}

/// The first letter at the next place has the rank of the letter this many further on at this place.
const PLACE: usize = 3;
/// The first letter of the next parent has the rank of the letter this many further on of this parent.
const PARENT: usize = 1;

/// The number of a step's schedules that are run, if `runs` is the bound on all runs. The rest of a step finds less than the
/// beginning of the next step.
pub(super) fn share(workload: Workload, deviations: usize, runs: usize) -> usize {
    let percent = match (workload, deviations) {
        (Workload::Own, 1) => 60,
        (Workload::Own, _) => 100,
        (_, 1) => 50,
        _ => 20,
    };
    (runs * percent).div_ceil(100)
}

/// Sorts the jobs that find the most bugs to the front.
pub(super) fn sort(jobs: &mut [Job], parents: &[Parent], alphabet: &[Deviation]) {
    let rounds: Vec<HashMap<usize, usize>> = parents.iter().map(|parent| rounds(&parent.decisions)).collect();
    jobs.sort_by_cached_key(|job| {
        let (parent, place) = job.family;
        let round = rounds.get(parent).and_then(|rounds| rounds.get(&place)).copied().unwrap_or(place);
        let letter = alphabet.iter().position(|other| *other == job.deviation).unwrap_or(alphabet.len());
        parent * PARENT + round * PLACE + letter
    });
}

/// The round of each decision, by its place in the list. Entries and requests have separate rounds.
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
    // Only a request with two entries or more can fail in part.
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

/// The places in the order first, last, second, last but one, and so on.
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
