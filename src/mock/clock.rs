//! Paused clocks.

use std::sync::mpsc;

use tokio::runtime::Handle;

/// A guard that keeps the paused clock of a tokio runtime from jumping until it is dropped. [`hold_clock`] makes one.
#[derive(Debug)]
#[must_use = "the clock is free to jump as soon as this is dropped"]
pub struct ClockHold {
    _running: mpsc::Sender<()>,
}

/// Keeps the paused clock of the current tokio runtime from jumping until the returned [`ClockHold`] is dropped.
///
/// A paused clock (`start_paused`) jumps to the next timer whenever its runtime is idle. A runtime that waits for a server on
/// another thread is idle. So a timeout of five seconds is over at once, before the reply can come.
///
/// Hold the clock for a mock that was started blocking or mounted on wiremock, and for any other server on another thread. A mock
/// that was started on the runtime of the test, or in process, does not need it. While the clock is held, no sleep on it ends: hold
/// it only around calls that wait for the other thread.
///
/// ```
/// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
/// use std::time::Duration;
/// use putevents_mock::mock::hold_clock;
/// use putevents_mock::MockEventBridge;
///
/// let eventbridge = MockEventBridge::start_blocking();
/// let hold = hold_clock();
/// // Call the program under test, which has timeouts.
/// drop(hold);
/// tokio::time::sleep(Duration::from_secs(600)).await; // Over at once.
/// # }
/// ```
///
/// # Panics
///
/// If it is called outside of a tokio runtime.
#[track_caller]
pub fn hold_clock() -> ClockHold {
    assert!(
        Handle::try_current().is_ok(),
        "hold_clock() holds the clock of a tokio runtime, and there is none here: call it in a #[tokio::test]"
    );
    let (running, ended) = mpsc::channel();
    // tokio does not let its clock jump while something blocking runs.
    tokio::task::spawn_blocking(move || ended.recv());
    ClockHold { _running: running }
}
