//! What the test and the connections share: one engine, and a signal that something has changed.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::Subscription;
use crate::engine::{Engine, Now};
use crate::error::RequestError;
use crate::gate::Gate;
use crate::ids::Ids;
use crate::journal::{Event, Journal, ProblemKind};
use crate::reply::Reply;
use crate::server::Door;

/// What the handle and the connections share.
pub(crate) struct Shared {
    state: Mutex<State>,
    /// Where it listens, if it does.
    door: Option<Arc<Door>>,
    changed: watch::Sender<Changes>,
    /// Whether it is served by a thread of its own, on a clock of its own.
    is_elsewhere: AtomicBool,
    /// Whether a server of wiremock asks as well.
    #[cfg(feature = "wiremock")]
    is_on_wiremock: AtomicBool,
}

/// Counts what has changed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Changes {
    /// Whatever it was.
    pub(crate) all: u64,
    /// Only what clients have done, and what was done to them.
    pub(super) traffic: u64,
}

pub(super) struct State {
    pub(super) engine: Engine,
    ids: Ids,
    started: Instant,
    /// Counts the beginnings. An attempt that is still in flight from before the last one is nobody's.
    epoch: u64,
    subscribers: Vec<mpsc::UnboundedSender<Event>>,
}

/// An attempt whose answer is on its way. It ends with this.
pub(crate) struct InFlight {
    shared: Arc<Shared>,
    attempt: usize,
    epoch: u64,
    was_answered: bool,
    /// When it ends, seen from now.
    delay: Duration,
}

impl InFlight {
    /// The answer is given, to somebody who is still there.
    pub(crate) fn answered(mut self) {
        self.was_answered = true;
    }

    /// It will be given after this time, and nobody says when it is.
    #[cfg(feature = "wiremock")]
    pub(crate) fn answered_in(mut self, time: Duration) {
        self.delay = time;
        self.answered();
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let Self { attempt, epoch, was_answered, delay, .. } = *self;
        self.shared.change(|State { engine, epoch: current, .. }, now| {
            let now = Now { since_start: now.since_start.saturating_add(delay), ..now };
            if epoch == *current {
                if was_answered { engine.answered(attempt, now) } else { engine.abandoned(attempt, now) }
            }
        });
    }
}

impl fmt::Debug for InFlight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InFlight").field("attempt", &self.attempt).finish_non_exhaustive()
    }
}

impl Shared {
    pub(crate) fn new(engine: Engine, ids: Ids, door: Option<Arc<Door>>) -> Self {
        let state = State { engine, ids, started: instant(), epoch: 0, subscribers: Vec::new() };
        let shared = Self {
            state: Mutex::new(state),
            door,
            changed: watch::Sender::default(),
            is_elsewhere: false.into(),
            #[cfg(feature = "wiremock")]
            is_on_wiremock: false.into(),
        };
        drop(shared.faults()); // The door is as they want it.
        shared
    }

    pub(crate) fn door(&self) -> Option<&Door> {
        self.door.as_deref()
    }

    /// Tells of each change.
    pub(crate) fn changes(&self) -> watch::Receiver<Changes> {
        self.changed.subscribe()
    }

    /// Asks the engine.
    pub(super) fn ask<T>(&self, question: impl FnOnce(&Engine) -> T) -> T {
        question(&self.state().engine)
    }

    pub(crate) fn journal(&self) -> Journal {
        self.ask(Engine::journal)
    }

    /// From now on a server of wiremock asks as well.
    #[cfg(feature = "wiremock")]
    pub(crate) fn mount(&self) {
        self.is_on_wiremock.store(true, Relaxed);
        self.set_elsewhere();
        self.ask(Engine::plan_in_force).faults().iter().for_each(|fault| self.assert_performable(fault));
    }

    /// Panics where a fault cannot be performed because this mock is mounted on a server of wiremock.
    #[cfg(feature = "wiremock")]
    #[track_caller]
    pub(super) fn assert_performable(&self, fault: &crate::fault::Fault) {
        if self.is_on_wiremock.load(Relaxed) && !crate::wiremock::can_perform(fault) {
            panic!("{}", crate::report::not_on_wiremock(fault));
        }
    }

    /// It is served by a thread of its own, on a clock of its own.
    pub(super) fn set_elsewhere(&self) {
        self.is_elsewhere.store(true, Relaxed);
    }

    pub(super) fn is_elsewhere(&self) -> bool {
        self.is_elsewhere.load(Relaxed)
    }

