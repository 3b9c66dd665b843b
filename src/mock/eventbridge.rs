//! The handle of a running mock.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::Value;

use super::{Environment, FaultHandle, ScopedFault};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::files::Plan;
use crate::journal::Journal;
use crate::json::or_panic;
use crate::live::{Live, Subscription};
use crate::service::{ProblemCause, plain_region};
use crate::transport::Running;

/// A mock of EventBridge that answers PutEvents as the real service does. It listens on a free port of 127.0.0.1, or works
/// [in process](Self::in_process) without a socket.
///
/// It serves on the runtime on which it was started, until it is dropped or [shut down](Self::shutdown). If it is dropped while a
/// test panics, it prints its journal, unless the text of the panic shows the journal already, or the mock is
/// [quiet](crate::mock::MockEventBridgeBuilder::quiet_on_panic).
///
/// Keep the mock in a variable until the publisher is done. `let _ = MockEventBridge::start().await` drops it at once, and so does
/// `MockEventBridge::start().await.endpoint_url().to_owned()`. The drop verifies nothing, unlike the drop of a wiremock server: ask
/// the [journal](Self::journal).
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
#[must_use = "the mock ends as soon as this is dropped, and refuses connections from then on"]
pub struct MockEventBridge {
    pub(super) live: Arc<Live>,
    /// The server, where there is one.
    pub(super) running: Option<Running>,
    pub(super) endpoint_url: String,
    /// The name of its region in signatures.
    pub(super) region: String,
    /// Whether it prints nothing when it is dropped during a panic.
    pub(super) is_quiet: bool,
}

impl MockEventBridge {
    /// Returns the URL of the mock, for the `endpoint_url` of an SDK: `http://127.0.0.1:` and the port. The URL of a mock
    /// [in process](Self::in_process) has a host that does not resolve.
    pub fn endpoint_url(&self) -> &str {
        &self.endpoint_url
    }

    /// Returns a region that only clients of this mock have, such as `us-east-1-mock-7`, for an SDK client that is made by hand.
    ///
    /// The SDK for Rust has one quota of retries for each region in a process. Tests in one binary that share a region use up each
    /// other's quota, and the SDK then retries less often. The journal and the envelopes of events show the plain region:
    /// `us-east-1`, or the one of the [builder](super::MockEventBridgeBuilder::region). `sdk_config()` (feature `aws-sdk`) sets such a
    /// region by itself.
    ///
    /// ```
    /// use putevents_mock::MockEventBridge;
    ///
    /// let (one, other) = (MockEventBridge::in_process(), MockEventBridge::in_process());
    /// assert!(one.region().starts_with("us-east-1-mock-"));
    /// assert_ne!(one.region(), other.region());
    /// ```
    pub fn region(&self) -> String {
        self.region.clone()
    }

    /// Returns the environment variables with which the AWS SDK in a child process finds this mock. The variables set
    ///
    /// * the endpoint URL for EventBridge and for CloudWatch Events,
    /// * test credentials,
    /// * the region of the [builder](super::MockEventBridgeBuilder::region), or `us-east-1`,
    /// * the lists of hosts that need no proxy.
    ///
    /// A child process also inherits variables that must be removed, such as `AWS_PROFILE` or `AWS_SESSION_TOKEN`.
    /// [`apply_env`](Self::apply_env) removes them too.
    ///
    /// ```no_run
    /// # use putevents_mock::MockEventBridge;
    /// let eventbridge = MockEventBridge::start_blocking();
    /// std::process::Command::new("my-publisher").envs(eventbridge.env()).status()?;
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn env(&self) -> Vec<(&'static str, String)> {
        let changes = self.environment(plain_region(&self.region)).changes(|name| std::env::var_os(name));
        changes.into_iter().filter_map(|(name, value)| Some((name, value?.to_string_lossy().into_owned()))).collect()
    }

