//! Wakes tasks after real time, also if tokio's clock is paused.
//!
//! A paused clock jumps to the next timer as soon as its runtime is idle. A timer of tokio that protects the mock from half-sent
//! requests would make the clock of the test jump. So these timers are on one thread for the whole process. The first timer starts
//! the thread. A test in which every request comes in one piece has no such thread.

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::sync::OnceLock;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::task::{Poll, Waker};
use std::time::{Duration, Instant};

static THREAD: OnceLock<Sender<(Instant, Waker)>> = OnceLock::new();

/// Wakes the task once, at the deadline or a little later.
pub(super) fn wake_at(deadline: Instant, waker: Waker) {
    let thread = THREAD.get_or_init(|| {
        let (sender, receiver) = mpsc::channel();
        // Without the thread no task is woken, and half-sent requests have no deadline.
        let _ = std::thread::Builder::new().name("putevents-mock watchdog".into()).spawn(move || run(&receiver));
        sender
    });
    let _ = thread.send((deadline, waker));
}

/// Waits in real time.
#[expect(clippy::disallowed_methods, reason = "this is the module of real time")]
pub(super) fn pause(duration: Duration) -> impl Future<Output = ()> {
    let deadline = Instant::now() + duration;
    poll_fn(move |cx| {
        if Instant::now() >= deadline {
            return Poll::Ready(());
        }
        wake_at(deadline, cx.waker().clone());
        Poll::Pending
    })
}

#[expect(clippy::disallowed_methods, reason = "this is the module of real time")]
fn run(requests: &Receiver<(Instant, Waker)>) {
    let mut waiting: BTreeMap<(Instant, u64), Waker> = BTreeMap::new();
    for number in 0.. {
        let request = match waiting.first_key_value() {
            None => requests.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(((deadline, _), _)) => requests.recv_timeout(deadline.saturating_duration_since(Instant::now())),
        };
        match request {
            Ok((deadline, waker)) => drop(waiting.insert((deadline, number), waker)),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        while let Some(first) = waiting.first_entry().filter(|first| first.key().0 <= Instant::now()) {
            first.remove().wake();
        }
    }
}