    /// The engine, for a change of the faults.
    pub(crate) fn faults(&self) -> ChangingFaults<'_> {
        ChangingFaults { shared: self, state: self.state() }
    }

    /// Begins anew with this engine: no attempts, and a clock that starts now.
    #[cfg(feature = "cli")]
    pub(crate) fn restart(&self, engine: Engine) {
        let mut faults = self.faults();
        faults.state.engine = engine;
        faults.state.started = instant();
        faults.state.epoch += 1;
    }

    /// Forgets what has happened so far.
    pub(crate) fn clear_journal(&self) {
        self.change(|state, _| state.engine.clear_journal());
    }

    pub(super) fn change<T>(&self, change: impl FnOnce(&mut State, Now) -> T) -> T {
        let result = {
            let mut state = self.state();
            let now = state.now();
            change(&mut state, now)
        };
        self.signal(true);
        result
    }

    fn signal(&self, is_traffic: bool) {
        self.changed.send_modify(|changes| {
            changes.all += 1;
            changes.traffic += u64::from(is_traffic);
        });
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic in another test's thread must not take this mock with it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn resets_connection(&self) -> bool {
        let resets = {
            let mut state = self.state();
            let now = state.now();
            state.engine.resets_connection(now)
        };
        if resets {
            self.signal(true);
        }
        resets
    }

    #[cfg(any(feature = "aws-sdk", feature = "tower"))]
    pub(crate) fn refuses_connections(&self) -> bool {
        self.ask(Engine::refuses_connections)
    }

    pub(crate) fn gate_before(&self, request: &http::Request<Bytes>) -> Option<Gate> {
        let mut state = self.state();
        let now = state.now();
        state.engine.gate_before(request, now)
    }

    pub(crate) fn handle(self: &Arc<Self>, request: http::Request<Bytes>) -> (Reply, InFlight) {
        self.begin(|State { engine, ids, .. }, now| engine.handle(request, now, ids))
    }

    pub(crate) fn refuse(
        self: &Arc<Self>,
        request: http::Request<Bytes>,
        error: RequestError,
        why: String,
    ) -> (Reply, InFlight) {
        let problem = (ProblemKind::Connection, why);
        self.begin(|State { engine, ids, .. }, now| engine.refuse(request, error, problem, now, ids))
    }

    fn begin(self: &Arc<Self>, handle: impl FnOnce(&mut State, Now) -> Reply) -> (Reply, InFlight) {
        self.change(|state, now| {
            let reply = handle(state, now);
            state.tell_subscribers();
            let in_flight = InFlight {
                shared: Arc::clone(self),
                attempt: reply.attempt(),
                epoch: state.epoch,
                was_answered: false,
                delay: Duration::ZERO,
            };
            (reply, in_flight)
        })
    }

    pub(crate) fn report(&self, kind: ProblemKind, message: String) {
        self.change(|State { engine, .. }, now| engine.report(kind, message, now));
    }

    pub(crate) fn body_limit(&self) -> usize {
        self.ask(Engine::body_limit)
    }

    pub(super) fn subscribe(&self) -> Subscription {
        let (sender, receiver) = mpsc::unbounded_channel();
        let mut state = self.state();
        for event in state.engine.journal().published() {
            let _ = sender.send(event);
        }
        state.subscribers.push(sender);
        Subscription::new(receiver)
    }

    /// The mock is gone.
    pub(crate) fn close(&self) {
        if let Some(door) = &self.door {
            door.shut();
        }
        self.state().subscribers.clear();
    }
}

/// The engine while its faults change. In the end the door is opened or closed as they want it: under the lock, so that
/// the last change wins.
pub(crate) struct ChangingFaults<'a> {
    shared: &'a Shared,
    state: MutexGuard<'a, State>,
}

impl Deref for ChangingFaults<'_> {
    type Target = Engine;

    fn deref(&self) -> &Engine {
        &self.state.engine
    }
}

impl DerefMut for ChangingFaults<'_> {
    fn deref_mut(&mut self) -> &mut Engine {
        &mut self.state.engine
    }
}

impl Drop for ChangingFaults<'_> {
    fn drop(&mut self) {
        self.shared.signal(false);
        let Some(door) = &self.shared.door else { return };
        if let Err(error) = door.set_open(!self.refuses_connections()) {
            let message = format!("the mock cannot listen on {} again: {error}", door.address());
            let now = self.state.now();
            self.report(ProblemKind::Connection, message, now);
        }
    }
}

impl State {
    #[expect(clippy::disallowed_methods, reason = "the clocks are read here and nowhere below")]
    fn now(&self) -> Now {
        Now { since_start: instant().duration_since(self.started), date: SystemTime::now() }
    }

    /// Sends the events of the newest attempt to whoever wants them.
    fn tell_subscribers(&mut self) {
        if self.subscribers.is_empty() {
            return;
        }
        let events = self.engine.newest_events();
        self.subscribers.retain(|subscriber| events.iter().all(|event| subscriber.send(event.clone()).is_ok()));
    }
}

#[expect(clippy::disallowed_methods, reason = "the clocks are read here and nowhere below")]
fn instant() -> Instant {
    Instant::now()
}
