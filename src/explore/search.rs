//! The search: all schedules with one deviation, then all with two, and so on.
//!
//! A schedule is a set of deviations from the run in which everything goes well. A run tells where something else could have
//! gone wrong; its children deviate there as well, after all that has gone wrong already. So the tree is what the publisher
//! really reaches, each schedule is made once, and the first one that a judge blames has the fewest deviations that show it.
//!
//! # What may be left out
//!
//! * Children of a schedule that deviate at the same place, after which the publisher sends and says the same, are all judged,
//!   and the simplest alone has children. That is wrong only for a publisher that remembers which error it was and acts on
//!   it later, so the summary counts them, and a thorough search does not do it.
//! * A schedule whose run does not end, or tries without bound, has no children: there would be no end of them.
//! * Events are not interchangeable. Bugs of position show in one order of two events and not in the other: `A,RA` shows that
//!   the first ones are sent again instead of the failed ones, and `RA,A` does not.
//! * What is known of partial orders and of services behind services does not help: there is one client and one service.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::coverage::Coverage;
use super::deviation::{Deviation, Lasts, Letter, Level};
use super::explored::{Explored, Finding, Kind, StepDone, Unsteady};
use super::jobs::{self, Job, Parent};
use super::judge::Judge;
use super::judging::{Bench, Violation, violations};
use super::policy::Policy;
use super::pool::{Pool, Runner};
use super::run::{Done, Ending, Known, Run, Shape};
use super::schedule::{Place, Schedule};
use super::scope::{Scope, Step, Thrift};
use super::shrink::simpler;
use super::workload::Workload;
use crate::random::{combined, hash, mix};

/// The most telling deviations: what fails in part, and what fails as a whole.
const FEW: [Deviation; 2] =
    [Deviation::new(Letter::Throttled, Lasts::Once), Deviation::new(Letter::ServerError, Lasts::Call)];

/// What one tells while it runs.
pub(crate) struct Progress {
    pub(crate) schedules: usize,
    pub(crate) step: Step,
    pub(crate) of_step: (usize, usize),
    pub(crate) findings: usize,
}

pub(crate) struct Search<R> {
    runner: Arc<R>,
    scope: Scope,
    policy: Policy,
    identify_by: Option<String>,
    found: BTreeMap<Kind, Finding>,
    /// Runs without faults in which nothing was sent.
    silent: Vec<Run>,
    accepted: HashMap<Schedule, Vec<bool>>,
    parents: HashMap<Workload, Vec<Parent>>,
    judged: HashSet<Schedule>,
    has_timeouts: bool,
    is_stopped: bool,
    is_enough: bool,
    explored: Explored,
    tell: Box<dyn Fn(&Progress)>,
}

/// Schedules that are given to the threads at once.
const CHUNK: usize = 512;
/// How many runs may be spent on making a finding simpler.
const SHRINKS: usize = 100;
/// The same, where runs are dear.
const FEW_SHRINKS: usize = 4;

impl<R: Runner> Search<R> {
    pub(crate) fn new(runner: Arc<R>, scope: Scope, policy: Policy, identify_by: Option<String>) -> Self {
        let explored = Explored {
            findings: Vec::new(),
            known: HashMap::new(),
            coverage: Coverage::default(),
            steps: Vec::new(),
            schedules: 0,
            merged: 0,
            inconclusive: 0,
            unsteady: None,
            kept: Vec::new(),
            random: 0,
        };
        Self {
            runner,
            scope,
            policy,
            identify_by,
            found: BTreeMap::new(),
            silent: Vec::new(),
            accepted: HashMap::new(),
            parents: HashMap::new(),
            judged: HashSet::new(),
            has_timeouts: false,
            is_stopped: false,
            is_enough: false,
            explored,
            tell: Box::new(|_| {}),
        }
    }

    pub(crate) fn telling(mut self, tell: impl Fn(&Progress) + 'static) -> Self {
        self.tell = Box::new(tell);
        self
    }

