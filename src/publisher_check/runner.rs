//! One run of a publisher, with a new mock on a new runtime.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::time::{sleep, timeout};

use super::panics;
use crate::check::Reported;
use crate::explore::{Done, Ending, Runner, Workload};
use crate::fault::Fault;
use crate::journal::Journal;
use crate::live::Rehearsal;
use crate::mock::{MockEventBridge, MockEventBridgeBuilder};

/// A publisher and the conditions of its runs.
pub(super) struct Stage<P> {
    pub(super) publisher: P,
    /// Changes the settings of its mocks.
    pub(super) configure: Box<dyn Fn(MockEventBridgeBuilder) -> MockEventBridgeBuilder + Send + Sync>,
    pub(super) over_socket: bool,
    pub(super) max_requests: usize,
    /// On the clock of the run.
    pub(super) time_limit: Duration,
    /// The time for which the publisher is watched after it is done, on the clock of the run.
    pub(super) afterwards: Duration,
    pub(super) began: std::time::Instant,
}

/// A publisher that can be run.
pub(super) trait Publishes: Send + Sync + 'static {
    fn publish<'a>(
        &'a self,
        eventbridge: &'a MockEventBridge,
        workload: Workload,
    ) -> Pin<Box<dyn Future<Output = Reported> + 'a>>;

    /// The number of events of a workload, if it is known.
    fn given(&self, workload: Workload) -> Option<usize>;
}

/// The time that a reply takes in a run on virtual time.
const SERVICE_TIME: Duration = Duration::from_millis(1);

impl<P: Publishes> Runner for Stage<P> {
    fn run(&self, workload: Workload, faults: Vec<Fault>) -> Done {
        panics::take_down();
        let done = catch_unwind(AssertUnwindSafe(|| {
            let runtime = Builder::new_current_thread().enable_all().start_paused(!self.over_socket).build();
            runtime.map(|runtime| runtime.block_on(self.play(workload, faults)))
        }));
        let panic = panics::first();
        match (done, panic) {
            (Ok(Ok(done)), None) => done,
            (Ok(Ok(done)), Some(panic)) => Done { ending: Ending::Panicked(panic), ..done },
            (Ok(Err(error)), _) => {
                nothing(Ending::Panicked(format!("the check has no runtime to run the publisher on: {error}")))
            }
            (Err(_), panic) => nothing(Ending::Panicked(panic.unwrap_or_default())),
        }
    }

    fn given(&self, workload: Workload) -> Option<usize> {
        self.publisher.given(workload)
    }

    fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }
}

fn nothing(ending: Ending) -> Done {
    Done { journal: Journal::new(), ending, attempts: 0 }
}

impl<P: Publishes> Stage<P> {
    async fn play(&self, workload: Workload, faults: Vec<Fault>) -> Done {
        let builder = (self.configure)(MockEventBridge::builder().quiet_on_panic());
        let eventbridge = if self.over_socket {
            builder.start().await
        } else {
            let eventbridge = builder.in_process();
            eventbridge.live().rehearse(Rehearsal { service_time: SERVICE_TIME, max_requests: self.max_requests });
            eventbridge
        };
        faults.into_iter().for_each(|fault| drop(eventbridge.inject(fault)));
        let publishing = async {
            let publishing = AssertPanics(self.publisher.publish(&eventbridge, workload));
            match timeout(self.time_limit, publishing).await {
                Ok(Some(said)) => Ending::Said(said),
                Ok(None) => Ending::Panicked(String::new()), // The panic hook has the text.
                Err(_) => Ending::TooLong(self.time_limit),
            }
        };
        // In this order, not in a random one: the same publisher must make the same run.
        let ending = tokio::select! {
            biased;
            () = eventbridge.live().requests_reach(self.max_requests) => Ending::TooManyRequests(self.max_requests),
            ending = publishing => ending,
        };
        let attempts = eventbridge.journal().attempts().len();
        if matches!(ending, Ending::Said(_)) {
            tokio::select! {
                biased;
                () = eventbridge.live().requests_reach(self.max_requests) => {}
                () = sleep(self.afterwards) => {}
            }
        }
        Done { journal: eventbridge.journal(), ending, attempts }
    }
}

/// A future that is ready with `None` if it panics.
struct AssertPanics<'a>(Pin<Box<dyn Future<Output = Reported> + 'a>>);

impl Future for AssertPanics<'_> {
    type Output = Option<Reported>;

    fn poll(mut self: Pin<&mut Self>, context: &mut std::task::Context<'_>) -> std::task::Poll<Option<Reported>> {
        match catch_unwind(AssertUnwindSafe(|| self.0.as_mut().poll(context))) {
            Ok(poll) => poll.map(Some),
            Err(_) => std::task::Poll::Ready(None),
        }
    }
}
