//! A running engine: an engine with a clock, a lock, and a signal for changes. The handle and the connections share it.

#![warn(clippy::indexing_slicing)]

mod gate;
mod in_flight;
mod listener;
mod receiving;
mod subscription;
mod wait;
mod waiting;

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Waker;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::Instant;

pub use self::gate::GateTimeout;
pub(crate) use self::in_flight::InFlight;
pub(crate) use self::listener::Listener;
pub(crate) use self::receiving::{Receiving, Share};
pub use self::subscription::Subscription;
use self::subscription::{Publisher, subscription};
pub use self::wait::WaitTimeout;
use self::waiting::Waiting;
use crate::engine::{Engine, Now};
use crate::fault::{Fault, Gate, Reply};
use crate::journal::Journal;
use crate::json::Unfit;
use crate::service::{Ids, ProblemCause, RequestError};

/// A running engine, shared by the handle and the connections.
pub(crate) struct Live {
    state: Mutex<State>,
    /// The listener; `None` in process.
    listener: Option<Arc<dyn Listener>>,
    changed: watch::Sender<Changes>,
    /// The bound on bodies that are being received. The sessions of a server share it.
    receiving: Arc<Receiving>,
    /// Whether the mock was dropped or shut down.
    is_closed: AtomicBool,
    /// Set in the runs of a search.
    rehearsal: OnceLock<Rehearsal>,
    /// Says why the foreign server on which it is mounted cannot perform a fault.
    refuses: OnceLock<fn(&Fault) -> Option<String>>,
}

/// How a mock answers in the runs of a search.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rehearsal {
    /// The time that each reply takes. Without it, no two requests would overlap.
    pub(crate) service_time: Duration,
    /// The number of requests that are answered. Later requests get no reply, so that a publisher that retries for ever does not
    /// hold its thread.
    pub(crate) max_requests: usize,
}

/// Counts changes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Changes {
    /// All changes.
    pub(crate) all: u64,
    /// Changes of the traffic alone: requests, replies, connections.
    traffic: u64,
}

struct State {
    engine: Engine,
    ids: Ids,
    clock: Clock,
    /// Counts the restarts. The end of an attempt of an earlier epoch is ignored.
    epoch: u64,
    subscribers: Vec<Publisher>,
    waiting: Waiting,
}

impl Live {
    pub(crate) fn new(engine: Engine, ids: Ids, listener: Option<Arc<dyn Listener>>) -> Self {
        let clock = Clock::starting_now(false);
        let state = State { engine, ids, clock, epoch: 0, subscribers: Vec::new(), waiting: Waiting::default() };
        let live = Self {
            state: Mutex::new(state),
            listener,
            changed: watch::Sender::default(),
            receiving: Arc::default(),
            is_closed: false.into(),
            rehearsal: OnceLock::new(),
            refuses: OnceLock::new(),
        };
        drop(live.faults()); // The drop opens or closes the listener as the faults say.
        live
    }

    pub(crate) fn listener(&self) -> Option<&dyn Listener> {
        self.listener.as_deref()
    }

    pub(crate) fn receiving(&self) -> &Arc<Receiving> {
        &self.receiving
    }

    /// Receives each change.
    pub(crate) fn changes(&self) -> watch::Receiver<Changes> {
        self.changed.subscribe()
    }

    /// Asks the engine.
    pub(crate) fn ask<T>(&self, question: impl FnOnce(&Engine) -> T) -> T {
        question(&self.state().engine)
    }

    pub(crate) fn journal(&self) -> Journal {
        self.ask(Engine::journal)
    }

    /// Marks it as mounted on a foreign server. `refuses` says why that server cannot perform a fault.
    ///
    /// # Panics
    ///
    /// If a fault is in force that the server cannot perform.
    #[track_caller]
    pub(crate) fn mount(&self, refuses: fn(&Fault) -> Option<String>) {
        let _ = self.refuses.set(refuses);
        self.set_elsewhere();
        let in_force: Vec<Fault> = self.ask(|engine| engine.faults_in_force().cloned().collect());
        for fault in &in_force {
            self.assert_performable(fault);
        }
    }

    /// Answers as in the runs of a search from now on.
    pub(crate) fn rehearse(&self, rehearsal: Rehearsal) {
        let _ = self.rehearsal.set(rehearsal);
    }

    pub(crate) fn rehearsal(&self) -> Option<Rehearsal> {
        self.rehearsal.get().copied()
    }

    /// The number of requests so far.
    pub(crate) fn requests(&self) -> usize {
        self.ask(Engine::requests)
    }

