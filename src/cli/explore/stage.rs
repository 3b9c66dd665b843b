//! One run of the command, with a new mock.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::super::run::{cannot_run, prepared};
use super::super::server::Server;
use super::child::{Group, signal_of};
use super::folder::Folder;
use super::said;
use crate::check::Reported;
use crate::explore::{Done, Ending, Runner, Workload};
use crate::fault::Fault;
use crate::files::Plan;
use crate::journal::Journal;
use crate::live::Live;
use crate::service::Limits;
use crate::words::seconds;

/// The variable with the file for the report of the command.
const REPORTED: &str = "PUTEVENTS_MOCK_REPORTED";
/// The variable with the file of the events for the command.
const EVENTS: &str = "PUTEVENTS_MOCK_EVENTS";

/// The time for requests that were on their way when the command ended.
const ON_ITS_WAY: Duration = Duration::from_millis(100);
/// The time for which processes that the command left behind are watched.
const AFTERWARDS: Duration = Duration::from_secs(1);
/// The time limit for a mock to stop.
const TO_STOP: Duration = Duration::from_secs(2);

/// The command and the conditions of its runs.
pub(super) struct Stage {
    pub(super) command: Vec<OsString>,
    pub(super) events: Option<Vec<Value>>,
    pub(super) identify_by: Option<String>,
    /// The file for the report of the command, if all runs have the same one.
    pub(super) reported: Option<PathBuf>,
    pub(super) ignores_status: bool,
    pub(super) limits: Limits,
    pub(super) run_time: Duration,
    pub(super) max_requests: usize,
    /// Whether the output of the command is shown in a run with faults.
    pub(super) shows_output: bool,
    pub(super) began: Instant,
    pub(super) interrupted: watch::Receiver<bool>,
    pub(super) notes: Mutex<Notes>,
}

/// Notes of the runs for the user, beside the results of the search.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// Why the command cannot be run.
    pub(super) trouble: Option<String>,
    /// How the command failed in a run without faults, and its output.
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
        *self.interrupted.borrow() || self.notes().trouble.is_some()
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
        let folder = Folder::new()?;
        let goes_wrong = !faults.is_empty();
        let server = Server::for_command(Plan::new(faults), self.limits)?;
        let mock = server.mock();
        let reported = self.reported.clone().unwrap_or_else(|| folder.reported());
        if self.reported.is_some() {
            // The file may not exist.
            let _ = fs::remove_file(&reported);
        }
        let mut command = prepared(&self.command, &server.url(), server.region());
        command.env(REPORTED, &reported).stdin(Stdio::null());
        if let Some(events) = &self.events {
            let first: Vec<&Value> = events.iter().take(workload.events()).collect();
            let text = serde_json::to_string(&first).map_err(|error| error.to_string())?;
            command.env(EVENTS, folder.events(&text)?);
        }
        if self.shows_output && goes_wrong {
            // Standard output may be the JSON report.
            command.stdout(std::io::stderr());
        } else {
            let output = folder.output()?;
            command.stderr(output.try_clone().map_err(|error| error.to_string())?).stdout(output);
        }
        let mut group = Group::spawn(command).map_err(|error| cannot_run(&self.command, &error))?;
        let ending = tokio::select! {
            biased;
            () = self.interruption() => Ending::Abandoned,
            () = mock.requests_reach(self.max_requests) => Ending::TooManyRequests(self.max_requests),
            ended = timeout(self.run_time, group.ended()) => match ended {
                Err(_) => {
                    if !goes_wrong {
                        let how = format!("was not done after {}", seconds(self.run_time));
                        self.notes().failed.get_or_insert_with(|| failed(&how, &folder.printed()));
                    }
                    Ending::TooLong(self.run_time)
                }
                Ok(Err(error)) => return Err(format!("cannot wait for the command: {error}")),
                Ok(Ok(status)) => {
                    if !status.success() && !goes_wrong {
                        self.notes().failed.get_or_insert_with(|| failed(&format!("ended with {status}"), &folder.printed()));
                    }
                    self.ending(status, &reported)?
                }
            },
        };
        let attempts = self.attempts_in_order(&mut group, &mock, &ending).await;
        group.kill().await;
        server.stop(TO_STOP).await;
        let journal = mock.journal();
        let attempts = attempts.unwrap_or(journal.attempts().len());
        Ok(Done { journal, ending, attempts })
    }

    /// The number of requests when the command was done; `None` if it left no processes behind. Waits a while for requests of
    /// processes that it left behind.
    async fn attempts_in_order(&self, group: &mut Group, mock: &Live, ending: &Ending) -> Option<usize> {
        if !matches!(ending, Ending::Said(_)) || !group.is_there() {
            return None;
        }
        group.gone(ON_ITS_WAY).await;
        let attempts = mock.journal().attempts().len();
        tokio::select! {
            biased;
            () = self.interruption() => {}
            () = mock.requests_reach(self.max_requests) => {}
            () = group.gone(AFTERWARDS) => {}
        }
        Some(attempts)
    }

    /// The report of the command, by its file or by its exit status.
    fn ending(&self, status: ExitStatus, reported: &std::path::Path) -> Result<Ending, String> {
        if let Some(signal) = signal_of(status) {
            return Ok(Ending::Panicked(format!("signal {signal} ended it")));
        }
        if let Some(said) = said::read(reported, self.identify_by.as_deref())? {
            return Ok(Ending::Said(said));
        }
        Ok(Ending::Said(match status.success() {
            _ if self.ignores_status => Reported::nothing(),
            true => Reported::all_published(),
            false => Reported::some_failed(),
        }))
    }

    async fn interruption(&self) {
        let mut interrupted = self.interrupted.clone();
        while !self.is_interrupted() {
            // Another run may have failed.
            let changed = timeout(ON_ITS_WAY, interrupted.changed()).await;
            if matches!(changed, Ok(Err(_))) {
                sleep(ON_ITS_WAY).await;
            }
        }
    }
}

fn failed(how: &str, printed: &str) -> String {
    let printed: String = printed.lines().map(|line| format!("  {line}\n")).collect();
    let printed = if printed.is_empty() { "it printed nothing".to_owned() } else { format!("it printed\n{printed}") };
    format!("{how} where nothing went wrong; {}", printed.trim_end())
}
