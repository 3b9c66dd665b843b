//! Mocks for tests without a runtime.
//!
//! One runtime on one thread serves all of them: a mock does nothing most of the time, and a thread each would cost a
//! test suite a thread for each of its tests.

use std::convert::identity;
use std::future::{Future, pending};
use std::sync::OnceLock;
use std::sync::mpsc;
use std::thread;

use tokio::runtime::{Builder, Handle};
use tokio::task::JoinError;

use super::{MockEventBridge, MockEventBridgeBuilder, StartError};

impl MockEventBridgeBuilder {
    /// Starts the mock on a thread of its own, as [`MockEventBridge::start_blocking`].
    ///
    /// # Panics
    ///
    /// As [`MockEventBridge::start_blocking`].
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
    /// If the mock can have no thread, or cannot listen on its port or its listener.
    pub fn try_start_blocking(self) -> Result<MockEventBridge, StartError> {
        // Not by `block_on`, which would panic where it is called on a runtime after all.
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

/// With what words a task panicked.
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
    /// Waits for something asynchronous in a test that is not: `MockEventBridge::block_on(eventbridge.shutdown())`. Its
    /// times are real ones.
    ///
    /// # Panics
    ///
    /// On a runtime of tokio's: there it can be awaited.
    #[track_caller]
    pub fn block_on<F: Future>(future: F) -> F::Output {
        match background() {
            Ok(runtime) => runtime.block_on(future),
            Err(error) => panic!("{error}"),
        }
    }
}

/// The runtime of all mocks that were started blocking. It lives as long as the process.
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
