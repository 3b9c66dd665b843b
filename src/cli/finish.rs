//! The end of a server. It writes the journals first, and then judges. Judging has a time limit. A second signal ends both at once.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::{Sleep, sleep};

use super::Done;
use super::args::Mock;
use super::conclusion::Conclusion;
use super::signals::{Ending, Signal};

/// The time limit of judging, and its flag.
#[derive(Clone, Copy)]
pub(super) struct Limit {
    time: Duration,
    flag: &'static str,
    /// The time limit after a signal.
    to_stop: Duration,
}

const STOP_TIMEOUT: &str = "--stop-timeout";

impl Limit {
    /// The limit after a signal.
    pub(super) fn to_stop(mock: &Mock) -> Self {
        Self { time: mock.stop_timeout, flag: STOP_TIMEOUT, to_stop: mock.stop_timeout }
    }

    /// The limit without a signal.
    pub(super) fn of_questions(mock: &Mock) -> Self {
        Self { time: mock.question_timeout, flag: "--question-timeout", to_stop: mock.stop_timeout }
    }
}

/// Why the work at the end was cut off.
enum Cut {
    /// A signal that was not the first one.
    Again(Signal),
    /// The time limit.
    Limit(Limit),
    Failed(String),
}

/// Writes the journals, judges, and writes everything else.
pub(super) async fn finish(conclusion: Conclusion, mut ending: Ending, limit: Limit) -> Done {
    let conclusion = Arc::new(conclusion);
    let writing = Arc::clone(&conclusion);
    let unwritten = match beside(move || writing.write_journals(), &mut ending, None).await {
        Ok(unwritten) => unwritten,
        Err(cut) => return Err(at_once(&cut, "journals may be missing")),
    };
    let (judging, left) = (Arc::clone(&conclusion), unwritten.clone());
    match beside(move || judging.judge(left), &mut ending, Some(limit)).await {
        Ok(done) => done,
        Err(Cut::Limit(Limit { time, flag, .. })) => {
            let message = format!(
                "judging was cut off after {} s ({flag}): the journals are written, but messages, pages and reports may be missing",
                time.as_secs_f64()
            );
            conclusion.cut_off(unwritten, message)
        }
        Err(cut) => Err(at_once(&cut, "the journals are written, but messages, pages and reports may be missing")),
    }
}

fn at_once(cut: &Cut, missing: &str) -> String {
    match cut {
        Cut::Again(signal) => {
            format!("{signal} came while the server was ending already, so it ended at once: {missing}")
        }
        Cut::Limit(_) => missing.to_owned(),
        Cut::Failed(error) => format!("the end failed, which is a bug in the mock: {error}"),
    }
}

/// Works in a thread, and waits for it until the limit or until a second signal.
async fn beside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
    ending: &mut Ending,
    mut limit: Option<Limit>,
) -> Result<T, Cut> {
    let mut work = spawn_blocking(work);
    let timer = |limit: Option<Limit>| -> Sleep { sleep(limit.map_or(Duration::MAX, |limit| limit.time)) };
    let mut over = pin!(timer(limit));
    loop {
        tokio::select! {
            done = &mut work => return done.map_err(|error| Cut::Failed(error.to_string())),
            signal = ending.wait() => {
                if ending.seen() > 1 {
                    return Err(Cut::Again(signal));
                }
                limit = limit.map(|limit| Limit { time: limit.to_stop, flag: STOP_TIMEOUT, ..limit });
                over.set(timer(limit));
            }
            () = &mut over => if let Some(limit) = limit {
                return Err(Cut::Limit(limit));
            },
        }
    }
}
