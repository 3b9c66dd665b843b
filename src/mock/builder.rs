//! The builder of a mock: its settings, and its start.

use std::future::Future;
use std::net::TcpListener;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::runtime::Handle;

use super::listening::Listening;
use super::{MockEventBridge, StartError};
use crate::engine::{Engine, Setup};
use crate::files::Plan;
use crate::json::or_panic;
use crate::live::{Listener, Live};
use crate::random;
use crate::service::{Ids, Limits, REGION, checked_account, checked_region, own_region};
use crate::transport::{self, Bounds, OneMock, PortListener};

/// Sets a [`MockEventBridge`] up, and starts it. [`MockEventBridge::builder`] makes one.
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
    /// The settings that the builder has itself. They count more than those of the plan.
    setup: Setup,
    plan: Plan,
    is_quiet: bool,
    listening: Listening,
}

/// The endpoint of a mock without a socket: a name that nobody can resolve (RFC 6761), should a request ever leave.
const IN_PROCESS_URL: &str = "http://in-process.invalid";

/// The environment variable for the seed, to repeat a run that failed.
const SEED_VARIABLE: &str = "PUTEVENTS_MOCK_SEED";

impl MockEventBridgeBuilder {
    pub(super) fn new() -> Self {
        let (setup, plan) = (Setup::default(), Plan::default());
        let (engine, ids, bounds) = (Engine::new(), Ids::random(), Bounds::default());
        Self {
            engine,
            ids,
            bounds,
            receive_limit: None,
            seed: None,
            setup,
            plan,
            is_quiet: false,
            listening: Listening::Port(0),
        }
    }

