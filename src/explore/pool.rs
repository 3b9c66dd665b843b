//! The threads that run a publisher, and the watch for a run that holds its thread.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use super::run::{Done, Ending, Known, Run};
use super::schedule::Schedule;
use super::workload::Workload;
use crate::fault::Fault;
use crate::journal::Journal;

/// Runs the publisher.
pub(crate) trait Runner: Send + Sync + 'static {
    /// Runs the publisher with a workload and these faults, injected in their order.
    fn run(&self, workload: Workload, faults: Vec<Fault>) -> Done;

    /// The number of events of a workload, if it is known.
    fn given(&self, workload: Workload) -> Option<usize>;

    /// The real time since the search began.
    fn elapsed(&self) -> Duration;

    /// Whether the user has interrupted the search. It then ends with what it has found.
    fn is_interrupted(&self) -> bool {
        false
    }
}

/// Schedules that several threads run.
pub(super) struct Pool<R>(Arc<Shared<R>>);

struct Shared<R> {
    runner: Arc<R>,
    schedules: Vec<Schedule>,
    known: HashMap<Workload, Known>,
    identify_by: Option<String>,
    next: AtomicUsize,
    running: Mutex<HashSet<usize>>,
}

impl<R: Runner> Pool<R> {
    pub(super) fn new(
        runner: Arc<R>,
        schedules: Vec<Schedule>,
        known: HashMap<Workload, Known>,
        identify_by: Option<String>,
    ) -> Self {
        let (next, running) = (AtomicUsize::new(0), Mutex::default());
        Self(Arc::new(Shared { runner, schedules, known, identify_by, next, running }))
    }

    /// The runs in the order of their schedules, and whether one of them held its thread. No run starts after such a run.
    pub(super) fn run(self, threads: usize, guard: Duration) -> (Vec<Run>, bool) {
        let Self(shared) = self;
        let count = shared.schedules.len();
        let (sender, receiver) = mpsc::channel();
        for number in 0..threads.clamp(1, count.max(1)) {
            let (of_thread, sender_of_thread) = (Arc::clone(&shared), sender.clone());
            let work = move || of_thread.work(&sender_of_thread);
            let spawned = thread::Builder::new().name("publisher-check".into()).spawn(work);
            if number == 0 && spawned.is_err() {
                shared.work(&sender); // No thread could start.
            }
        }
        drop(sender);
        let mut runs: Vec<Option<Run>> = (0..count).map(|_| None).collect();
        let mut is_blocked = false;
        loop {
            match receiver.recv_timeout(guard) {
                Ok((index, run)) => set(&mut runs, index, run),
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    is_blocked = true;
                    shared.next.store(count, Relaxed);
                    shared.running().iter().for_each(|index| set(&mut runs, *index, shared.blocked(*index, guard)));
                    break;
                }
            }
        }
        (runs.into_iter().map_while(|run| run).collect(), is_blocked)
    }
}

fn set(runs: &mut [Option<Run>], index: usize, run: Run) {
    if let Some(there) = runs.get_mut(index) {
        *there = Some(run);
    }
}

impl<R: Runner> Shared<R> {
    fn work(&self, sender: &mpsc::Sender<(usize, Run)>) {
        loop {
            let index = self.next.fetch_add(1, Relaxed);
            let Some(schedule) = self.schedules.get(index) else { return };
            self.running().insert(index);
            let known = self.known.get(&schedule.workload);
            let faults =
                known.map(|known| schedule.faults(&known.events, self.identify_by.as_deref())).unwrap_or_default();
            let done = self.runner.run(schedule.workload, faults);
            let run = self.look_at(schedule, done);
            self.running().remove(&index);
            if sender.send((index, run)).is_err() {
                return;
            }
        }
    }

    fn look_at(&self, schedule: &Schedule, done: Done) -> Run {
        let known = self.known.get(&schedule.workload);
        Run::new(schedule.clone(), done, self.identify_by.as_deref(), known)
    }

    fn running(&self) -> MutexGuard<'_, HashSet<usize>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A run that holds its thread. Its journal is not known.
    fn blocked(&self, index: usize, guard: Duration) -> Run {
        let schedule = self.schedules.get(index).cloned().unwrap_or_else(|| Schedule::of(Workload::Own));
        let journal = Journal::new();
        self.look_at(&schedule, Done { journal, ending: Ending::Blocked(guard), attempts: 0 })
    }
}