    /// Panics if the server on which it is mounted cannot perform the fault.
    #[track_caller]
    pub(crate) fn assert_performable(&self, fault: &Fault) {
        if let Some(why) = self.refuses.get().and_then(|refuses| refuses(fault)) {
            panic!("{why}");
        }
    }

    /// Marks it as served by another thread, on the real clock.
    pub(crate) fn set_elsewhere(&self) {
        self.state().clock.is_elsewhere = true;
    }

    fn is_elsewhere(&self) -> bool {
        self.state().clock.is_elsewhere
    }

    /// The engine, for a change of the faults.
    pub(crate) fn faults(&self) -> ChangingFaults<'_> {
        ChangingFaults { live: self, state: self.state() }
    }

    /// Sets the answer to an operation other than PutEvents.
    pub(crate) fn give_answer(&self, operation: &str, answer: Value) -> Result<(), Unfit> {
        self.state().engine.answers_mut().give(operation, answer)
    }

    /// Removes the answer to an operation. Returns whether there was one.
    pub(crate) fn take_answer_back(&self, operation: &str) -> bool {
        self.state().engine.answers_mut().take_back(operation)
    }

    /// Restarts with this engine: no attempts, and a clock that starts now.
    pub(crate) fn restart(&self, engine: Engine) {
        let mut faults = self.faults();
        let before = std::mem::replace(&mut faults.state.engine, engine);
        faults.state.clock = Clock::starting_now(faults.state.clock.is_elsewhere);
        faults.state.epoch += 1;
        // A long journal takes time to drop: release the lock first.
        drop(faults);
        drop(before);
    }

    /// The date that its replies have now.
    pub(crate) fn date(&self) -> SystemTime {
        self.state().now().date
    }

    /// Clears the journal.
    pub(crate) fn clear_journal(&self) {
        let cleared = self.change(|State { engine, .. }, _| {
            let journal = engine.journal();
            engine.clear_journal();
            journal
        });
        // Dropped after the lock.
        drop(cleared);
    }

    fn change<T>(&self, change: impl FnOnce(&mut State, Now) -> T) -> T {
        let (result, reached) = {
            let mut state = self.state();
            let now = state.now();
            let result = change(&mut state, now);
            (result, state.take_reached())
        };
        self.signal(true);
        reached.into_iter().for_each(Waker::wake);
        result
    }

    fn signal(&self, is_traffic: bool) {
        // A notification costs time even without a receiver. A receiver that begins to wait now looks at the engine afterwards.
        self.changed.send_if_modified(|changes| {
            changes.all += 1;
            changes.traffic += u64::from(is_traffic);
            self.changed.receiver_count() > 0
        });
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic in the thread of another test must not break this mock.
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

    pub(crate) fn refuses_connections(&self) -> bool {
        self.ask(Engine::refuses_connections)
    }

    pub(crate) fn gate_before(&self, request: &http::Request<Bytes>) -> Option<Gate> {
        let mut state = self.state();
        let now = state.now();
        state.engine.gate_before(request, now)
    }

    pub(crate) fn handle(self: &Arc<Self>, request: http::Request<Bytes>) -> (Reply, InFlight) {
        self.begin(|State { engine, ids, .. }, now| engine.handle_and_hold(request, now, ids))
    }

    pub(crate) fn refuse(
        self: &Arc<Self>,
        request: http::Request<Bytes>,
        error: RequestError,
        cause: ProblemCause,
    ) -> (Reply, InFlight) {
        self.begin(|State { engine, ids, .. }, now| engine.refuse(request, error, cause, now, ids))
    }

    fn begin(self: &Arc<Self>, handle: impl FnOnce(&mut State, Now) -> Reply) -> (Reply, InFlight) {
        let (reply, in_flight, forgotten) = self.change(|state, now| {
            let reply = handle(state, now);
            state.tell_subscribers();
            let in_flight = InFlight::new(self, reply.attempt(), state.epoch);
            (reply, in_flight, state.engine.take_forgotten())
        });
        // Dropped after the lock.
        drop(forgotten);
        (reply, in_flight)
    }

    /// Records the end of an attempt, if the attempt began in the current epoch.
    fn end(&self, epoch: u64, end: impl FnOnce(&mut Engine, Now)) {
        self.change(|State { engine, epoch: current, .. }, now| {
            if epoch == *current {
                end(engine, now);
            }
        });
    }

    /// Records a problem of a connection.
    pub(crate) fn report(&self, cause: ProblemCause) {
        self.change(|State { engine, .. }, now| engine.report(None, cause, now));
    }

    /// Records a problem of an attempt.
    pub(crate) fn report_of(&self, attempt: usize, cause: ProblemCause) {
        self.change(|State { engine, .. }, now| engine.report(Some(attempt), cause, now));
    }

    pub(crate) fn body_limit(&self) -> usize {
        self.ask(Engine::body_limit)
    }

    pub(crate) fn subscribe(&self) -> Subscription {
        let (journal, subscription) = {
            let mut state = self.state();
            let journal = state.engine.journal();
            let (publisher, subscription) = subscription(journal.max_size());
            if !self.is_closed() {
                state.subscribers.push(publisher);
            }
            (journal, subscription)
        };
        // Outside of the lock: a long journal takes time. Events that come meanwhile are queued behind it.
        subscription.begin_with(journal.attempts());
        subscription
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed.load(Relaxed)
    }

    /// Records that the server ended with its runtime, while the mock still exists.
    pub(crate) fn lose_server(&self) {
        self.ask(Engine::lose_server);
    }

    /// Ends the mock: it stops listening, and subscriptions end.
    pub(crate) fn close(&self) {
        self.is_closed.store(true, Relaxed);
        if let Some(listener) = &self.listener {
            listener.close();
        }
        self.state().subscribers.clear();
    }
}

