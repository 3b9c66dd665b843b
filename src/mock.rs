//! The running mock: an engine that many connections and a test share.

use std::fmt;
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::engine::{Engine, Now};
use crate::error::RequestError;
use crate::fault::{Fault, FaultId, FaultPlan};
use crate::gate::Gate;
use crate::ids::Ids;
use crate::journal::{Journal, ProblemKind};
use crate::limits::Limits;
use crate::reply::Reply;
use crate::server::{self, Bounds, Door, Running};

/// A mock of EventBridge that listens on a free port of 127.0.0.1 and answers PutEvents as the real service does.
///
/// It serves on the runtime on which it was started, and ends when it is dropped or [shut down](Self::shutdown).
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use putevents_mock::MockEventBridge;
///
/// let eventbridge = MockEventBridge::start().await;
/// // Give `eventbridge.endpoint_url()` to the program under test, let it publish, and look at the journal:
/// let journal = eventbridge.journal();
/// assert!(journal.problems().is_empty(), "{journal}");
/// # }
/// ```
pub struct MockEventBridge {
    shared: Arc<Shared>,
    running: Running,
    endpoint_url: String,
}

impl MockEventBridge {
    /// Starts a mock with today's limits.
    ///
    /// # Panics
    ///
    /// If no port can be had, which in practice means that the process has run out of file descriptors, or outside of a
    /// tokio runtime with I/O.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// A mock that differs from the default.
    pub fn builder() -> MockEventBridgeBuilder {
        MockEventBridgeBuilder {
            engine: Engine::new(),
            ids: Ids::random(),
            bounds: Bounds::default(),
            seed: None,
            plan: FaultPlan::default(),
        }
    }

    /// Where it listens: `http://127.0.0.1:` and a port. The value for an SDK's `endpoint_url`.
    pub fn endpoint_url(&self) -> &str {
        &self.endpoint_url
    }

    /// The address under which it listens.
    pub fn address(&self) -> SocketAddr {
        self.shared.door.address()
    }

    /// Lets something go wrong from now on.
    ///
    /// # Panics
    ///
    /// As [`Engine::inject`].
    #[track_caller]
    pub fn inject(&self, fault: Fault) -> FaultHandle {
        let mut state = self.shared.state();
        let id = state.engine.inject(fault);
        self.shared.follow(&mut state);
        FaultHandle { id, shared: Arc::clone(&self.shared) }
    }

    /// Lets something go wrong until what this returns is dropped.
    ///
    /// # Panics
    ///
    /// As [`Engine::inject`].
    #[track_caller]
    #[must_use = "the fault is lifted as soon as this is dropped"]
    pub fn inject_scoped(&self, fault: Fault) -> ScopedFault {
        ScopedFault(self.inject(fault))
    }

    /// Lets all these faults happen from now on, in their order: a list, or a [`FaultPlan`]. The seed of a plan counts only
    /// with [`MockEventBridgeBuilder::plan`].
    ///
    /// # Panics
    ///
    /// As [`Engine::inject`].
    #[track_caller]
    pub fn inject_all(&self, faults: impl IntoIterator<Item = Fault>) -> Vec<FaultHandle> {
        // A closure would be the caller of `inject`.
        let mut handles = Vec::new();
        for fault in faults {
            handles.push(self.inject(fault));
        }
        handles
    }

    /// Takes all faults back. What they have done stays done.
    pub fn clear_faults(&self) {
        let mut state = self.shared.state();
        state.engine.clear_faults();
        self.shared.follow(&mut state);
    }

    /// The faults that are in force, with the seed: it prints itself as JSON that can be read again.
    pub fn plan_in_force(&self) -> FaultPlan {
        self.shared.state().engine.plan_in_force()
    }

    /// Fails unless every fault that was injected has applied, as often as it was to.
    ///
    /// # Panics
    ///
    /// As [`Journal::assert_every_fault_fired`].
    #[track_caller]
    pub fn assert_every_fault_fired(&self) {
        self.journal().assert_every_fault_fired();
    }

    /// What has happened so far.
    pub fn journal(&self) -> Journal {
        self.shared.journal()
    }

    /// Waits until the journal looks as wanted, for example until an event has been published by a program that works in
    /// the background. `limit` is on tokio's clock.
    ///
    /// # Errors
    ///
    /// Where that does not happen within `limit`; the error prints the journal.
    pub async fn wait_until(
        &self,
        limit: Duration,
        mut wanted: impl FnMut(&Journal) -> bool,
    ) -> Result<Journal, WaitTimeout> {
        let mut changed = self.shared.changed.subscribe();
        let waiting = async {
            loop {
                let journal = self.journal();
                if wanted(&journal) || changed.changed().await.is_err() {
                    return journal;
                }
            }
        };
        let finished = tokio::time::timeout(limit, waiting).await;
        finished.map_err(|_| WaitTimeout { limit, journal: self.journal() })
    }