    /// Runs these schedules first, and then all of the scope.
    pub(crate) fn explore(mut self, kept: Vec<Schedule>) -> Explored {
        for schedule in kept {
            if !self.is_over() && self.has_root(schedule.workload) {
                let is_blamed = self.run_alone(&schedule);
                if self.is_stopped {
                    break;
                }
                self.explored.kept.push((schedule, is_blamed));
            }
        }
        for step in self.scope.steps.clone() {
            self.step(step);
            self.is_enough = self.found.keys().any(|kind| Some(kind.judge) == self.scope.until);
        }
        self.wander();
        self.conclude()
    }

    /// Runs one schedule alone.
    pub(crate) fn replay(mut self, schedule: Schedule) -> (Explored, Option<Run>) {
        if !self.has_root(schedule.workload) {
            return (self.conclude(), None);
        }
        let run = self.run_now(&schedule);
        self.judge(&run);
        (self.conclude(), Some(run))
    }

    fn step(&mut self, step: Step) {
        if self.is_enough {
            return;
        }
        if self.is_over() {
            self.explored.steps.push(StepDone { step, run: 0, left: None });
            return;
        }
        if !self.has_root(step.workload) {
            return;
        }
        if step.deviations == 0 {
            self.explored.steps.push(StepDone { step, run: 1, left: Some(0) });
            return;
        }
        let parents: Vec<Parent> = self.parents.remove(&step.workload).unwrap_or_default();
        let mut jobs = self.children(&parents, step.few);
        let chunk_size = match self.scope.thrift {
            Thrift::Cheap => CHUNK,
            Thrift::Dear => {
                jobs::sort(&mut jobs, &parents, &self.scope.alphabet);
                self.scope.threads.max(1)
            }
        };
        let all = jobs.len();
        if self.scope.thrift == Thrift::Dear {
            jobs.truncate(jobs::share(step.workload, step.deviations, self.scope.max_schedules));
        }
        let mut next: Vec<Parent> = Vec::new();
        let mut shapes: HashSet<((usize, usize), Shape)> = HashSet::new();
        let mut done = 0;
        let mut jobs = jobs.into_iter().peekable();
        while jobs.peek().is_some() && !self.is_over() {
            let room = self.scope.max_schedules.saturating_sub(self.explored.schedules).min(chunk_size);
            let chunk: Vec<Job> = jobs.by_ref().take(room).collect();
            let families: Vec<(usize, usize)> = chunk.iter().map(|job| job.family).collect();
            let runs = self.run_all(chunk.into_iter().map(|job| job.schedule).collect());
            for (run, family) in runs.into_iter().zip(families) {
                done += 1;
                let has_children = self.judge(&run);
                if !has_children {
                    continue;
                }
                if self.scope.merges && !shapes.insert((family, run.shape())) {
                    self.explored.merged += 1;
                    continue;
                }
                next.push(Parent { decisions: run.decisions(), schedule: run.schedule });
            }
            (self.tell)(&Progress {
                schedules: self.explored.schedules,
                step,
                of_step: (done, all),
                findings: self.found.len(),
            });
        }
        self.parents.insert(step.workload, next);
        self.explored.steps.push(StepDone { step, run: done, left: Some(all - done) });
    }

    /// The schedules with one deviation more.
    fn children(&self, parents: &[Parent], few: bool) -> Vec<Job> {
        let mut jobs = Vec::new();
        let is_asked = |deviation: &Deviation| !few || FEW.contains(deviation);
        let is_asked_of = |parent: &&Parent| parent.schedule.deviations().all(|(_, deviation)| is_asked(&deviation));
        for (number, parent) in parents.iter().filter(is_asked_of).enumerate() {
            for (place, decision) in parent.decisions.iter().enumerate() {
                if parent.schedule.len() == 0 && !self.is_mine(decision.place) {
                    continue;
                }
                for deviation in self.alphabet(decision.level).filter(is_asked) {
                    let schedule = parent.schedule.with(decision.place, deviation);
                    jobs.push(Job { schedule, family: (number, place), deviation });
                }
            }
        }
        jobs
    }

