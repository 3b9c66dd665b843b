//! What a search has found.

use std::collections::HashMap;

use super::coverage::Coverage;
use super::judge::Judge;
use super::judging::Violation;
use super::run::{Known, Run};
use super::schedule::Schedule;
use super::scope::Step;
use super::workload::Workload;
use crate::fault::Fault;

/// A step, and how much of it was done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StepDone {
    pub(crate) step: Step,
    pub(crate) run: usize,
    /// How many schedules of the step were left out when the budget was used up; `None` where that is not known.
    pub(crate) left: Option<usize>,
}

/// The simplest schedule that shows a kind of violation.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    pub(crate) violation: Violation,
    pub(crate) run: Run,
    /// Where the same schedule did not show the same again.
    pub(crate) is_unsteady: bool,
    /// The simplest schedule that shows the rule broken in the other way: by an event to which something happened itself, or by
    /// one to which nothing did.
    pub(crate) also: Option<Schedule>,
}

/// All that a search has found.
#[derive(Debug)]
pub(crate) struct Explored {
    /// One for each rule that was broken: those with the fewest deviations first, and among them the gravest.
    pub(crate) findings: Vec<Finding>,
    pub(crate) known: HashMap<Workload, Known>,
    pub(crate) coverage: Coverage,
    pub(crate) steps: Vec<StepDone>,
    pub(crate) schedules: usize,
    /// Schedules that were judged and whose children others stand for.
    pub(crate) merged: usize,
    pub(crate) inconclusive: usize,
    /// Workloads that were not the same twice without faults.
    pub(crate) unsteady: Option<Unsteady>,
    /// Schedules that were to be run first, and whether they still show something.
    pub(crate) kept: Vec<(Schedule, bool)>,
    pub(crate) random: usize,
}

/// Two runs of the same schedule that differ.
#[derive(Debug, Clone)]
pub(crate) struct Unsteady {
    pub(crate) schedule: Schedule,
    pub(crate) first: Run,
    pub(crate) second: Run,
}

/// Whose runs a judge blames, for one kind of violation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Kind {
    pub(super) judge: Judge,
    /// Whether something happened to the event that it is about; `None` where it is about none.
    is_own: Option<bool>,
}

impl Explored {
    /// What is known of the events of a schedule.
    pub(crate) fn known_of(&self, schedule: &Schedule) -> Option<&Known> {
        self.known.get(&schedule.workload)
    }

    /// The faults of a schedule, for any mock.
    pub(crate) fn faults_of(&self, schedule: &Schedule, identify_by: Option<&str>) -> Vec<Fault> {
        schedule.faults(self.known_of(schedule).map_or(&[], |known| &known.events), identify_by)
    }
}

impl Kind {
    pub(super) fn of(violation: &Violation, run: &Run) -> Self {
        let is_own = violation.event.map(|event| run.schedule.deviations().any(|(place, _)| place.event == event));
        Self { judge: violation.judge, is_own }
    }
}
