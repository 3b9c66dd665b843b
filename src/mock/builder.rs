//! How a mock differs from the default.

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::runtime::Handle;

use super::MockEventBridge;
use crate::engine::{Engine, Setup};
use crate::files::Plan;
use crate::json::or_panic;
use crate::live::{Listener, Live};
use crate::random;
use crate::service::{Ids, Limits, REGION, checked_account, checked_region, own_region};
use crate::transport::{self, Bounds, OneMock, PortListener};

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
    receive_limit: Option<usize>,
    seed: Option<u64>,
    /// What was said here, and not in the plan.
    setup: Setup,
    plan: Plan,
    is_quiet: bool,
}

/// The endpoint of a mock without a socket: a name that nobody can resolve (RFC 6761), should a request ever leave.
const IN_PROCESS_URL: &str = "http://in-process.invalid";

/// Any free port of 127.0.0.1.
const ANY_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// The environment variable for the seed, to repeat a run that failed.
const SEED_VARIABLE: &str = "PUTEVENTS_MOCK_SEED";

impl MockEventBridgeBuilder {
    pub(super) fn new() -> Self {
        let (setup, plan) = (Setup::default(), Plan::default());
        let (engine, ids, bounds) = (Engine::new(), Ids::random(), Bounds::default());
        Self { engine, ids, bounds, receive_limit: None, seed: None, setup, plan, is_quiet: false }
    }

    /// See [`Engine::limits`].
    pub fn limits(mut self, limits: Limits) -> Self {
        self.setup.limits = Some(limits);
        self
    }

    /// See [`Engine::known_buses`].
    pub fn known_buses<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.setup.known_buses = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// See [`Engine::strict_auth`].
    pub fn strict_auth(mut self) -> Self {
        self.setup.strict_auth = Some(true);
        self
    }

    /// See [`Engine::shorten_keys`].
    pub fn shorten_keys(mut self) -> Self {
        self.engine = self.engine.shorten_keys();
        self
    }

    /// See [`Engine::account`].
    ///
    /// # Panics
    ///
    /// If it has not twelve digits.
    #[track_caller]
    pub fn account(mut self, account: impl Into<String>) -> Self {
        self.setup.account = Some(or_panic(checked_account(account.into())));
        self
    }

