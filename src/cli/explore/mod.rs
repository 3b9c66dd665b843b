//! `explore`: the search for a fault schedule with which a command in any language breaks a rule.

mod caller;
mod child;
mod command;
mod folder;
mod running;
mod said;
mod stage;
mod told;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::{oneshot, watch};

use self::caller::Caller;
use self::command::Command;
use self::stage::{Publisher, Stage};
use self::told::Told;
use super::args::Explore;
use super::signals::{Ending, Signal};
use super::{Done, complain};
use crate::explore::{Explored, Run, Scale, Schedule, Search, Workloads};
use crate::files::Kept;
use crate::report::{Asker, Searched, end_progress, show_progress};
use crate::words::count;

/// The time beyond the limit of a run after which the search gives it up.
const GUARD: Duration = Duration::from_secs(30);

pub(super) async fn explore(flags: Explore) -> Done {
    if flags.reported.is_some() && flags.jobs > 1 {
        return Err("--reported names one file for all runs, so they go one after the other: leave out --jobs, or let the command \
                    write into the file that PUTEVENTS_MOCK_REPORTED names"
            .to_owned());
    }
    if flags.over_stdio && flags.jobs > 1 {
        return Err("--over-stdio has one run at a time: leave out --jobs".to_owned());
    }
    if flags.over_stdio && flags.json.as_deref() == Some(Path::new("-")) {
        return Err("--over-stdio needs standard output: let --json name a file".to_owned());
    }
    told::prepare(&flags)?;
    let events = flags.events.as_deref().map(read_events).transpose()?;
    let workloads = Workloads { any_number: events.is_some(), equal: false, sized: false };
    let policy = flags.rules.policy();
    let kept = flags.schedules.clone().map_or_else(Kept::nowhere, Kept::at);
    let kept = kept.of(workloads);
    let replay = flags.replay.as_ref().map(|schedule| workloads.adapted(schedule));
    let signals = Ending::new()?;
    let (interrupt, interrupted) = watch::channel(false);
    let stage = Arc::new(Stage {
        publisher: publisher(&flags)?,
        events,
        limits: policy.limits,
        run_time: flags.run_time,
        max_requests: usize::try_from(flags.requests).unwrap_or(usize::MAX),
        began: now(),
        interrupted,
        notes: Mutex::default(),
    });
    let mut scope = Scale::Telling.scope(&workloads);
    scope.max_schedules = usize::try_from(flags.runs).unwrap_or(usize::MAX);
    scope.max_time = flags.time;
    scope.threads = flags.jobs.into();
    scope.guard = flags.run_time + GUARD;
    let searching = {
        let (stage, policy, first) = (Arc::clone(&stage), policy.clone(), kept.schedules().collect());
        let identify_by = flags.identify_by.clone();
        let began = stage.began;
        move || {
            let search = Search::new(stage, scope, policy, identify_by);
            let search = search.telling(move |state| show_progress(state, began.elapsed()));
            search_for(search, first, replay)
        }
    };
    let (found, signal) = until_done(searching, signals, interrupt).await?;
    end_progress();
    if let Some(trouble) = stage.notes().trouble.take() {
        return Err(trouble);
    }
    let Some((explored, replayed)) = found else { return Ok(status_of(signal)) };
    let is_replay = flags.replay.is_some();
    let notes = if is_replay { Vec::new() } else { kept.keep(&explored).notes };
    let told = Told {
        searched: Searched {
            asker: asker(&flags),
            workloads: (!is_replay).then_some(workloads),
            policy,
            identify_by: flags.identify_by.clone(),
        },
        explored,
        replayed,
        notes,
        failed: stage.notes().failed.take(),
        is_interrupted: signal.is_some(),
        took: stage.began.elapsed(),
    };
    let status = told.tell(&flags)?;
    Ok(if signal.is_some() && status != super::FOUND { status_of(signal) } else { status })
}

fn publisher(flags: &Explore) -> Result<Publisher, String> {
    let identify_by = flags.identify_by.clone();
    if flags.over_stdio {
        return Caller::new(identify_by).map(Publisher::Caller);
    }
    Ok(Publisher::Command(Command {
        command: flags.command.clone(),
        identify_by,
        reported: flags.reported.clone(),
        ignores_status: flags.ignore_status,
        shows_output: flags.replay.is_some(),
    }))
}

fn asker(flags: &Explore) -> Asker {
    if flags.over_stdio { Asker::Caller } else { Asker::Command }
}

#[expect(clippy::disallowed_methods, reason = "a search may take only so much real time")]
fn now() -> Instant {
    Instant::now()
}

type Found = (Explored, Option<Run>);

fn search_for(search: Search<Stage>, first: Vec<Schedule>, replay: Option<Schedule>) -> Found {
    match replay {
        Some(schedule) => search.replay(schedule),
        None => (search.explore(first), None),
    }
}

/// Searches on another thread. The first signal ends the search with a report, and the second ends it at once.
async fn until_done(
    searching: impl FnOnce() -> Found + Send + 'static,
    mut signals: Ending,
    interrupt: watch::Sender<bool>,
) -> Result<(Option<Found>, Option<Signal>), String> {
    let (sender, mut receiver) = oneshot::channel();
    let search = move || drop(sender.send(searching()));
    let spawned = thread::Builder::new().name("explore".into()).spawn(search);
    spawned.map_err(|error| format!("cannot start a thread for the search: {error}"))?;
    let mut signal = None;
    loop {
        tokio::select! {
            found = &mut receiver => {
                let found = found.map_err(|_| "the search failed".to_owned())?;
                return Ok((Some(found), signal));
            }
            again = signals.wait() => {
                if signal.is_some() {
                    return Ok((None, signal));
                }
                let _ = interrupt.send(true);
                end_progress();
                complain(&format!("ended by {again}: this is what was found so far"));
                signal = Some(again);
            }
        }
    }
}

fn status_of(signal: Option<Signal>) -> u8 {
    match signal {
        Some(Signal::Terminate) => 143,
        Some(Signal::Hangup) => 129,
        Some(Signal::Interrupt) | None => 130,
    }
}

fn read_events(path: &std::path::Path) -> Result<Vec<Value>, String> {
    let wrong = |error: String| format!("{}: {error}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    let json: Value = crate::json::cursor::parse(&text).map_err(|error| wrong(error.to_string()))?;
    match json {
        Value::Array(events) if events.len() >= 2 => Ok(events),
        Value::Array(events) => {
            Err(wrong(format!("the file has {}: write 2 or more, better 11 or more", count(events.len(), "event"))))
        }
        _ => Err(wrong("this is not a list of events: write a JSON array".to_owned())),
    }
}