/// The engine while its faults change. The drop opens or closes the listener as the faults say. It does so under the lock, so that
/// the last change wins.
pub(crate) struct ChangingFaults<'a> {
    live: &'a Live,
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
        self.live.signal(false);
        let Some(listener) = &self.live.listener else { return };
        if let Err(error) = listener.set_open(!self.refuses_connections()) {
            let cause = ProblemCause::cannot_listen_again(&listener.address(), &error);
            let now = self.state.now();
            self.report(None, cause, now);
        }
    }
}

impl State {
    fn now(&self) -> Now {
        self.clock.now()
    }

    /// The wakers of the tasks whose count is reached.
    fn take_reached(&mut self) -> Vec<Waker> {
        self.waiting.take_reached(self.engine.record())
    }

    /// Sends the events of the newest attempt to the subscribers.
    fn tell_subscribers(&mut self) {
        if self.subscribers.is_empty() {
            return;
        }
        if let Some(newest) = self.engine.record().attempts().last() {
            self.subscribers.retain(|subscriber| subscriber.publish(newest));
        }
    }
}

/// The start of the mock, on tokio's clock and on the real clock.
struct Clock {
    started: Instant,
    really_started: std::time::Instant,
    on: SystemTime,
    /// Whether another thread than that of the test reads it. The clock of the test may be paused, so the real clock counts then.
    is_elsewhere: bool,
}

#[expect(clippy::disallowed_methods, reason = "the clocks are read here and nowhere below")]
impl Clock {
    fn starting_now(is_elsewhere: bool) -> Self {
        let really_started = std::time::Instant::now();
        Self { started: Instant::now(), really_started, on: SystemTime::now(), is_elsewhere }
    }

    /// A paused clock runs ahead of the real one, and so does the date of the replies. An SDK that uses the clock of the test would
    /// take the real date for a clock skew, and retry.
    fn now(&self) -> Now {
        if self.is_elsewhere {
            return Now::new(self.really_started.elapsed(), SystemTime::now());
        }
        let since_start = Instant::now().duration_since(self.started);
        Now::new(since_start, SystemTime::now().max(self.on + since_start))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Weak;
    use std::sync::atomic::AtomicUsize;

    use super::*;

    /// Is an extension of a request, and looks at the lock when it is dropped.
    #[derive(Clone)]
    struct Witness {
        live: Weak<Live>,
        free: Arc<AtomicUsize>,
        taken: Arc<AtomicUsize>,
    }

    impl Drop for Witness {
        fn drop(&mut self) {
            let is_free = self.live.upgrade().is_some_and(|live| live.state.try_lock().is_ok());
            if is_free { &self.free } else { &self.taken }.fetch_add(1, Relaxed);
        }
    }

    #[test]
    fn what_a_journal_forgets_or_clears_is_dropped_when_the_lock_is_open() {
        let engine = || Engine::new().max_journal_attempts(2);
        let live = Arc::new(Live::new(engine(), Ids::counting(), None));
        let (free, taken) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let send = |requests: usize| {
            for _ in 0..requests {
                let witness =
                    Witness { live: Arc::downgrade(&live), free: Arc::clone(&free), taken: Arc::clone(&taken) };
                drop(live.handle(http::Request::post("/").extension(witness).body(Bytes::new()).unwrap()));
            }
        };
        let dropped = || (free.load(Relaxed), taken.load(Relaxed));
        send(5);
        assert_eq!(dropped(), (3, 0));
        live.clear_journal();
        assert_eq!(dropped(), (5, 0));
        send(2);
        live.restart(engine());
        assert_eq!(dropped(), (7, 0));
    }
}
