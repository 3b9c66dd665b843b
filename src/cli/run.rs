//! `run`: a mock for one command.

use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::process::ExitStatus;

use tokio::process::{Child, Command};

use super::args::{Listen, Run};
use super::conclusion::{Conclusion, Outputs, Received};
use super::finish::{Limit, finish};
use super::server::Server;
use super::signals::{Ending, Signal};
use super::{Done, complain, env, logging};
use crate::service::REGION;

/// The exit statuses of shells.
const NOT_FOUND: u8 = 127;
const NOT_EXECUTABLE: u8 = 126;
const SIGNALLED: u8 = 128;

pub(super) async fn run(Run { mock, command }: Run) -> Done {
    logging::start(mock.log_format, "error");
    let outputs = Outputs::prepare(&mock)?;
    let mut ending = Ending::new()?;
    let server = Server::open(&Listen::free_port(), &mock, true)?;
    let url = server.url();
    let status = match start(&command, &url, server.region()) {
        Ok(child) => {
            watch(child, &mut ending).await.map_err(|error| format!("cannot wait for the command: {error}"))?
        }
        Err((status, message)) => {
            complain(&message);
            return Ok(status);
        }
    };
    // After a signal the end must be quick. Without one, judging has the limit of a question.
    let limit = if ending.seen() == 0 { Limit::of_questions(&mock) } else { Limit::to_stop(&mock) };
    let started = server.started();
    let sessions = server.stop(mock.stop_timeout).await;
    let conclusion = Conclusion {
        received: Received::all(&sessions),
        sessions,
        outputs,
        started,
        asks: true,
        tells: true,
        fails_on_problems: mock.fail_on_problems,
        annotates: !mock.no_annotations,
    };
    // The status of a command that failed wins over findings.
    let found = finish(conclusion, ending, limit).await;
    if status == 0 {
        return found;
    }
    found.err().iter().flat_map(|message| message.lines()).for_each(complain);
    Ok(status)
}

fn start(command: &[OsString], url: &str, of_events: Option<String>) -> Result<Child, (u8, String)> {
    prepared(command, url, of_events).spawn().map_err(|error| {
        let status = if error.kind() == io::ErrorKind::NotFound { NOT_FOUND } else { NOT_EXECUTABLE };
        (status, cannot_run(command, &error))
    })
}

/// The command with an environment in which an AWS SDK finds the mock. Its region is that of the mock's events, unless the
/// environment has one already.
pub(super) fn prepared(command: &[OsString], url: &str, of_events: Option<String>) -> Command {
    // The flags require a command. An empty name fails when it is run.
    let (program, arguments) =
        command.split_first().map_or_else(Default::default, |(first, rest)| (first.clone(), rest));
    let mut command = std::process::Command::new(program);
    let region = of_events.as_deref().unwrap_or(REGION);
    env::apply_to(&mut command, url, region);
    command.args(arguments);
    command.into()
}

pub(super) fn cannot_run(command: &[OsString], error: &io::Error) -> String {
    let program = command.first().map(|program| program.to_string_lossy()).unwrap_or_default();
    format!("cannot run {program}: {error}")
}

/// Waits for the command, and passes signals on to it. The terminal sends a Ctrl-C to the command itself.
async fn watch(mut child: Child, ending: &mut Ending) -> io::Result<u8> {
    loop {
        tokio::select! {
            status = child.wait() => return status.map(status_of),
            signal = ending.wait() => if signal != Signal::Interrupt || !io::stdin().is_terminal() {
                pass_on(&signal, &mut child);
            },
        }
    }
}

#[cfg(unix)]
fn pass_on(signal: &Signal, child: &mut Child) {
    let signal = match signal {
        Signal::Terminate => rustix::process::Signal::TERM,
        Signal::Interrupt => rustix::process::Signal::INT,
        Signal::Hangup => rustix::process::Signal::HUP,
    };
    let pid = child.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw);
    if let Some(pid) = pid {
        // The command may have ended meanwhile.
        let _ = rustix::process::kill_process(pid, signal);
    }
}

#[cfg(not(unix))]
fn pass_on(_: &Signal, child: &mut Child) {
    let _ = child.start_kill();
}

fn status_of(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return SIGNALLED.saturating_add(u8::try_from(signal).unwrap_or(u8::MAX));
    }
    status.code().map_or(SIGNALLED, |code| u8::try_from(code & 0xff).unwrap_or(u8::MAX))
}