    /// What can go wrong at a request or an entry.
    fn alphabet(&self, level: Level) -> impl Iterator<Item = Deviation> {
        let has_timeouts = self.has_timeouts;
        let all = self.scope.alphabet.iter().copied().filter(move |deviation| deviation.letter.level() == level);
        all.filter(move |deviation| has_timeouts || deviation.letter != Letter::Late)
    }

    /// Whether what begins with a deviation here belongs to the part that is searched.
    fn is_mine(&self, place: Place) -> bool {
        let (number, of) = self.scope.shard;
        let key = combined(&[place.event as u64, place.try_number as u64]);
        of <= 1 || key % of as u64 == number as u64
    }

    fn is_over(&self) -> bool {
        self.is_stopped
            || self.runner.is_interrupted()
            || self.explored.schedules >= self.scope.max_schedules
            || self.runner.elapsed() >= self.scope.max_time
    }

    /// Lets everything go well once, twice, and learns the events; whether there is one.
    fn has_root(&mut self, workload: Workload) -> bool {
        if let Some(known) = self.explored.known.get(&workload) {
            return !known.events.is_empty();
        }
        if self.runner.given(workload) == Some(0) || self.is_stopped {
            return false;
        }
        let root = Schedule::of(workload);
        let first = self.run_now(&root);
        if matches!(first.ending, Ending::Abandoned) {
            self.is_stopped = true;
            return false;
        }
        let known = Known::of(&first.ledger, self.identify_by.as_deref(), workload);
        let is_there = !known.events.is_empty();
        self.explored.known.insert(workload, known);
        let second = match self.scope.thrift {
            Thrift::Dear if self.explored.known.len() > 1 => Run::new(
                root.clone(),
                Done { journal: first.journal().clone(), ending: first.ending.clone(), attempts: first.attempts },
                self.identify_by.as_deref(),
                self.explored.known.get(&workload),
            ),
            _ => self.run_now(&root),
        };
        if matches!(second.ending, Ending::Abandoned) {
            self.is_stopped = true;
            return false;
        }
        if self.explored.unsteady.is_none() && second.shape() != first.shape() {
            self.explored.unsteady =
                Some(Unsteady { schedule: root.clone(), first: first.clone(), second: second.clone() });
        }
        if !is_there {
            self.silent.push(second);
            return false;
        }
        let run = second;
        if self.judge(&run) {
            if !self.has_timeouts && self.explored.schedules < self.scope.max_schedules {
                self.look_for_timeouts(&run);
            }
            let parent = Parent { decisions: run.decisions(), schedule: root };
            self.parents.insert(workload, vec![parent]);
        }
        is_there
    }

    /// Late answers are only worth a try where somebody does not wait for them.
    fn look_for_timeouts(&mut self, root: &Run) {
        let late = Deviation::new(Letter::Late, Lasts::Once);
        let first = root.decisions().into_iter().find(|decision| decision.level == Level::Request);
        if let (Some(decision), true) = (first, self.scope.alphabet.contains(&late)) {
            let run = self.run_now(&root.schedule.with(decision.place, late));
            self.has_timeouts = run.journal().attempts().iter().any(|attempt| {
                attempt.ended().is_some_and(|ended| !ended.was_answered) && !attempt.delivery().delay.is_zero()
            });
        }
    }

    fn run_now(&mut self, schedule: &Schedule) -> Run {
        self.run_all(vec![schedule.clone()]).remove(0)
    }

    fn run_alone(&mut self, schedule: &Schedule) -> bool {
        let before = self.found.len();
        let run = self.run_now(schedule);
        let bench = self.violations(&run);
        self.judge(&run);
        !bench.is_empty() || self.found.len() > before
    }