    /// Stops listening, lets answers that are being written arrive, closes all connections, and returns the final
    /// journal when nothing runs any more.
    pub async fn shutdown(self) -> Journal {
        let Self { shared, running, .. } = self;
        if let Err(panic) = running.stop().await {
            shared.report(ProblemKind::Connection, format!("the mock's own server failed: {panic}"));
        }
        shared.journal()
    }
}

impl fmt::Debug for MockEventBridge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MockEventBridge").field("endpoint_url", &self.endpoint_url).finish_non_exhaustive()
    }
}

/// Starts a [`MockEventBridge`] that differs from the default.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use putevents_mock::{Limits, MockEventBridge};
///
/// let eventbridge = MockEventBridge::builder()
///     .limits(Limits::before_2026())
///     .known_buses(["orders", "audit"])
///     .strict_auth()
///     .start()
///     .await;
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until it is started"]
pub struct MockEventBridgeBuilder {
    engine: Engine,
    ids: Ids,
    bounds: Bounds,
    seed: Option<u64>,
    plan: FaultPlan,
}

/// The environment variable for the seed, to repeat a run that failed.
const SEED_VARIABLE: &str = "PUTEVENTS_MOCK_SEED";

impl MockEventBridgeBuilder {
    /// See [`Engine::limits`].
    pub fn limits(mut self, limits: Limits) -> Self {
        self.engine = self.engine.limits(limits);
        self
    }

    /// See [`Engine::known_buses`].
    pub fn known_buses<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.engine = self.engine.known_buses(names);
        self
    }

    /// See [`Engine::strict_auth`].
    pub fn strict_auth(mut self) -> Self {
        self.engine = self.engine.strict_auth();
        self
    }

    /// See [`Engine::max_body_size`].
    pub fn max_body_size(mut self, bytes: usize) -> Self {
        self.engine = self.engine.max_body_size(bytes);
        self
    }

    /// See [`Engine::journal_limit`].
    pub fn journal_limit(mut self, bytes: usize) -> Self {
        self.engine = self.engine.journal_limit(bytes);
        self
    }

    /// Where EventIds and request ids come from; random by default.
    pub fn ids(mut self, ids: Ids) -> Self {
        self.ids = ids;
        self
    }

    /// What chance depends on: faults with a probability, and latencies that vary. Without it the seed is that of the
    /// [`plan`](Self::plan), else that of the environment variable `PUTEVENTS_MOCK_SEED`, else a fresh one. Every journal in
    /// which something happened by chance prints it.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Faults that are in force from the start, and their seed.
    pub fn plan(mut self, plan: FaultPlan) -> Self {
        self.plan = plan;
        self
    }

    /// Serves up to this many connections at once (512 by default). One more is answered with HTTP 503 and closed, and
    /// becomes a problem in the journal.
    ///
    /// # Panics
    ///
    /// If `connections` is 0.
    #[track_caller]
    pub fn max_connections(mut self, connections: usize) -> Self {
        assert!(connections > 0, "a mock that serves 0 connections answers nobody: write max_connections(1) or more");
        self.bounds.max_connections = connections;
        self
    }

    /// Closes a connection on which a request is not complete this long after its first byte (30 s by default). This is
    /// real time, whatever tokio's clock says: it protects the test, and is nothing that EventBridge does. More than a day
    /// counts as a day.
    pub fn receive_timeout(mut self, limit: Duration) -> Self {
        self.bounds.receive_timeout = limit.min(Duration::from_secs(24 * 60 * 60));
        self
    }

    /// Starts the mock.
    ///
    /// # Panics
    ///
    /// As [`MockEventBridge::start`].
    pub async fn start(self) -> MockEventBridge {
        let door = match Door::open() {
            Ok(door) => door,
            Err(error) => panic!("the mock cannot listen on a free port of 127.0.0.1: {error}"),
        };
        let seed = self.seed.or(self.plan.seed()).unwrap_or_else(seed_of_environment);
        let endpoint_url = format!("http://{}", door.address());
        let shared = Arc::new(Shared::new(self.engine.seed(seed), self.ids, door));
        let running = server::start(Arc::clone(&shared), self.bounds);
        let eventbridge = MockEventBridge { shared, running, endpoint_url };
        eventbridge.inject_all(self.plan);
        eventbridge
    }
}

