//! Waits for a program that works in the background.

use std::fmt;
use std::future::poll_fn;
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio::time::timeout;

use super::Live;
use super::waiting::{One, Reached};
use crate::engine::Engine;
use crate::journal::Journal;
use crate::words::{LOST_SERVER, NO_REQUEST, count, debug_is_display};

impl Live {
    pub(crate) async fn wait_until(
        &self,
        limit: Duration,
        mut wanted: impl FnMut(&Journal) -> bool,
    ) -> Result<Journal, WaitTimeout> {
        let mut changed = self.changes();
        self.wait(limit, Wanted::Condition, async {
            loop {
                let journal = self.journal();
                if wanted(&journal) || changed.changed().await.is_err() {
                    return journal;
                }
            }
        })
        .await
    }

    pub(crate) async fn wait_for_published(&self, events: usize, limit: Duration) -> Result<Journal, WaitTimeout> {
        let until = Reached { count: Journal::published_in_all, number: events };
        self.wait(limit, Wanted::Published(events), self.reached(until, Engine::journal)).await
    }

    pub(crate) async fn wait_for_attempts(&self, attempts: usize, limit: Duration) -> Result<Journal, WaitTimeout> {
        let until = Reached { count: Journal::attempts_in_all, number: attempts };
        self.wait(limit, Wanted::Attempts(attempts), self.reached(until, Engine::journal)).await
    }

    /// Waits without a limit until this many requests have come.
    pub(crate) async fn requests_reach(&self, requests: usize) {
        let count = |record: &Journal| record.next_number() - 1;
        self.reached(Reached { count, number: requests }, |_| ()).await;
    }

    /// Waits until a count is reached, and returns the answer of the engine at that moment. The task is not woken before.
    async fn reached<T>(&self, until: Reached, answer: fn(&Engine) -> T) -> T {
        let place = Place { live: self, id: self.state().waiting.next_id() };
        poll_fn(|cx| {
            let mut state = self.state();
            if until.is_so(state.engine.record()) {
                return Poll::Ready(answer(&state.engine));
            }
            let before = state.waiting.enter(One { id: place.id, until, waker: cx.waker().clone() });
            drop(state);
            drop(before);
            Poll::Pending
        })
        .await
    }

    pub(crate) async fn wait_until_idle(&self, quiet_for: Duration, limit: Duration) -> Result<Journal, WaitTimeout> {
        let mut changed = self.changes();
        self.wait(limit, Wanted::Idle(quiet_for), async {
            let mut seen = changed.borrow().traffic;
            loop {
                let is_busy = || self.ask(|engine| engine.record().is_anything_in_flight());
                let quiet = if is_busy() { limit } else { quiet_for };
                match timeout(quiet, changed.wait_for(|changes| changes.traffic != seen)).await {
                    Ok(Ok(changes)) => seen = changes.traffic,
                    _ if is_busy() => {}
                    _ => return self.journal(),
                }
            }
        })
        .await
    }

    #[expect(clippy::disallowed_methods, reason = "real time tells a jump of tokio's clock")]
    async fn wait(
        &self,
        limit: Duration,
        wanted: Wanted,
        waiting: impl Future<Output = Journal>,
    ) -> Result<Journal, WaitTimeout> {
        let started = Instant::now();
        let finished = timeout(limit, waiting).await;
        // A paused clock jumps to the limit while a server on another thread is still at work.
        let jumped = self.is_elsewhere() && started.elapsed() < limit / 2;
        finished.map_err(|_| {
            let journal = self.journal();
            WaitTimeout { wanted, limit, jumped, has_lost_server: journal.since().has_lost_server, journal }
        })
    }
}

/// The place of a task among those that wait. Its drop gives the place up.
struct Place<'a> {
    live: &'a Live,
    id: u64,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let left = self.live.state().waiting.leave(self.id);
        drop(left);
    }
}

/// The condition of a wait.
#[derive(Clone)]
enum Wanted {
    Condition,
    Published(usize),
    Attempts(usize),
    Idle(Duration),
}

/// The error of the waiting methods: the condition did not hold within the limit. `{}` and `{:?}` print the condition, the limit
/// and the journal, so that `unwrap` in a test is readable.
///
/// ```
/// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
/// use std::time::Duration;
///
/// use putevents_mock::MockEventBridge;
///
/// let eventbridge = MockEventBridge::in_process();
/// let timeout = eventbridge.wait_for_published(3, Duration::from_secs(5)).await.unwrap_err();
/// assert!(timeout.to_string().starts_with("0 of 3 events published within 5 s"));
/// assert!(timeout.journal().attempts().is_empty());
/// # }
/// ```
#[derive(Clone)]
pub struct WaitTimeout {
    wanted: Wanted,
    limit: Duration,
    jumped: bool,
    has_lost_server: bool,
    journal: Journal,
}

impl WaitTimeout {
    /// Returns the journal as it was at the limit.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }
}

impl fmt::Display for WaitTimeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limit = self.limit.as_secs_f64();
        match self.wanted {
            Wanted::Condition => write!(f, "the condition did not hold within {limit} s")?,
            Wanted::Published(events) => {
                let published = self.journal().published_in_all();
                write!(f, "{published} of {} published within {limit} s", count(events, "event"))?;
            }
            Wanted::Attempts(attempts) => {
                let received = self.journal().attempts_in_all();
                write!(f, "{received} of {} received within {limit} s", count(attempts, "attempt"))?;
            }
            Wanted::Idle(quiet) => {
                write!(f, "the publisher was never idle for {} s within {limit} s", quiet.as_secs_f64())?;
            }
        }
        if self.jumped {
            f.write_str(
                ": tokio's clock is paused, and jumped to the limit while another thread serves the mock. start() the mock on this \
                 runtime, or keep the clock from jumping with hold_clock()",
            )?;
        }
        write!(f, "\n\n{}", self.journal())?;
        if self.has_lost_server {
            writeln!(f, "\n{LOST_SERVER}")
        } else if self.journal.history().0 == 0 {
            writeln!(f, "\n{NO_REQUEST}")
        } else {
            Ok(())
        }
    }
}

debug_is_display!(WaitTimeout);

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    use std::task::{Context, Wake, Waker};

    use bytes::Bytes;

    use super::*;
    use crate::service::Ids;

    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Relaxed);
        }
    }

    #[test]
    fn who_waits_for_a_count_is_woken_when_it_is_reached_and_not_before() {
        let live = Arc::new(Live::new(Engine::new(), Ids::counting(), None));
        let send = || drop(live.handle(http::Request::post("/").body(Bytes::new()).unwrap()));
        let woken = Arc::<Woken>::default();
        let waker = Waker::from(Arc::clone(&woken));
        let mut cx = Context::from_waker(&waker);
        let mut waits = pin!(live.requests_reach(3));
        {
            let mut gives_up = pin!(live.requests_reach(2));
            assert!(gives_up.as_mut().poll(&mut cx).is_pending());
            assert!(waits.as_mut().poll(&mut cx).is_pending() && waits.as_mut().poll(&mut cx).is_pending());
            assert_eq!(live.state().waiting.len(), 2);
            send();
        }
        assert_eq!(live.state().waiting.len(), 1, "who has given up waits no more");
        send();
        assert_eq!(woken.0.load(Relaxed), 0);
        send();
        assert_eq!((woken.0.load(Relaxed), live.state().waiting.len()), (1, 0));
        assert!(waits.as_mut().poll(&mut cx).is_ready());
    }
}
