//! How a mock starts.

use std::future::Future;

use super::{MockEventBridge, MockEventBridgeBuilder};

/// # Start
impl MockEventBridge {
    /// Starts a mock with today's limits, on the runtime that awaits this.
    ///
    /// The mock answers only while that runtime runs. A blocking call in the test, such as a request of a blocking client, stops a
    /// runtime with one thread. The end of a test stops its runtime, also for a mock that other tests share. Use
    /// [`start_blocking`](Self::start_blocking) in both cases. If a client has waited for two seconds and the runtime does nothing,
    /// a line on standard error says so, with the place of this call.
    ///
    /// # Panics
    ///
    /// When it is awaited: if there is no tokio runtime with I/O, or no free port. A process that finds no free port has in
    /// practice run out of file descriptors.
    #[track_caller]
    pub fn start() -> impl Future<Output = Self> + Send + 'static {
        Self::builder().start()
    }

    /// Starts a mock on a background thread, for tests without a runtime, for blocking clients and for child processes. All such
    /// mocks of a process share one thread. [`block_on`](Self::block_on) calls the asynchronous methods of the mock.
    ///
    /// The mock's clock is the real one, also in a test with a paused clock (`start_paused`). Its latencies and quotas take as long
    /// as they say. The timeouts of a client on the paused clock are over at once, before the reply can come:
    /// [`hold_clock`](super::hold_clock) prevents that. Mocks of [`start`](Self::start) and [`in_process`](Self::in_process) run on
    /// the paused clock.
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
    /// If there is no free port, or the background thread cannot start.
    #[track_caller]
    pub fn start_blocking() -> Self {
        Self::builder().start_blocking()
    }

    /// Makes a mock without a socket. All its delays are on tokio's clock.
    ///
    /// Clients reach it through `sdk_config()` (feature `aws-sdk`), `http_service()` (feature `tower`), or a wiremock server with
    /// `mount_on()` (feature `wiremock`). After the mock is dropped, its configurations and services refuse connections and say
    /// why.
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

    /// Returns a builder with the default settings.
    pub fn builder() -> MockEventBridgeBuilder {
        MockEventBridgeBuilder::new()
    }
}
