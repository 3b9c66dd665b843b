//! Simpler schedules that may show the same as a schedule.

use super::deviation::Deviation;
use super::schedule::{Place, Schedule};
use super::workload::Workload;

/// The simpler schedules to try, in the order: one deviation less, fewer events, a simpler deviation.
pub(super) fn simpler(schedule: &Schedule) -> Vec<Schedule> {
    let deviations: Vec<(Place, Deviation)> = schedule.deviations().collect();
    let mut simpler: Vec<Schedule> = (0..deviations.len()).map(|which| schedule.without(which)).collect();
    if let Workload::Plain(events) = schedule.workload {
        let needed = deviations.iter().map(|(place, _)| place.event + 1).max().unwrap_or(1);
        let smaller = [needed, events.saturating_sub(1)].into_iter().filter(|fewer| (needed..events).contains(fewer));
        simpler.extend(smaller.map(|fewer| schedule.for_workload(Workload::Plain(fewer))));
    }
    for (which, (place, deviation)) in deviations.iter().enumerate() {
        let others =
            deviation.simpler().filter(|other| other.letter == deviation.letter || other.lasts == deviation.lasts);
        simpler.extend(others.map(|other| schedule.without(which).with(*place, other)));
    }
    simpler.retain(|other| other.rank() < schedule.rank());
    simpler
}
