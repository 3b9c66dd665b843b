//! Shows the progress of a search as one line on a terminal.

use std::io::{IsTerminal, Write, stderr};
use std::time::Duration;

use super::explored::workloads_in_words;
use crate::explore::Progress;
use crate::words::{count, times};

/// Replaces the line.
pub(crate) fn show_progress(progress: &Progress, elapsed: Duration) {
    if stderr().is_terminal() {
        let _ = write!(stderr(), "\r\x1b[K{}", line(progress, elapsed));
    }
}

/// Clears the line.
pub(crate) fn end_progress() {
    if stderr().is_terminal() {
        let _ = write!(stderr(), "\r\x1b[K");
    }
}

fn line(progress: &Progress, elapsed: Duration) -> String {
    let Progress { schedules, step, of_step: (done, all), findings } = progress;
    let share = if *all == 0 { 100 } else { done * 100 / all };
    let per_second = u128::try_from(*schedules).unwrap_or(0) * 1_000 / elapsed.as_millis().max(1);
    format!(
        "{schedules} schedules, {per_second}/s; {} with {}: {share} %; {}",
        workloads_in_words(&[step.workload]),
        count(step.deviations, "fault"),
        match findings {
            0 => "nothing found".to_owned(),
            some => format!("found {}", times(*some)),
        }
    )
}