    /// Runs all of them, on several threads.
    fn run_all(&mut self, schedules: Vec<Schedule>) -> Vec<Run> {
        let is_asked = |workload: &Workload| schedules.iter().any(|schedule| schedule.workload == *workload);
        let known = self.explored.known.iter().filter(|(workload, _)| is_asked(workload));
        let known = known.map(|(workload, known)| (*workload, known.clone())).collect();
        let pool = Pool::new(Arc::clone(&self.runner), schedules, known, self.identify_by.clone());
        let (runs, is_blocked) = pool.run(self.scope.threads, self.scope.guard);
        self.is_stopped |= is_blocked;
        self.explored.schedules += runs.len();
        runs
    }

    /// Records what the judges have against a run, and says whether it may have children.
    fn judge(&mut self, run: &Run) -> bool {
        if matches!(run.ending, Ending::Abandoned) {
            self.is_stopped = true;
            return false;
        }
        self.judged.insert(run.schedule.clone());
        self.explored.coverage.add(run);
        if !run.is_conclusive() {
            self.explored.inconclusive += 1;
        }
        self.remember(run);
        let violations = self.violations(run);
        let is_endless = violations.iter().any(|it| matches!(it.judge, Judge::Endless | Judge::Unbounded));
        for violation in violations {
            self.record(violation, run);
        }
        !is_endless && run.is_conclusive()
    }

    fn remember(&mut self, run: &Run) {
        let events = self.explored.known.get(&run.schedule.workload).map_or(0, |known| known.events.len());
        let is_accepted =
            |number| run.lines().filter(|(event, _)| *event == Some(number)).all(|(_, line)| line.times_accepted() > 0);
        self.accepted.insert(run.schedule.clone(), (0..events).map(is_accepted).collect());
    }

    fn violations(&mut self, run: &Run) -> Vec<Violation> {
        // What would have become of an event alone is asked for a few schedules only, and some of them have not been run.
        let mut missing = HashSet::new();
        for (event, line) in run.lines() {
            let Some(event) = event.filter(|_| line.times_accepted() == 0) else { continue };
            let alone = run.schedule.only(event);
            if alone != run.schedule && !self.accepted.contains_key(&alone) {
                missing.insert(alone);
            }
        }
        for alone in missing {
            let run = self.run_now(&alone);
            self.remember(&run);
        }
        let accepted_alone = |event: usize| {
            let alone = run.schedule.only(event);
            (alone != run.schedule).then(|| self.accepted.get(&alone)?.get(event).copied()).flatten()
        };
        let given = self.runner.given(run.schedule.workload);
        violations(run, &Bench { policy: &self.policy, given, accepted_alone: &accepted_alone })
    }

    fn record(&mut self, violation: Violation, run: &Run) {
        let kind = Kind::of(&violation, run);
        let is_simpler = self.found.get(&kind).is_none_or(|best| run.schedule.rank() < best.run.schedule.rank());
        if is_simpler {
            self.found.insert(kind, Finding { violation, run: run.clone(), is_unsteady: false, also: None });
        }
    }

    /// Schedules at random beyond the steps: each is reached from the good run, one deviation after the other.
    fn wander(&mut self) {
        let Some((seed, schedules)) = self.scope.random else { return };
        let workloads: Vec<Workload> = {
            let mut all: Vec<Workload> = self.scope.steps.iter().map(|step| step.workload).collect();
            all.sort_unstable();
            all.dedup();
            all
        };
        let mut state = hash(&seed.to_le_bytes());
        let mut draw = |below: usize| {
            state = mix(state);
            usize::try_from(state % below.max(1) as u64).unwrap_or(0)
        };
        while self.explored.random < schedules && !self.is_over() {
            let Some(workload) = workloads.get(draw(workloads.len())).copied() else { return };
            if !self.has_root(workload) {
                return;
            }
            let mut schedule = Schedule::of(workload);
            for _ in 0..=draw(4) {
                let run = self.run_now(&schedule);
                if schedule.len() > 0 && !self.judge(&run) {
                    break;
                }
                let decisions = run.decisions();
                let Some(decision) = decisions.get(draw(decisions.len())) else { break };
                let alphabet: Vec<Deviation> = self.alphabet(decision.level).collect();
                let Some(deviation) = alphabet.get(draw(alphabet.len())) else { break };
                schedule = schedule.with(decision.place, *deviation);
            }
            let run = self.run_now(&schedule);
            self.judge(&run);
            self.explored.random += 1;
        }
    }

