//! The search: all schedules with one deviation, then all with two, and so on.
//!
//! A schedule is a set of deviations from the run without faults. Each run shows the places where a further fault could apply. The
//! children of a schedule have one more deviation, at a place after all deviations that the schedule has. So the tree has only what
//! the publisher really reaches, each schedule comes once, and the first schedule that breaks a rule has the fewest deviations that
//! break it.
//!
//! # What is left out, and what is not
//!
//! * Children that deviate at the same place are all judged. If the publisher then sends and reports the same with several of them,
//!   only the simplest has children. That misses a bug only if the publisher remembers the error and acts on it later. So the
//!   summary counts the schedules without children, and a thorough search leaves none out.
//! * A schedule whose run does not end, or retries without bound, has no children: their number would have no bound.
//! * Events are not interchangeable. A bug of position shows in one order of two events and not in the other: `A,RA` shows that the
//!   first entries are resent instead of the failed entries, and `RA,A` does not.
//! * Partial-order reduction does not help: there is one client and one service.

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

/// The deviations that find the most bugs: one fails a request in part, the other fails it as a whole.
const FEW: [Deviation; 2] =
    [Deviation::new(Letter::Throttled, Lasts::Once), Deviation::new(Letter::ServerError, Lasts::Call)];

/// The progress of a search.
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

/// The result of judging a run.
struct Judged {
    /// Whether it breaks a rule.
    is_blamed: bool,
    /// Whether its schedule may have children.
    has_children: bool,
}