/// The seed that the environment names, else a fresh one.
fn seed_of_environment() -> u64 {
    match std::env::var(SEED_VARIABLE) {
        Err(_) => uuid::Uuid::new_v4().as_u64_pair().1 >> 32, // Short enough to be typed.
        Ok(text) => match text.parse() {
            Ok(seed) => seed,
            Err(_) => panic!("{SEED_VARIABLE} is {text:?}, which is no seed: write a whole number from 0 up"),
        },
    }
}

/// An injected fault. Dropping the handle leaves the fault in force.
#[derive(Clone)]
pub struct FaultHandle {
    id: FaultId,
    shared: Arc<Shared>,
}

impl FaultHandle {
    /// How often the fault has applied.
    pub fn fired(&self) -> usize {
        self.shared.state().engine.fired(self.id)
    }

    /// Takes the fault back. What it has done stays done.
    pub fn lift(&self) {
        let mut state = self.shared.state();
        state.engine.lift(self.id);
        self.shared.follow(&mut state);
    }
}

/// A fault that is lifted when this is dropped. It dereferences to its [`FaultHandle`].
#[derive(Debug)]
pub struct ScopedFault(FaultHandle);

impl Deref for ScopedFault {
    type Target = FaultHandle;

    fn deref(&self) -> &FaultHandle {
        &self.0
    }
}

impl Drop for ScopedFault {
    fn drop(&mut self) {
        self.0.lift();
    }
}

impl fmt::Debug for FaultHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultHandle").field("id", &self.id).field("fired", &self.fired()).finish()
    }
}

/// The journal did not come to look as wanted within the limit. It prints the limit and the journal, also with `{:?}`, so
/// that `unwrap` in a test reads well.
#[derive(Clone)]
pub struct WaitTimeout {
    limit: Duration,
    journal: Journal,
}

impl WaitTimeout {
    /// The journal when the limit was reached.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    pub(crate) fn limit(&self) -> Duration {
        self.limit
    }
}

/// What the handle and the connections share.
pub(crate) struct Shared {
    state: Mutex<State>,
    door: Door,
    started: Instant,
    changed: watch::Sender<()>,
}

struct State {
    engine: Engine,
    ids: Ids,
}

impl Shared {
    #[expect(clippy::disallowed_methods, reason = "the mock's clock starts here")]
    fn new(engine: Engine, ids: Ids, door: Door) -> Self {
        let state = Mutex::new(State { engine, ids });
        Self { state, door, started: Instant::now(), changed: watch::Sender::new(()) }
    }

    pub(crate) fn door(&self) -> &Door {
        &self.door
    }

    /// Opens or closes the door as the faults in force want it. Under the lock, so that the last change wins.
    fn follow(&self, state: &mut State) {
        if let Err(error) = self.door.set_open(!state.engine.refuses_connections()) {
            let message = format!("the mock cannot listen on {} again: {error}", self.door.address());
            state.engine.report(ProblemKind::Connection, message, self.now());
        }
    }

    pub(crate) fn resets_connection(&self) -> bool {
        self.change(|State { engine, .. }, now| engine.resets_connection(now))
    }

    pub(crate) fn gate_before(&self, request: &http::Request<Bytes>) -> Option<Gate> {
        let now = self.now();
        self.state().engine.gate_before(request, now)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic in another test's thread must not take this mock with it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn journal(&self) -> Journal {
        self.state().engine.journal()
    }

    #[expect(clippy::disallowed_methods, reason = "the clocks are read here and nowhere below")]
    fn now(&self) -> Now {
        Now { since_start: Instant::now().duration_since(self.started), date: SystemTime::now() }
    }

    fn change<T>(&self, change: impl FnOnce(&mut State, Now) -> T) -> T {
        let now = self.now();
        let result = change(&mut self.state(), now);
        self.changed.send_replace(());
        result
    }

    pub(crate) fn handle(&self, request: http::Request<Bytes>) -> Reply {
        self.change(|State { engine, ids }, now| engine.handle(request, now, ids))
    }

    pub(crate) fn refuse(&self, request: http::Request<Bytes>, error: RequestError, why: String) -> Reply {
        let problem = (ProblemKind::Connection, why);
        self.change(|State { engine, ids }, now| engine.refuse(request, error, problem, now, ids))
    }

    pub(crate) fn report(&self, kind: ProblemKind, message: String) {
        self.change(|State { engine, .. }, now| engine.report(kind, message, now));
    }

    pub(crate) fn body_limit(&self) -> usize {
        self.state().engine.body_limit()
    }
}