    /// Enforces these limits on requests and entries. The default is [`Limits::current`]: those of AWS today.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.setup.limits = Some(limits);
        self
    }

    /// Names the event buses that exist beside `default`. Without this call every bus exists.
    ///
    /// AWS accepts an entry for a bus that does not exist, and delivers it nowhere. So does the mock, which reports it as a
    /// [problem](crate::journal::ProblemKind::UnknownBus). `DescribeEventBus` finds the named buses alone.
    pub fn known_buses<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.setup.known_buses = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Refuses requests without a complete signature, with the errors of AWS. The mock does not verify signatures. By default it takes
    /// requests without one.
    pub fn strict_auth(mut self) -> Self {
        self.setup.strict_auth = Some(true);
        self
    }

    /// Keeps the first and last four characters of each access key id in journals, pages and reports, such as `AKID...MPLE`. By
    /// default they are kept whole. Session tokens are never kept.
    pub fn shorten_keys(mut self) -> Self {
        self.engine = self.engine.shorten_keys();
        self
    }

    /// Sets the account in the envelopes of the events. The default is `123456789012`.
    ///
    /// # Panics
    ///
    /// If the account does not have twelve digits.
    #[track_caller]
    pub fn account(mut self, account: impl Into<String>) -> Self {
        self.setup.account = Some(or_panic(checked_account(account.into())));
        self
    }

    /// Sets the region in the envelopes of the events, and in the mock's [own region](MockEventBridge::region). By default an event has
    /// the region of its bus's ARN, else the region that its request was signed for, else `us-east-1`.
    ///
    /// # Panics
    ///
    /// If the text is not the code of a region: lower-case letters, digits and hyphens.
    #[track_caller]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.setup.region = Some(or_panic(checked_region(region.into())));
        self
    }

    /// Answers requests for an operation other than PutEvents with HTTP 200 and this body. The mock answers `DescribeEventBus` by itself,
    /// and every other operation with an `UnknownOperationException` and a problem.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// use putevents_mock::MockEventBridge;
    /// use serde_json::json;
    ///
    /// let eventbridge = MockEventBridge::builder().answer("ListRules", json!({ "Rules": [] })).start().await;
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If EventBridge has no operation of this name, if it is PutEvents
    /// (use [`Fault::answer_with`](crate::Fault::answer_with)), or if the answer is not an object.
    #[track_caller]
    pub fn answer(mut self, operation: &str, answer: Value) -> Self {
        or_panic(self.setup.answers.give(operation, answer));
        self
    }

    /// Answers a body of more bytes than this with HTTP 413. The default is 8 MiB, which is more than a request of 1 MiB needs however
    /// its client escapes it. More than 1 GiB counts as 1 GiB.
    pub fn max_body_size(mut self, bytes: usize) -> Self {
        self.engine = self.engine.max_body_size(bytes);
        self
    }

    /// Bounds the journal at about this many bytes. The default is 256 MiB. At the bound the journal forgets its oldest attempts, and
    /// an assertion that would need one of them says so. The newest attempt always stays.
    pub fn max_journal_size(mut self, bytes: usize) -> Self {
        self.engine = self.engine.max_journal_size(bytes);
        self
    }

    /// Bounds the journal at this many attempts, the newest ones. By default their number has no bound.
    ///
    /// # Panics
    ///
    /// If `attempts` is 0.
    #[track_caller]
    pub fn max_journal_attempts(mut self, attempts: usize) -> Self {
        self.engine = self.engine.max_journal_attempts(attempts);
        self
    }

    /// Takes EventIds and request ids from this source. The default is [`Ids::random`].
    pub fn ids(mut self, ids: Ids) -> Self {
        self.ids = ids;
        self
    }

    /// Sets the seed of everything random: faults with a probability, and latencies that vary. The same seed and the same requests give
    /// the same run.
    ///
    /// By default the seed is that of the [`plan`](Self::plan), else that of the environment variable `PUTEVENTS_MOCK_SEED`, else a
    /// fresh one. A journal in which something random happened prints its seed.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Injects the faults of a plan, and takes its seed and its settings of the mock. Settings of the builder count more than those of
    /// the plan. The test holds the journal against the plan's expectations with
    /// [`Journal::assert_meets`](crate::Journal::assert_meets).
    pub fn plan(mut self, plan: Plan) -> Self {
        self.plan = plan;
        self
    }

    /// Answers up to this many requests at once. The default is 512. The mock answers one more request with HTTP 503, closes its
    /// connection, and reports a problem.
    ///
    /// Up to 64 further connections can be open. When one more comes, the mock closes the connection that is missed the least: the one
    /// that has been idle the longest, else one with half a request, else one whose client has closed its side while its answer is
    /// late, else one whose client does not read. A connection with a request in progress is closed for another one in one case only:
    /// its client has closed its side, and no further request can be answered.
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

    /// Bounds the bodies that are being received, over all connections together, at this many bytes. The default is 64 MiB. A body counts
    /// from its first byte until its request is handled.
    ///
    /// The first 64 KiB of each body do not count, so small requests are always served. A body that is alone always has room. The mock
    /// drops a body without room, answers HTTP 503 `ServiceUnavailable`, and reports a problem. The connection stays open.
    pub fn receive_limit(mut self, bytes: usize) -> Self {
        self.receive_limit = Some(bytes);
        self
    }

    /// Closes a connection when its request is not complete this long after its first byte. The default is 30 s, and more than a day
    /// counts as a day. The time is real also where tokio's clock is paused. EventBridge has no such rule: the bound protects the test.
    pub fn receive_timeout(mut self, limit: Duration) -> Self {
        self.bounds = self.bounds.received_within(limit);
        self
    }

    /// Prints nothing when the mock is dropped during a panic. By default it then prints its journal on standard error, so that an
    /// assertion of the test's own shows what was received when it fails.
    pub fn quiet_on_panic(mut self) -> Self {
        self.is_quiet = true;
        self
    }

    /// Listens on this port of 127.0.0.1. By default, and with 0, the mock takes any free port: read it from
    /// [`endpoint_url`](MockEventBridge::endpoint_url). Tests that run side by side need a free port each.
    pub fn port(mut self, port: u16) -> Self {
        self.listening = Listening::Port(port);
        self
    }

    /// Listens on this listener, which the caller has bound: to an address that is not 127.0.0.1, or to a port that must be
    /// known before the mock starts.
    ///
    /// ```
    /// use std::net::TcpListener;
    ///
    /// use putevents_mock::MockEventBridge;
    ///
    /// let listener = TcpListener::bind("127.0.0.1:0")?;
    /// let port = listener.local_addr()?.port();
    /// let eventbridge = MockEventBridge::builder().listener(listener).start_blocking();
    /// assert_eq!(eventbridge.endpoint_url(), format!("http://127.0.0.1:{port}"));
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn listener(mut self, listener: TcpListener) -> Self {
        self.listening = Listening::On(Arc::new(listener));
        self
    }

    /// Starts the mock on the runtime that awaits this: see [`MockEventBridge::start`].
    ///
    /// # Panics
    ///
    /// Where [`try_start`](Self::try_start) returns an error.
    #[track_caller]
    pub fn start(self) -> impl Future<Output = MockEventBridge> + Send + 'static {
        let starting = self.start_as("start");
        async {
            match starting.await {
                Ok(eventbridge) => eventbridge,
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// Starts the mock as [`start`](Self::start) does, or returns why it cannot start.
    ///
    /// # Errors
    ///
    /// If there is no tokio runtime, or the mock cannot listen on its port or its listener.
    ///
    /// # Panics
    ///
    /// If the runtime was built without I/O.
    #[track_caller]
    pub fn try_start(self) -> impl Future<Output = Result<MockEventBridge, StartError>> + Send + 'static {
        self.start_as("try_start")
    }

    #[track_caller]
    fn start_as(
        self,
        method: &'static str,
    ) -> impl Future<Output = Result<MockEventBridge, StartError>> + Send + 'static {
        // An asynchronous function has no caller by the time it runs.
        let caller = Location::caller();
        async move {
            if Handle::try_current().is_err() {
                return Err(StartError::no_runtime(method, caller));
            }
            self.listen(|listener| listener.watched(caller))
        }
    }

    /// Starts on this runtime, with a listener that may differ.
    pub(super) fn listen(
        self,
        adjust: impl FnOnce(PortListener) -> PortListener,
    ) -> Result<MockEventBridge, StartError> {
        let listener = Arc::new(adjust(self.listening.open()?));
        let bounds = self.bounds;
        let shared: Arc<dyn Listener> = Arc::clone(&listener) as _;
        let mut eventbridge = self.build(format!("http://{}", listener.address()), Some(shared));
        let host = Arc::new(OneMock(Arc::clone(&eventbridge.live)));
        eventbridge.running = Some(transport::start(host, listener, bounds));
        Ok(eventbridge)
    }

    /// Makes a mock without a socket: see [`MockEventBridge::in_process`].
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