/// The number of schedules that the threads get at once.
const CHUNK: usize = 512;
/// The bound on the runs that shrink a finding.
const SHRINKS: usize = 100;
/// The bound on the runs that shrink a finding on real time.
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

    /// Runs the kept schedules first, and then the schedules of the scope.
    pub(crate) fn explore(mut self, kept: Vec<Schedule>) -> Explored {
        for schedule in kept {
            if !self.is_over() && self.has_root(schedule.workload) {
                let run = self.run_now(&schedule);
                let Judged { is_blamed, .. } = self.judge(&run);
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
                if !self.judge(&run).has_children {
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

    /// The schedules with one more deviation.
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

    /// The deviations of a request or of an entry.
    fn alphabet(&self, level: Level) -> impl Iterator<Item = Deviation> {
        let has_timeouts = self.has_timeouts;
        let all = self.scope.alphabet.iter().copied().filter(move |deviation| deviation.letter.level() == level);
        all.filter(move |deviation| has_timeouts || deviation.letter != Letter::Late)
    }

    /// Whether schedules whose first deviation is here belong to the part that is searched.
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

    /// Runs a workload twice without faults, and learns its events. Returns whether there is an event.
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
        if second.events.contains(&None) {
            // If each run has different events, nothing can be judged.
            self.explored.known.insert(workload, Known::default());
            return false;
        }
        if !is_there {
            self.silent.push(second);
            return false;
        }
        let run = second;
        if self.judge(&run).has_children {
            if !self.has_timeouts && self.explored.schedules < self.scope.max_schedules {
                self.look_for_timeouts(&run);
            }
            let parent = Parent { decisions: run.decisions(), schedule: root };
            self.parents.insert(workload, vec![parent]);
        }
        is_there
    }

    /// Finds out whether the publisher has a timeout. Late replies are tried only if it has.
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

    /// Runs these schedules on several threads.
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

    /// Judges a run, and records its violations.
    fn judge(&mut self, run: &Run) -> Judged {
        if matches!(run.ending, Ending::Abandoned) {
            self.is_stopped = true;
            return Judged { is_blamed: false, has_children: false };
        }
        self.judged.insert(run.schedule.clone());
        self.explored.coverage.add(run);
        if !run.is_conclusive() {
            self.explored.inconclusive += 1;
        }
        self.remember(run);
        let violations = self.violations(run);
        let is_endless = violations.iter().any(|it| matches!(it.judge, Judge::Endless | Judge::Unbounded));
        let is_blamed = !violations.is_empty();
        for violation in violations {
            self.record(violation, run);
        }
        Judged { is_blamed, has_children: !is_endless && run.is_conclusive() }
    }

    fn remember(&mut self, run: &Run) {
        let events = self.explored.known.get(&run.schedule.workload).map_or(0, |known| known.events.len());
        let is_accepted =
            |number| run.lines().filter(|(event, _)| *event == Some(number)).all(|(_, line)| line.times_accepted() > 0);
        self.accepted.insert(run.schedule.clone(), (0..events).map(is_accepted).collect());
    }

    fn violations(&mut self, run: &Run) -> Vec<Violation> {
        // The judge `Dependent` needs the runs with the deviations of one event alone. Those that are missing are run now.
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

    /// Runs random schedules beyond the steps. Each is reached from the run without faults, one deviation after the other.
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
            let deviations = 1 + draw(4);
            loop {
                let run = self.run_now(&schedule);
                // The run without faults was judged with its workload.
                let goes_on = schedule.len() == 0 || self.judge(&run).has_children;
                if !goes_on || schedule.len() == deviations {
                    break;
                }
                let decisions = run.decisions();
                let Some(decision) = decisions.get(draw(decisions.len())) else { break };
                let alphabet: Vec<Deviation> = self.alphabet(decision.level).collect();
                let Some(deviation) = alphabet.get(draw(alphabet.len())) else { break };
                schedule = schedule.with(decision.place, *deviation);
            }
            self.explored.random += 1;
        }
    }

    /// Repeats each finding, and shrinks it.
    fn conclude(mut self) -> Explored {
        // If no workload is sent, nothing can be judged. If only some workloads are sent, the events of the others are lost.
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

    /// Whether there is no time for further runs.
    fn is_hurried(&self) -> bool {
        self.is_stopped
            || self.runner.is_interrupted()
            || self.scope.thrift == Thrift::Dear && self.runner.elapsed() >= self.scope.max_time
    }

    /// Whether a finding is about real times and did not show in a second run.
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

    /// The simplest finding of the same kind.
    fn shrunken(&mut self, kind: Kind, mut finding: Finding) -> Finding {
        let mut budget = if self.scope.thrift == Thrift::Dear { FEW_SHRINKS } else { SHRINKS };
        loop {
            let simpler = simpler(&finding.run.schedule).into_iter().find_map(|schedule| {
                // A schedule that was judged before cannot show the same: it would be the finding.
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    use std::thread;
    use std::time::{Duration, SystemTime};

    use serde_json::{Value, json};

    use super::*;
    use crate::check::Reported;
    use crate::engine::{Engine, Now};
    use crate::fault::{End, Fault};
    use crate::service::Ids;

    /// A mock without a socket, on a clock that moves by a second with each request.
    struct Line {
        engine: Engine,
        ids: Ids,
        time: Duration,
    }

    impl Line {
        fn new(faults: Vec<Fault>) -> Self {
            let mut engine = Engine::new();
            for fault in faults {
                engine.inject(fault);
            }
            Self { engine, ids: Ids::counting(), time: Duration::ZERO }
        }

        /// The code of each event, `None` if it was accepted; or `None` for all if no reply came.
        fn put(&mut self, events: &[usize]) -> Option<Vec<Option<String>>> {
            let entry = |event: &usize| {
                let detail = json!({ "orderId": event }).to_string();
                json!({ "Source": "shop", "DetailType": "OrderPlaced", "Detail": detail })
            };
            let body = json!({ "Entries": events.iter().map(entry).collect::<Vec<_>>() });
            let request = http::Request::post("/")
                .header("content-type", "application/x-amz-json-1.1")
                .header("x-amz-target", "AWSEvents.PutEvents")
                .body(body.to_string().into())
                .unwrap();
            let now = |time| Now::new(time, SystemTime::UNIX_EPOCH);
            let reply = self.engine.handle(request, now(self.time), &mut self.ids);
            let is_told = reply.delivery().end == End::Whole && reply.delivery().delay.is_zero();
            let over = now(self.time + Duration::from_millis(1));
            self.time += Duration::from_secs(1);
            if !is_told {
                self.engine.abandoned(reply.attempt(), over);
                return None;
            }
            self.engine.answered(reply.attempt(), over);
            let body: Value = serde_json::from_slice(reply.body()).unwrap();
            let results = body["Entries"].as_array()?.iter();
            Some(results.map(|result| result["ErrorCode"].as_str().map(str::to_owned)).collect())
        }
    }

    type Publish = fn(&mut Line, Vec<usize>) -> Reported;

    /// A publisher that is a function, and a record of its runs.
    struct Fake {
        publish: Publish,
        /// The workload and the faults of each run.
        runs: Mutex<Vec<String>>,
        /// The number of runs after which the search is interrupted.
        interrupted_after: usize,
        elapsed: Duration,
        begun: AtomicUsize,
    }

    impl Fake {
        fn new(publish: Publish) -> Self {
            Self {
                publish,
                runs: Mutex::default(),
                interrupted_after: usize::MAX,
                elapsed: Duration::ZERO,
                begun: AtomicUsize::new(0),
            }
        }
    }

    impl Runner for Fake {
        fn run(&self, workload: Workload, faults: Vec<Fault>) -> Done {
            self.begun.fetch_add(1, Relaxed);
            self.runs.lock().unwrap().push(format!("{workload} {faults:?}"));
            let mut line = Line::new(faults);
            let said = (self.publish)(&mut line, (0..workload.events()).collect());
            let journal = line.engine.journal();
            let attempts = journal.attempts().len();
            Done { journal, ending: Ending::Said(said), attempts }
        }

        fn given(&self, workload: Workload) -> Option<usize> {
            Some(workload.events())
        }

        fn elapsed(&self) -> Duration {
            self.elapsed
        }

        fn is_interrupted(&self) -> bool {
            self.begun.load(Relaxed) >= self.interrupted_after
        }
    }

    /// Sends one batch, and once more the events that failed, or all events if no reply came.
    fn right(line: &mut Line, events: Vec<usize>) -> Reported {
        let mut open = events;
        let mut result = Ok(());
        for _ in 0..2 {
            let Some(codes) = line.put(&open) else { continue };
            let failed = open.into_iter().zip(codes).filter_map(|(event, code)| Some((event, code?)));
            let (again, refused): (Vec<_>, Vec<_>) =
                failed.partition(|(_, code)| ["ThrottlingException", "InternalFailure"].contains(&&**code));
            result = if refused.is_empty() { result } else { Err(()) };
            open = again.into_iter().map(|(event, _)| event).collect();
            if open.is_empty() {
                return result.into();
            }
        }
        Reported::some_failed()
    }

    /// Resends the whole batch if an event failed.
    fn resends(line: &mut Line, events: Vec<usize>) -> Reported {
        for _ in 0..3 {
            if line.put(&events).is_some_and(|codes| codes.iter().all(Option::is_none)) {
                return Reported::all_published();
            }
        }
        Reported::some_failed()
    }

    /// Loses events that failed twice.
    fn loses_at_the_second_failure(line: &mut Line, events: Vec<usize>) -> Reported {
        for _ in 0..2 {
            if line.put(&events).is_some_and(|codes| codes.iter().all(Option::is_none)) {
                break;
            }
        }
        Reported::all_published()
    }

    const ONCE: [Letter; 3] = [Letter::Throttled, Letter::Permanent, Letter::Lost];

    fn scope(events: usize, deviations: usize, letters: &[Letter]) -> Scope {
        let step = |deviations| Step { workload: Workload::Plain(events), deviations, few: false };
        Scope {
            steps: (0..=deviations).map(step).collect(),
            alphabet: letters.iter().map(|letter| Deviation::new(*letter, Lasts::Once)).collect(),
            merges: false,
            max_schedules: 10_000,
            max_time: Duration::from_secs(3_600),
            random: None,
            shard: (0, 1),
            until: None,
            threads: 2,
            guard: Duration::from_secs(60),
            thrift: Thrift::Cheap,
        }
    }

    fn search(fake: &Arc<Fake>, scope: &Scope) -> Search<Fake> {
        let policy = Policy { tries_at_least: 1, ..Policy::default() };
        Search::new(Arc::clone(fake), scope.clone(), policy, Some("/orderId".to_owned()))
    }

    /// The schedules of a scope, without repeated runs.
    fn schedules(publish: Publish, scope: &Scope) -> BTreeSet<String> {
        let mut search = search(&Arc::new(Fake::new(publish)), scope);
        scope.steps.iter().for_each(|step| search.step(*step));
        search.wander();
        search.judged.iter().map(ToString::to_string).collect()
    }

    fn texts(texts: &str) -> BTreeSet<String> {
        texts.split_whitespace().map(str::to_owned).collect()
    }

    fn found(explored: &Explored) -> Vec<(Judge, String)> {
        explored.findings.iter().map(|it| (it.violation.judge, it.run.schedule.to_string())).collect()
    }

    #[test]
    fn the_tree_is_what_the_publisher_reaches() {
        let one = scope(1, 2, &ONCE);
        // Nothing comes after a permanent error, and nothing after a second try.
        assert_eq!(schedules(right, &one), texts("A  R P L  RR RP RL  (RL) (PL) LR LP LL"));
        // Both entries have faults, and the request by the event that comes first in it.
        assert_eq!(schedules(right, &scope(2, 1, &ONCE)), texts("A,A R,A P,A L,A A,R A,P"));
        let two = schedules(right, &scope(2, 2, &ONCE));
        // The second event alone is the first of the next request.
        for schedule in ["R,R", "RL,A", "A,RL", "L,R", "A,P"] {
            assert!(two.contains(schedule), "{schedule} is not among {two:?}");
        }
        // This event is not sent again.
        assert!(!two.contains("A,PR") && !two.contains("A,L"), "{two:?}");
    }

    #[test]
    fn each_schedule_is_run_once_and_the_good_run_twice() {
        for (publish, threads) in [(right as Publish, 1), (right, 4), (resends, 3)] {
            let fake = Arc::new(Fake::new(publish));
            let scope = Scope { threads, ..scope(2, 3, &ONCE) };
            let mut search = search(&fake, &scope);
            scope.steps.iter().for_each(|step| search.step(*step));
            let runs = fake.runs.lock().unwrap().clone();
            let different: BTreeSet<&String> = runs.iter().collect();
            assert!(different.len() > 50, "{}", different.len());
            assert_eq!(runs.len(), different.len() + 1);
            assert_eq!(search.explored.schedules, runs.len());
        }
    }

    #[test]
    fn of_siblings_with_the_same_effect_one_has_children_and_all_are_judged() {
        let letters = [Letter::Throttled, Letter::Internal];
        let apart = scope(1, 2, &letters);
        let merged = Scope { merges: true, ..apart.clone() };
        assert_eq!(schedules(right, &apart), texts("A R I RR RI IR II"));
        assert_eq!(schedules(right, &merged), texts("A R I RR RI"));
        let explored = search(&Arc::new(Fake::new(right)), &merged).explore(Vec::new());
        // One schedule is merged at the first try and one at the second.
        assert_eq!((explored.merged, explored.schedules), (2, 6));
        // A permanent code has another effect.
        let letters = [Letter::Throttled, Letter::Permanent];
        let merged = Scope { merges: true, ..scope(1, 2, &letters) };
        assert_eq!(schedules(right, &merged), texts("A R P RR RP"));
    }

    #[test]
    fn what_is_found_has_the_fewest_deviations_and_the_simplest_ones() {
        // The order of the alphabet does not matter.
        for letters in
            [[Letter::Throttled, Letter::Lost, Letter::Internal], [Letter::Internal, Letter::Lost, Letter::Throttled]]
        {
            let explored = search(&Arc::new(Fake::new(resends)), &scope(2, 2, &letters)).explore(Vec::new());
            assert!(found(&explored).contains(&(Judge::Resent, "R,A".to_owned())), "{:?}", found(&explored));
            let explored =
                search(&Arc::new(Fake::new(loses_at_the_second_failure)), &scope(1, 3, &letters)).explore(Vec::new());
            assert!(found(&explored).contains(&(Judge::Lost, "RR".to_owned())), "{:?}", found(&explored));
        }
    }

    #[test]
    fn a_search_ends_with_the_step_that_shows_the_rule_broken() {
        let until = Scope { until: Some(Judge::Resent), ..scope(2, 3, &ONCE) };
        let explored = search(&Arc::new(Fake::new(resends)), &until).explore(Vec::new());
        let done: Vec<usize> = explored.steps.iter().map(|done| done.step.deviations).collect();
        assert_eq!(done, [0, 1]);
        let other = Scope { until: Some(Judge::OutOfOrder), ..until };
        let explored = search(&Arc::new(Fake::new(resends)), &other).explore(Vec::new());
        assert_eq!(explored.steps.len(), 4);
    }

    #[test]
    fn parts_share_only_the_good_run_and_together_they_are_the_whole() {
        let whole = scope(3, 2, &ONCE);
        let all = schedules(right, &whole);
        let parts: Vec<BTreeSet<String>> =
            (0..3).map(|part| schedules(right, &Scope { shard: (part, 3), ..whole.clone() })).collect();
        assert_eq!(parts.iter().flatten().cloned().collect::<BTreeSet<_>>(), all);
        for (one, other) in [(0, 1), (0, 2), (1, 2)] {
            assert_eq!(parts[one].intersection(&parts[other]).collect::<Vec<_>>(), ["A,A,A"]);
        }
    }

    #[test]
    fn a_seed_draws_the_same_schedules_again() {
        let drawn = |seed, threads| {
            let scope = Scope { random: Some((seed, 40)), threads, ..scope(3, 0, &ONCE) };
            schedules(right, &scope)
        };
        assert_eq!(drawn(7, 1), drawn(7, 4));
        assert_ne!(drawn(7, 1), drawn(8, 1));
        // A random schedule may have more deviations than the steps.
        assert!(drawn(7, 1).iter().any(|schedule| schedule.parse::<Schedule>().unwrap().len() > 2));
    }

    #[test]
    fn what_a_budget_leaves_out_is_counted() {
        let all = scope(2, 2, &ONCE);
        let done = |explored: &Explored| -> Vec<(usize, Option<usize>)> {
            explored.steps.iter().map(|done| (done.run, done.left)).collect()
        };
        let explored = search(&Arc::new(Fake::new(right)), &all).explore(Vec::new());
        let complete = done(&explored);
        assert_eq!(complete[..2], [(1, Some(0)), (5, Some(0))]);
        // The run without faults comes twice, and then two of five schedules.
        let few = Scope { max_schedules: 4, ..all.clone() };
        let explored = search(&Arc::new(Fake::new(right)), &few).explore(Vec::new());
        assert_eq!(done(&explored), [(1, Some(0)), (2, Some(3)), (0, None)]);
        assert_eq!(explored.schedules, 4);
        let late = Fake { elapsed: all.max_time, ..Fake::new(right) };
        let explored = search(&Arc::new(late), &all).explore(Vec::new());
        assert_eq!(done(&explored), [(0, None), (0, None), (0, None)]);
        assert_eq!(explored.schedules, 0);
    }

    #[test]
    fn a_search_that_is_interrupted_tells_what_it_has_found() {
        let scope = Scope { threads: 1, ..scope(2, 3, &ONCE) };
        // The step with one deviation has ended: the run without faults twice, and five schedules.
        let interrupted = Fake { interrupted_after: 7, ..Fake::new(resends) };
        let explored = search(&Arc::new(interrupted), &scope).explore(Vec::new());
        assert!(found(&explored).contains(&(Judge::Resent, "R,A".to_owned())), "{:?}", found(&explored));
        assert_eq!(explored.schedules, 7);
        let done: Vec<(usize, Option<usize>)> = explored.steps.iter().map(|done| (done.run, done.left)).collect();
        assert_eq!(done, [(1, Some(0)), (5, Some(0)), (0, None), (0, None)]);
    }

    /// Holds its thread for ever if an event fails.
    fn blocks(line: &mut Line, events: Vec<usize>) -> Reported {
        let codes = line.put(&events);
        while codes.as_ref().is_none_or(|codes| codes.iter().any(Option::is_some)) {
            thread::park();
        }
        Reported::all_published()
    }

    #[test]
    fn a_run_that_holds_its_thread_is_left_alone_and_told_of() {
        for threads in [1, 2] {
            let scope = Scope { guard: Duration::from_secs(1), threads, ..scope(1, 2, &[Letter::Throttled]) };
            let explored = search(&Arc::new(Fake::new(blocks)), &scope).explore(Vec::new());
            let [finding] = &explored.findings[..] else { panic!("{:?}", found(&explored)) };
            assert_eq!((finding.violation.judge, finding.run.schedule.to_string()), (Judge::Endless, "R".to_owned()));
            assert!(matches!(finding.run.ending, Ending::Blocked(guard) if guard == scope.guard));
            // No run starts after it: the thread may hold locks.
            let done: Vec<(usize, Option<usize>)> = explored.steps.iter().map(|done| (done.run, done.left)).collect();
            assert_eq!(done, [(1, Some(0)), (1, Some(0)), (0, None)]);
        }
    }

    #[test]
    fn schedules_that_were_kept_run_first_and_say_whether_they_still_fail() {
        let kept = |text: &str| text.parse::<Schedule>().unwrap();
        // The budget has room for the runs without faults and the kept schedules, and for nothing else.
        let few = Scope { max_schedules: 4, ..scope(1, 3, &ONCE) };
        let explored = search(&Arc::new(Fake::new(resends)), &few).explore(vec![kept("R,A")]);
        assert_eq!(explored.kept, [(kept("R,A"), true)]);
        assert_eq!(found(&explored), [(Judge::Resent, "R,A".to_owned())]);
        let explored = search(&Arc::new(Fake::new(right)), &few).explore(vec![kept("R,A"), kept("L,A")]);
        assert_eq!(explored.kept, [(kept("R,A"), false), (kept("L,A"), false)]);
    }

    #[test]
    fn a_schedule_that_was_not_reached_proves_nothing() {
        let (explored, run) = search(&Arc::new(Fake::new(right)), &scope(1, 0, &ONCE)).replay("..R".parse().unwrap());
        assert!(run.is_some_and(|run| !run.is_conclusive()));
        assert_eq!(explored.inconclusive, 1);
        let (explored, run) = search(&Arc::new(Fake::new(right)), &scope(1, 0, &ONCE)).replay("RL".parse().unwrap());
        assert!(run.is_some_and(|run| run.is_conclusive()));
        assert_eq!(explored.inconclusive, 0);
    }

    #[test]
    fn a_publisher_that_does_something_else_the_second_time_is_told_of() {
        static RUNS: AtomicUsize = AtomicUsize::new(0);
        let fickle: Publish = |line, mut events| {
            if RUNS.fetch_add(1, Relaxed) % 2 == 1 {
                events.reverse();
            }
            right(line, events)
        };
        let explored =
            search(&Arc::new(Fake::new(fickle)), &Scope { threads: 1, ..scope(2, 0, &ONCE) }).explore(Vec::new());
        let unsteady = explored.unsteady.unwrap();
        assert_eq!(unsteady.schedule.to_string(), "A,A");
        assert_eq!(unsteady.first.shape().requests, [vec![Some(0), Some(1)]]);
        assert_eq!(unsteady.second.shape().requests, [vec![Some(1), Some(0)]]);
    }
}
