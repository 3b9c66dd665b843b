//! One run of the publisher, with a new mock.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::super::server::Server;
use super::caller::Caller;
use super::command::Command;
use super::running::{Ended, Running};
use crate::explore::{Done, Ending, Runner, Workload};
use crate::fault::Fault;
use crate::files::Plan;
use crate::journal::Journal;
use crate::live::Live;
use crate::service::Limits;
use crate::words::seconds;

/// The time between two looks at what other runs have met.
const LOOK: Duration = Duration::from_millis(100);
/// The time limit for a mock to stop.
const TO_STOP: Duration = Duration::from_secs(2);

/// The publisher and the conditions of its runs.
pub(super) struct Stage {
    pub(super) publisher: Publisher,
    pub(super) events: Option<Vec<Value>>,
    pub(super) limits: Limits,
    pub(super) run_time: Duration,
    pub(super) max_requests: usize,
    pub(super) began: Instant,
    pub(super) interrupted: watch::Receiver<bool>,
    pub(super) notes: Mutex<Notes>,
}

/// What publishes.
pub(super) enum Publisher {
    Command(Command),
    Caller(Caller),
}

/// Notes of the runs for the user, beside the results of the search.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// Why the publisher cannot be run.
    pub(super) trouble: Option<String>,
    /// How the publisher failed in a run without faults, and its output.
    pub(super) failed: Option<String>,
}

impl Runner for Stage {
    fn run(&self, workload: Workload, faults: Vec<Fault>) -> Done {
        if self.is_interrupted() {
            return abandoned();
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| format!("cannot start a tokio runtime: {error}"));
        let done = runtime.and_then(|runtime| runtime.block_on(self.play(workload, faults)));
        done.unwrap_or_else(|trouble| {
            self.notes().trouble.get_or_insert(trouble);
            abandoned()
        })
    }

    fn given(&self, workload: Workload) -> Option<usize> {
        let there = self.events.as_ref()?.len();
        // A workload with more events than the file has is left out.
        Some(if workload.events() <= there { workload.events() } else { 0 })
    }

    fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    fn is_interrupted(&self) -> bool {
        let is_stuck = matches!(&self.publisher, Publisher::Caller(caller) if caller.is_stuck());
        is_stuck || *self.interrupted.borrow() || self.notes().trouble.is_some()
    }
}

fn abandoned() -> Done {
    Done { journal: Journal::new(), ending: Ending::Abandoned, attempts: 0 }
}

impl Stage {
    pub(super) fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn play(&self, workload: Workload, faults: Vec<Fault>) -> Result<Done, String> {
        let goes_wrong = !faults.is_empty();
        let server = Server::for_command(Plan::new(faults), self.limits)?;
        let events = self.events.as_ref().map(|events| events.iter().take(workload.events()).cloned().collect());
        match &self.publisher {
            Publisher::Command(command) => {
                let running = command.start(&server, events, goes_wrong)?;
                self.play_with(running, server, goes_wrong).await
            }
            Publisher::Caller(caller) => {
                let running = caller.start(&server.url(), events);
                self.play_with(running, server, goes_wrong).await
            }
        }
    }

    async fn play_with(&self, mut running: impl Running, server: Server, goes_wrong: bool) -> Result<Done, String> {
        let mock = server.mock();
        let (ending, failure) = tokio::select! {
            biased;
            () = self.interruption() => (Ending::Abandoned, None),
            () = mock.requests_reach(self.max_requests) => (Ending::TooManyRequests(self.max_requests), None),
            ended = timeout(self.run_time, running.ended()) => match ended {
                Ok(ended) => {
                    let Ended { ending, failure } = ended?;
                    (ending, failure)
                }
                Err(_) => {
                    let how = format!("was not done after {}", seconds(self.run_time));
                    (Ending::TooLong(self.run_time), Some(how))
                }
            },
        };
        if let Some(how) = failure.filter(|_| !goes_wrong) {
            self.notes().failed.get_or_insert_with(|| failed(&how, running.printed()));
        }
        let attempts = self.attempts_in_order(&mut running, &mock, &ending).await;
        running.kill().await;
        server.stop(TO_STOP).await;
        running.let_go(self.run_time).await;
        let journal = mock.journal();
        let attempts = attempts.unwrap_or(journal.attempts().len());
        Ok(Done { journal, ending, attempts })
    }

    /// The number of requests when the publisher was done; `None` if it cannot send more. Waits a while for requests that come
    /// later.
    async fn attempts_in_order(&self, running: &mut impl Running, mock: &Live, ending: &Ending) -> Option<usize> {
        if !matches!(ending, Ending::Said(_)) || !running.settled().await {
            return None;
        }
        let attempts = mock.journal().attempts().len();
        tokio::select! {
            biased;
            () = self.interruption() => {}
            () = mock.requests_reach(self.max_requests) => {}
            () = running.gone() => {}
        }
        Some(attempts)
    }

    async fn interruption(&self) {
        let mut interrupted = self.interrupted.clone();
        while !self.is_interrupted() {
            // Another run may have failed.
            let changed = timeout(LOOK, interrupted.changed()).await;
            if matches!(changed, Ok(Err(_))) {
                sleep(LOOK).await;
            }
        }
    }
}

fn failed(how: &str, printed: Option<String>) -> String {
    let failed = format!("{how} where nothing went wrong");
    let Some(printed) = printed else { return failed };
    let printed: String = printed.lines().map(|line| format!("  {line}\n")).collect();
    let printed = if printed.is_empty() { "it printed nothing".to_owned() } else { format!("it printed\n{printed}") };
    format!("{failed}; {}", printed.trim_end())
}