    /// Changes the environment of a command so that the AWS SDK in it finds this mock, whatever the environment of this process has.
    /// Returns the command.
    ///
    /// Sets the variables of [`env`](Self::env), and removes profiles, session tokens and roles. Variables that were set on the
    /// command before count as part of its environment. `docs/stand-alone-server.md` has a table of all variables.
    ///
    /// ```no_run
    /// # use putevents_mock::MockEventBridge;
    /// let eventbridge = MockEventBridge::start_blocking();
    /// eventbridge.apply_env(&mut std::process::Command::new("my-publisher")).status()?;
    /// # Ok::<_, std::io::Error>(())
    /// ```
    ///
    /// For a command of tokio, pass `command.as_std_mut()`.
    pub fn apply_env<'c>(&self, command: &'c mut std::process::Command) -> &'c mut std::process::Command {
        self.environment(plain_region(&self.region)).apply_to(command);
        command
    }

    fn environment<'a>(&'a self, region: &'a str) -> Environment<'a> {
        Environment { url: &self.endpoint_url, region, keeps_region: false }
    }

    /// Returns the address on which the mock listens.
    ///
    /// # Panics
    ///
    /// If the mock is [in process](Self::in_process): it does not listen.
    #[track_caller]
    pub fn address(&self) -> SocketAddr {
        match self.live.listener() {
            Some(listener) => listener.address(),
            None => panic!("a mock in process does not listen: use its sdk_config(), or start() one that does"),
        }
    }

    /// Injects a fault: it applies from now on. The handle counts how often, and can lift the fault. Dropping the handle leaves the
    /// fault in force.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// use putevents_mock::{EntryError, Fault, MockEventBridge};
    ///
    /// let eventbridge = MockEventBridge::start().await;
    /// eventbridge.inject(Fault::entry(EntryError::throttling()).at_index(0).times(2));
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If the fault is for an entry at an index that no request within the [limits](super::MockEventBridgeBuilder::limits) has, or if
    /// the mock is mounted on a wiremock server that cannot perform the fault.
    #[track_caller]
    pub fn inject(&self, fault: Fault) -> FaultHandle {
        self.live.assert_performable(&fault);
        let id = self.live.faults().inject(fault);
        FaultHandle::new(id, Arc::clone(&self.live))
    }

    /// Injects a fault that applies until the returned [`ScopedFault`] is dropped.
    ///
    /// # Panics
    ///
    /// As [`inject`](Self::inject).
    #[track_caller]
    #[must_use = "the fault is lifted as soon as this is dropped"]
    pub fn inject_scoped(&self, fault: Fault) -> ScopedFault {
        ScopedFault::new(self.inject(fault))
    }

    /// Injects these faults in their order: a list, or the faults of a [`Plan`]. It ignores the seed of a plan and its settings of
    /// the mock: [`MockEventBridgeBuilder::plan`](super::MockEventBridgeBuilder::plan) takes those too.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// use putevents_mock::{Fault, MockEventBridge, RequestError};
    ///
    /// let eventbridge = MockEventBridge::start().await;
    /// let faults = [Fault::request(RequestError::throttling()).times(1), Fault::reset().times(1)];
    /// let handles = eventbridge.inject_all(faults);
    /// assert_eq!(handles.len(), 2);
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// As [`inject`](Self::inject).
    #[track_caller]
    pub fn inject_all(&self, faults: impl IntoIterator<Item = Fault>) -> Vec<FaultHandle> {
        // In a closure, `inject` would have the closure as its caller.
        let mut handles = Vec::new();
        for fault in faults {
            handles.push(self.inject(fault));
        }
        handles
    }

    /// Answers requests for an operation other than PutEvents with HTTP 200 and this body, from now on. It also replaces the mock's
    /// own answer to `DescribeEventBus`.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// use putevents_mock::MockEventBridge;
    ///
    /// let eventbridge = MockEventBridge::start().await;
    /// eventbridge.answer("ListRules", serde_json::json!({ "Rules": [] }));
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If EventBridge has no operation of this name, if it is PutEvents (use [`Fault::answer_with`]), or if the answer is not an
    /// object.
    #[track_caller]
    pub fn answer(&self, operation: &str, answer: Value) {
        // The lock is free when this panics.
        or_panic(self.live.give_answer(operation, answer));
    }

    /// Lifts all faults. Outcomes that they caused are kept.
    pub fn clear_faults(&self) {
        self.live.faults().clear_faults();
    }

    /// Returns the faults that are in force, and the seed, as a [`Plan`]. A plan prints itself as JSON, and can be read from it.
    pub fn plan_in_force(&self) -> Plan {
        self.live.ask(Engine::plan_in_force)
    }

    /// Asserts that every fault that was injected has applied, and as often as [`Fault::times`] says.
    ///
    /// # Panics
    ///
    /// If a fault did not: the report names it, and says why. See [`Journal::assert_every_fault_fired`].
    #[track_caller]
    pub fn assert_every_fault_fired(&self) {
        self.journal().assert_every_fault_fired();
    }

    /// Returns a snapshot of the journal: all attempts so far. Later attempts do not change it.
    pub fn journal(&self) -> Journal {
        self.live.journal()
    }

    /// Clears the journal. Faults stay in force, and the numbers of attempts go on. The tries of an event are counted anew.
    pub fn clear_journal(&self) {
        self.live.clear_journal();
    }

    /// Returns a [`Subscription`] to events: first each event that the journal holds, then each event when it is published.
    pub fn subscribe(&self) -> Subscription {
        self.live.subscribe()
    }

    /// Stops the mock and returns its final journal. It stops listening, finishes the replies that are being written, and closes
    /// all connections.
    pub async fn shutdown(mut self) -> Journal {
        let stopped = match self.running.take() {
            Some(running) => running.stop().await,
            None => {
                self.live.close();
                Ok(())
            }
        };
        if let Err(panic) = stopped {
            self.live.report(ProblemCause::server_failed(&panic));
        }
        self.live.journal()
    }
}

impl MockEventBridge {
    pub(crate) fn live(&self) -> &Arc<Live> {
        &self.live
    }
}

impl fmt::Debug for MockEventBridge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MockEventBridge").field("endpoint_url", &self.endpoint_url).finish_non_exhaustive()
    }
}
