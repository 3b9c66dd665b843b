//! The result of a search.

use std::collections::HashMap;

use super::coverage::Coverage;
use super::judge::Judge;
use super::judging::Violation;
use super::run::{Known, Run};
use super::schedule::Schedule;
use super::scope::Step;
use super::workload::Workload;
use crate::fault::Fault;

/// A step of a search, and how much of it was run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StepDone {
    pub(crate) step: Step,
    pub(crate) run: usize,
    /// The number of schedules of the step that the budget left out; `None` if it is not known.
    pub(crate) left: Option<usize>,
}

/// The simplest schedule that shows a kind of violation.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    pub(crate) violation: Violation,
    pub(crate) run: Run,
    /// Whether a second run of the same schedule differed.
    pub(crate) is_unsteady: bool,
    /// The simplest schedule that breaks the rule in the other way: with a fault of the blamed event itself, or without one.
    pub(crate) also: Option<Schedule>,
}

/// The result of a search.
#[derive(Debug)]
pub(crate) struct Explored {
    /// One for each rule that was broken. Those with the fewest deviations come first, and among them the gravest.
    pub(crate) findings: Vec<Finding>,
    pub(crate) known: HashMap<Workload, Known>,
    pub(crate) coverage: Coverage,
    pub(crate) steps: Vec<StepDone>,
    pub(crate) schedules: usize,
    /// The number of schedules that were judged but got no children, because a sibling had the same effect.
    pub(crate) merged: usize,
    pub(crate) inconclusive: usize,
    /// Two runs of one schedule that differ, if there were any.
    pub(crate) unsteady: Option<Unsteady>,
    /// The kept schedules that were run first, and whether each still breaks a rule.
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

/// A kind of violation: a rule, and whether the blamed event had a fault of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Kind {
    pub(super) judge: Judge,
    /// Whether the blamed event had a fault of its own; `None` if no event is blamed.
    is_own: Option<bool>,
}

impl Explored {
    /// The known events of a schedule.
    pub(crate) fn known_of(&self, schedule: &Schedule) -> Option<&Known> {
        self.known.get(&schedule.workload)
    }

    /// The faults of a schedule.
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