    /// See [`Engine::region`].
    ///
    /// # Panics
    ///
    /// If it is not the code of a region.
    #[track_caller]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.setup.region = Some(or_panic(checked_region(region.into())));
        self
    }

    /// Answers requests for another operation than PutEvents: see [`Engine::answer`].
    ///
    /// # Panics
    ///
    /// As [`Engine::answer`].
    #[track_caller]
    pub fn answer(mut self, operation: &str, answer: Value) -> Self {
        or_panic(self.setup.answers.give(operation, answer));
        self
    }

    /// See [`Engine::max_body_size`].
    pub fn max_body_size(mut self, bytes: usize) -> Self {
        self.engine = self.engine.max_body_size(bytes);
        self
    }

    /// See [`Engine::max_journal_size`].
    pub fn max_journal_size(mut self, bytes: usize) -> Self {
        self.engine = self.engine.max_journal_size(bytes);
        self
    }

    /// See [`Engine::max_journal_attempts`].
    ///
    /// # Panics
    ///
    /// If that is none.
    #[track_caller]
    pub fn max_journal_attempts(mut self, attempts: usize) -> Self {
        self.engine = self.engine.max_journal_attempts(attempts);
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

    /// Faults that are in force from the start, their seed, and what the plan says of the mock; what the builder says itself
    /// counts more. What the plan expects is asked in the end, with
    /// [`Journal::assert_meets`](crate::Journal::assert_meets).
    pub fn plan(mut self, plan: Plan) -> Self {
        self.plan = plan;
        self
    }

    /// Answers up to this many requests at once (512 by default). One more is answered with HTTP 503 and closed, and
    /// becomes a problem in the journal.
    ///
    /// Up to 64 connections more than that are open at the same time. Where one more comes, one that nobody waits at is closed: of the idle ones
    /// the one that has been idle the longest, else of those with half a request, else of those whose client has closed its side
    /// while its answer is late, else of those whose client does not read. A request that is answered is never closed for another
    /// one, except where its client has closed its side and no request more can be answered.
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

    /// Lets all bodies that are being received at once have this many bytes together (64 MiB by default): over all connections,
    /// from the first byte of a body until its request was handled. The first 64 KiB of each body are not counted, so that
    /// small requests are always served, and a body that is alone has room whatever its size. A body for which there is no room
    /// is thrown away and answered with HTTP 503, `ServiceUnavailable`, and becomes a problem in the journal; the connection goes on.
    pub fn receive_limit(mut self, bytes: usize) -> Self {
        self.receive_limit = Some(bytes);
        self
    }

    /// Closes a connection on which a request is not complete this long after its first byte (30 s by default). This is
    /// real time, whatever tokio's clock says: it protects the test, and is nothing that EventBridge does. More than a day
    /// counts as a day.
    pub fn receive_timeout(mut self, limit: Duration) -> Self {
        self.bounds = self.bounds.received_within(limit);
        self
    }

    /// Prints nothing when the mock is dropped while its thread panics. By default it then prints its journal on standard
    /// error, so that a failed assertion of the test's own shows what was received.
    pub fn quiet_on_panic(mut self) -> Self {
        self.is_quiet = true;
        self
    }

    /// Starts the mock.
    ///
    /// # Panics
    ///
    /// As [`MockEventBridge::start`].
    #[track_caller]
    pub fn start(self) -> impl Future<Output = MockEventBridge> + Send + 'static {
        // An asynchronous function has no caller by the time it runs.
        let caller = Location::caller();
        async move {
            assert!(
                Handle::try_current().is_ok(),
                "start() at {caller} needs a tokio runtime, and there is none: await it in a #[tokio::test], or write \
                 MockEventBridge::start_blocking(), which needs none"
            );
            self.listen(|listener| listener.watched(caller))
        }
    }

    /// Starts on this runtime, with a listener that may differ.
    pub(super) fn listen(self, adjust: impl FnOnce(PortListener) -> PortListener) -> MockEventBridge {
        let listener = match PortListener::bind(ANY_PORT) {
            Ok(listener) => Arc::new(adjust(listener)),
            Err(error) => panic!("the mock cannot listen on a free port of 127.0.0.1: {error}"),
        };
        let bounds = self.bounds;
        let shared: Arc<dyn Listener> = Arc::clone(&listener) as _;
        let mut eventbridge = self.build(format!("http://{}", listener.address()), Some(shared));
        let host = Arc::new(OneMock(Arc::clone(&eventbridge.live)));
        eventbridge.running = Some(transport::start(host, listener, bounds));
        eventbridge
    }

    /// A mock without a socket, as [`MockEventBridge::in_process`].
    pub fn in_process(self) -> MockEventBridge {
        self.build(IN_PROCESS_URL.to_owned(), None)
    }

    fn build(self, endpoint_url: String, listener: Option<Arc<dyn Listener>>) -> MockEventBridge {
        let seed = self.seed.or(self.plan.seed()).unwrap_or_else(seed_of_environment);
        let setup = self.setup.or(self.plan.setup());
        let region = own_region(setup.region.as_deref().unwrap_or(REGION));
        let engine = setup.apply(self.engine);
        let live = Arc::new(Live::new(engine.seed(seed), self.ids, listener));
        if let Some(bytes) = self.receive_limit {
            live.receiving().set_limit(bytes);
        }
        let eventbridge = MockEventBridge { live, running: None, endpoint_url, region, is_quiet: self.is_quiet };
        eventbridge.inject_all(self.plan);
        eventbridge
    }
}

/// A seed that was never used before, most likely, and is short enough to be typed.
pub(crate) fn fresh_seed() -> u64 {
    random::fresh().1 >> 32
}

/// The seed that the environment names, else a fresh one. CI sets variables that have no value to an empty text.
fn seed_of_environment() -> u64 {
    let Some(text) = std::env::var_os(SEED_VARIABLE).filter(|text| !text.is_empty()) else { return fresh_seed() };
    match text.to_str().map(str::parse) {
        Some(Ok(seed)) => seed,
        Some(Err(_)) | None => panic!("{SEED_VARIABLE} is {text:?}, which is no seed: write a whole number from 0 up"),
    }
}
