//! How a mock starts.

use std::future::Future;

use super::{MockEventBridge, MockEventBridgeBuilder};

/// # Start
impl MockEventBridge {
    /// Starts a mock with today's limits, on the runtime that awaits this.
    ///
    /// It answers only while that runtime runs. A blocking call in the test, such as a request of a blocking client, keeps a
    /// runtime with one thread from that, and so does the end of the test for a mock that other tests share:
    /// [`start_blocking`](Self::start_blocking) is for both. Where a client has waited for two seconds and the runtime does
    /// nothing, a line on standard error says so, with the place of this call.
    ///
    /// # Panics
    ///
    /// When it is awaited: if no port can be had, which in practice means that the process has run out of file descriptors,
    /// or outside of a tokio runtime with I/O.
    #[track_caller]
    pub fn start() -> impl Future<Output = Self> + Send + 'static {
        Self::builder().start()
    }

    /// A mock that serves on a thread of its own, for tests without a runtime, for blocking clients and for child processes.
    /// All such mocks of a process share one thread.
    ///
    /// Its clock is the real one. Where the test's is paused (`start_paused`), virtual time does not reach this mock: its
    /// latencies and quotas take as long as they say, while the timeouts of a client on the test's clock are over at once, for
    /// which there is [`hold_clock`]. [`start`](Self::start) or [`in_process`](Self::in_process) serve on the paused clock. What the mock can only do asynchronously,
    /// [`block_on`](Self::block_on) does.
    ///
    /// ```
    /// use putevents_mock::MockEventBridge;
    ///
    /// let eventbridge = MockEventBridge::start_blocking();
    /// // Give `eventbridge.endpoint_url()` to the program under test, or `eventbridge.env()` to a child process.
    /// let journal = MockEventBridge::block_on(eventbridge.shutdown());
    /// assert!(journal.problems().is_empty(), "{journal}");
    /// ```
    ///
    /// # Panics
    ///
    /// If no port or no thread can be had.
    pub fn start_blocking() -> Self {
        Self::builder().start_blocking()
    }

    /// A mock without a socket. With the feature `aws-sdk` its `sdk_config()` calls it directly, with `tower` its
    /// `http_service()` does, and with `wiremock` it can be mounted. Everything that waits, waits on tokio's clock. Once it is
    /// dropped, its configurations and services refuse connections and say why.
    ///
    /// ```
    /// use putevents_mock::MockEventBridge;
    ///
    /// let eventbridge = MockEventBridge::in_process();
    /// assert!(eventbridge.journal().attempts().is_empty());
    /// ```
    pub fn in_process() -> Self {
        Self::builder().in_process()
    }

    /// Makes a builder, for a mock with other settings than the defaults.
    pub fn builder() -> MockEventBridgeBuilder {
        MockEventBridgeBuilder::new()
    }
}