    /// Looks at each finding again: whether it is steady, and whether something simpler shows the same.
    fn conclude(mut self) -> Explored {
        // Where nothing is ever sent, nothing can be judged. Where it depends on how much there is to send, events are lost.
        if self.explored.known.values().any(|known| !known.events.is_empty()) {
            for run in std::mem::take(&mut self.silent) {
                for violation in self.violations(&run) {
                    self.record(violation, &run);
                }
            }
        }
        let found = std::mem::take(&mut self.found);
        for (kind, finding) in found {
            let again = if self.is_hurried() { None } else { Some(self.run_now(&finding.run.schedule)) };
            let again = again.filter(|again| !matches!(again.ending, Ending::Abandoned));
            let finding = match again {
                None => finding,
                Some(again) if self.is_chance(kind, &again) => continue,
                Some(again) if again.shape() != finding.run.shape() => {
                    let schedule = finding.run.schedule.clone();
                    let unsteady = Unsteady { schedule, first: finding.run.clone(), second: again };
                    self.explored.unsteady.get_or_insert(unsteady);
                    Finding { is_unsteady: true, ..finding }
                }
                Some(_) => self.shrunken(kind, finding),
            };
            self.explored.findings.push(finding);
        }
        self.found.clear();
        self.join_ways();
        self.explored
    }

    /// Whether there is no time to run anything again.
    fn is_hurried(&self) -> bool {
        self.is_stopped
            || self.runner.is_interrupted()
            || self.scope.thrift == Thrift::Dear && self.runner.elapsed() >= self.scope.max_time
    }

    /// Whether what was found is about real times, and did not show again.
    fn is_chance(&mut self, kind: Kind, again: &Run) -> bool {
        self.scope.thrift == Thrift::Dear
            && kind.judge.is_about_times()
            && self.violations(again).iter().all(|violation| violation.judge != kind.judge)
    }

    /// Leaves one finding for each rule.
    fn join_ways(&mut self) {
        let mut findings = std::mem::take(&mut self.explored.findings);
        findings.sort_by_cached_key(|finding| finding.run.schedule.rank());
        for finding in findings {
            let same = |other: &&mut Finding| other.violation.judge == finding.violation.judge;
            match self.explored.findings.iter_mut().find(same) {
                Some(simpler) => {
                    let is_other = finding.run.schedule != simpler.run.schedule;
                    simpler.also = simpler.also.take().or(is_other.then_some(finding.run.schedule));
                }
                None => self.explored.findings.push(finding),
            }
        }
        self.explored.findings.sort_by_key(|finding| (finding.run.schedule.len(), finding.violation.judge));
    }

    /// The simplest that shows the same.
    fn shrunken(&mut self, kind: Kind, mut finding: Finding) -> Finding {
        let mut budget = if self.scope.thrift == Thrift::Dear { FEW_SHRINKS } else { SHRINKS };
        loop {
            let simpler = simpler(&finding.run.schedule).into_iter().find_map(|schedule| {
                // What was judged before and shows the same would have been found instead.
                let is_known = self.judged.contains(&schedule);
                if budget == 0 || is_known || self.is_hurried() || !self.has_root(schedule.workload) {
                    return None;
                }
                budget -= 1;
                let run = self.run_now(&schedule);
                self.remember(&run);
                let same = self.violations(&run).into_iter().find(|violation| Kind::of(violation, &run) == kind)?;
                run.is_conclusive().then_some(Finding { violation: same, run, is_unsteady: false, also: None })
            });
            match simpler {
                Some(simpler) => finding = simpler,
                None => return finding,
            }
        }
    }
}
