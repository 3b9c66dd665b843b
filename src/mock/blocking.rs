//! Mocks for tests without a runtime.
//!
//! They share one runtime on one thread. A mock is idle most of the time, and a thread per mock would be a thread per test.

use std::convert::identity;
use std::future::{Future, pending};
use std::sync::OnceLock;
use std::sync::mpsc;
use std::thread;

use tokio::runtime::{Builder, Handle};
use tokio::task::JoinError;

use super::{MockEventBridge, MockEventBridgeBuilder, StartError};

impl MockEventBridgeBuilder {
    /// Starts the mock on the background thread of all blocking mocks: see [`MockEventBridge::start_blocking`].
    ///
    /// # Panics
    ///
    /// Where [`try_start_blocking`](Self::try_start_blocking) returns an error.
    #[track_caller]
    pub fn start_blocking(self) -> MockEventBridge {
        match self.try_start_blocking() {
            Ok(eventbridge) => eventbridge,
            Err(error) => panic!("{error}"),
        }
    }

    /// Starts the mock as [`start_blocking`](Self::start_blocking) does, or returns why it cannot start.
    ///
    /// ```
    /// use putevents_mock::MockEventBridge;
    ///
    /// let eventbridge = MockEventBridge::builder().port(0).try_start_blocking()?;
    /// # Ok::<_, putevents_mock::mock::StartError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the background thread cannot start, or the mock cannot listen on its port or its listener.
    pub fn try_start_blocking(self) -> Result<MockEventBridge, StartError> {
        // `block_on` would panic if the caller is on a runtime.
        let (sender, receiver) = mpsc::channel();
        background()?.spawn(async move {
            let started = tokio::spawn(async { self.listen(identity) }).await;
            drop(sender.send(started));
        });
        match receiver.recv() {
            Ok(Ok(started)) => started.inspect(|eventbridge| eventbridge.live.set_elsewhere()),
            Ok(Err(error)) => panic!("the mock could not be started: {}", reason(error)),
            Err(_) => panic!("the mock could not be started: its thread is gone"),
        }
    }
}

/// The text with which a task panicked.
fn reason(error: JoinError) -> String {
    match error.try_into_panic() {
        Ok(panic) => match panic.downcast::<String>() {
            Ok(text) => *text,
            Err(panic) => panic.downcast_ref::<&str>().copied().unwrap_or("it panicked without a text").to_owned(),
        },
        Err(error) => error.to_string(),
    }
}

impl MockEventBridge {
    /// Blocks until a future is done, in a test without a runtime. The future runs with tokio's timers and I/O, in real time.
    ///
    /// ```
    /// use putevents_mock::MockEventBridge;
    ///
    /// let eventbridge = MockEventBridge::start_blocking();
    /// let journal = MockEventBridge::block_on(eventbridge.shutdown());
    /// assert!(journal.attempts().is_empty());
    /// ```
    ///
    /// # Panics
    ///
    /// If it is called on a tokio runtime (await the future there), or if the background thread cannot start.
    #[track_caller]
    pub fn block_on<F: Future>(future: F) -> F::Output {
        match background() {
            Ok(runtime) => runtime.block_on(future),
            Err(error) => panic!("{error}"),
        }
    }
}

/// The runtime of all blocking mocks. It lives as long as the process.
fn background() -> Result<&'static Handle, StartError> {
    static RUNTIME: OnceLock<Result<Handle, String>> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| {
        let (sender, receiver) = mpsc::channel();
        let run = move || {
            let runtime = Builder::new_current_thread().enable_all().build();
            if let Ok(runtime) = &runtime {
                let _ = sender.send(runtime.handle().clone());
                runtime.block_on(pending::<()>());
            }
        };
        let thread = thread::Builder::new().name("putevents-mock".into()).spawn(run);
        thread.map_err(|error| error.to_string()).and_then(|_| receiver.recv().map_err(|error| error.to_string()))
    });
    runtime.as_ref().map_err(|why| StartError::no_thread(why))
}
