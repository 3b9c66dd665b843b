//! A command as the publisher: a process for each run.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::super::run::{cannot_run, prepared};
use super::super::server::Server;
use super::child::{Group, signal_of};
use super::folder::Folder;
use super::running::{Ended, Running};
use super::said;
use crate::check::Reported;
use crate::explore::Ending;

/// The variable with the file for the report of the command.
const REPORTED: &str = "PUTEVENTS_MOCK_REPORTED";
/// The variable with the file of the events for the command.
const EVENTS: &str = "PUTEVENTS_MOCK_EVENTS";

/// The time for requests that were on their way when the command was done.
const ON_ITS_WAY: Duration = Duration::from_millis(100);
/// The time for which processes that the command left behind are watched.
const AFTERWARDS: Duration = Duration::from_secs(1);

pub(super) struct Command {
    pub(super) command: Vec<OsString>,
    pub(super) identify_by: Option<String>,
    /// The file for the report of the command, if all runs have the same one.
    pub(super) reported: Option<PathBuf>,
    pub(super) ignores_status: bool,
    /// Whether the output of the command is shown in a run with faults.
    pub(super) shows_output: bool,
}

/// The command in one run.
pub(super) struct Process<'a> {
    of: &'a Command,
    group: Group,
    folder: Folder,
    reported: PathBuf,
}

impl Command {
    pub(super) fn start(
        &self,
        server: &Server,
        events: Option<Vec<Value>>,
        goes_wrong: bool,
    ) -> Result<Process<'_>, String> {
        let folder = Folder::new()?;
        let reported = self.reported.clone().unwrap_or_else(|| folder.reported());
        if self.reported.is_some() {
            // The file may not exist.
            let _ = fs::remove_file(&reported);
        }
        let mut command = prepared(&self.command, &server.url(), server.region());
        command.env(REPORTED, &reported).stdin(Stdio::null());
        if let Some(events) = events {
            command.env(EVENTS, folder.events(&Value::Array(events).to_string())?);
        }
        if self.shows_output && goes_wrong {
            // Standard output may be the JSON report.
            command.stdout(std::io::stderr());
        } else {
            let output = folder.output()?;
            command.stderr(output.try_clone().map_err(|error| error.to_string())?).stdout(output);
        }
        let group = Group::spawn(command).map_err(|error| cannot_run(&self.command, &error))?;
        Ok(Process { of: self, group, folder, reported })
    }

    /// The report of the command, by its file or by its exit status.
    fn ending(&self, status: ExitStatus, reported: &Path) -> Result<Ending, String> {
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
}

impl Running for Process<'_> {
    async fn ended(&mut self) -> Result<Ended, String> {
        let status = self.group.ended().await.map_err(|error| format!("cannot wait for the command: {error}"))?;
        let failure = (!status.success()).then(|| format!("ended with {status}"));
        Ok(Ended { ending: self.of.ending(status, &self.reported)?, failure })
    }

    fn printed(&self) -> Option<String> {
        Some(self.folder.printed())
    }

    async fn settled(&mut self) -> bool {
        if !self.group.is_there() {
            return false;
        }
        self.group.gone(ON_ITS_WAY).await;
        true
    }

    async fn gone(&mut self) {
        self.group.gone(AFTERWARDS).await;
    }

    async fn kill(&mut self) {
        self.group.kill().await;
    }

    async fn let_go(&mut self, _: Duration) {}
}
