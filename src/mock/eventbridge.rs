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

/// A mock of EventBridge that listens on a free port of 127.0.0.1 and answers PutEvents as the real service does.
///
/// It serves on the runtime on which it was started, and ends when it is dropped or [shut down](Self::shutdown). Where it is
/// dropped while a test panics, it prints its journal, unless the text of the panic shows it or it was told to be
/// [quiet](crate::mock::MockEventBridgeBuilder::quiet_on_panic).
///
/// Keep it in a variable until the publisher is done: `let _ = MockEventBridge::start().await` ends it at once, and so does
/// `MockEventBridge::start().await.endpoint_url().to_owned()`. Unlike a server of wiremock it verifies nothing when it is
/// dropped: a test asks its [journal](Self::journal).
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
    /// What its region is called in signatures.
    pub(super) region: String,
    /// Whether it prints nothing when it is dropped in a panic.
    pub(super) is_quiet: bool,
}

impl MockEventBridge {
    /// Where it listens: `http://127.0.0.1:` and a port. The value for an SDK's `endpoint_url`.
    pub fn endpoint_url(&self) -> &str {
        &self.endpoint_url
    }

    /// A region that only clients of this mock have, such as `us-east-1-mock-7`, for an SDK client that is made by hand.
    ///
    /// The SDK for Rust lets all clients in a process that have the same region share one quota of retries, which the tests of
    /// one binary use up together; then calls are tried less often. The journal and the envelopes of events call the region
    /// by its name alone: `us-east-1`, or that of the [builder](MockEventBridgeBuilder::region).
    /// `sdk_config()` (feature `aws-sdk`) sees to it by itself.
    pub fn region(&self) -> String {
        self.region.clone()
    }

    /// What is to be set in the environment of a child process that publishes to this mock, under the names that AWS SDKs know: the
    /// endpoint URL for EventBridge, for CloudWatch Events and, unless this process has an `AWS_ENDPOINT_URL`, for any other
    /// service; test credentials; the region of the [builder](MockEventBridgeBuilder::region), or `us-east-1`; and the lists of
    /// hosts that need no proxy.
    ///
    /// A child also inherits what cannot be undone by setting anything, such as `AWS_PROFILE` or `AWS_SESSION_TOKEN`.
    /// [`apply_env`](Self::apply_env) takes that away too.
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

    /// Changes the environment of a command so that the AWS SDK in it finds this mock, whatever this process has in its own: sets
    /// what [`env`](Self::env) has, and removes profiles, session tokens and roles. What the command was told of its environment
    /// before counts as there. The table of all variables is in the page about the
    /// stand-alone server, `docs/stand-alone-server.md`.
    ///
    /// ```no_run
    /// # use putevents_mock::MockEventBridge;
    /// let eventbridge = MockEventBridge::start_blocking();
    /// let mut publisher = std::process::Command::new("my-publisher");
    /// eventbridge.apply_env(&mut publisher);
    /// publisher.status()?;
    /// # Ok::<_, std::io::Error>(())
    /// ```
    ///
    /// A command of tokio is `command.as_std_mut()`.
    pub fn apply_env(&self, command: &mut std::process::Command) {
        self.environment(plain_region(&self.region)).apply_to(command);
    }

    fn environment<'a>(&'a self, region: &'a str) -> Environment<'a> {
        Environment { url: &self.endpoint_url, region, keeps_region: false }
    }

    /// The address under which it listens.
    ///
    /// # Panics
    ///
    /// If it does not listen: a mock [in process](Self::in_process) has no address.
    #[track_caller]
    pub fn address(&self) -> SocketAddr {
        match self.live.listener() {
            Some(listener) => listener.address(),
            None => panic!("a mock in process does not listen: use its sdk_config(), or start() one that does"),
        }
    }

    /// Lets something go wrong from now on.
    ///
    /// # Panics
    ///
    /// As [`Engine::inject`], and if the mock is mounted on a server of wiremock that cannot perform it.
    #[track_caller]
    pub fn inject(&self, fault: Fault) -> FaultHandle {
        self.live.assert_performable(&fault);
        let id = self.live.faults().inject(fault);
        FaultHandle::new(id, Arc::clone(&self.live))
    }

    /// Lets something go wrong until what this returns is dropped.
    ///
    /// # Panics
    ///
    /// As [`Engine::inject`].
    #[track_caller]
    #[must_use = "the fault is lifted as soon as this is dropped"]
    pub fn inject_scoped(&self, fault: Fault) -> ScopedFault {
        ScopedFault::new(self.inject(fault))
    }

    /// Lets all these faults happen from now on, in their order: a list, or a [`Plan`]. The seed of a plan, and what it says of
    /// the mock, count only with [`MockEventBridgeBuilder::plan`].
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

    /// Answers requests for another operation than PutEvents from now on: see [`Engine::answer`].
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
    /// As [`Engine::answer`].
    #[track_caller]
    pub fn answer(&self, operation: &str, answer: Value) {
        // The lock is free again by the time that this panics.
        or_panic(self.live.give_answer(operation, answer));
    }

    /// Takes all faults back. What they have done stays done.
    pub fn clear_faults(&self) {
        self.live.faults().clear_faults();
    }

    /// The faults that are in force, with the seed: it prints itself as JSON that can be read again.
    pub fn plan_in_force(&self) -> Plan {
        self.live.ask(Engine::plan_in_force)
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
        self.live.journal()
    }

    /// Forgets what has happened so far. Faults stay in force, and attempts are counted on.
    pub fn clear_journal(&self) {
        self.live.clear_journal();
    }

    /// Every event that the journal holds, and then each one as soon as it is published.
    pub fn subscribe(&self) -> Subscription {
        self.live.subscribe()
    }

    /// Stops listening, lets answers that are being written arrive, closes all connections, and returns the final
    /// journal when nothing runs any more.
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
