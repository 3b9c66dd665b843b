//! Every text that a user reads in a failure.

mod attempts;
mod events;
mod ledger;
mod nearest;
mod picture;
mod sentences;
mod terminal;
mod timeline;
mod unfired;

use std::any::Any;
use std::fmt::{self, Display, Formatter};
use std::time::Duration;

pub(crate) use self::attempts::*;
pub(crate) use self::events::*;
pub(crate) use self::ledger::*;
pub(crate) use self::picture::picture;
pub(crate) use self::terminal::for_terminal;
pub(crate) use self::timeline::WithLint;
#[cfg(feature = "cli")]
pub(crate) use self::timeline::became;
pub(crate) use self::unfired::{unfired_faults, why_unfired};
use crate::entry::Entry;
use crate::error::{EntryError, RequestError};
use crate::expect::Mismatch;
use crate::fault::PlanError;
use crate::journal::{Journal, JournalError, Problem};
use crate::json_at::Misfit;
#[cfg(feature = "server")]
use crate::mock::Wanted;

/// A timeline longer than this is shown with its beginning and its end only.
const MAX_LINES: usize = 16;
/// The same for a list of problems, or of what was found wrong.
const MAX_FINDINGS: usize = 6;
/// How many of many things one line names.
const MAX_ITEMS: usize = 10;
/// How many characters of a text from outside a report repeats.
const MAX_TEXT: usize = 400;

/// Indices as a list: `[0, 2]`.
fn list(indices: &[usize]) -> String {
    format!("[{}]", elided(indices.iter().map(usize::to_string).collect(), "more").join(", "))
}

/// The first of these items, and how many there are besides.
fn elided(mut items: Vec<String>, what: &str) -> Vec<String> {
    let hidden = items.len().saturating_sub(MAX_ITEMS);
    items.truncate(MAX_ITEMS);
    items.extend((hidden > 0).then(|| format!("{hidden} {what}")));
    items
}

/// Aligned columns; a table of more than `max` rows loses its middle and says how much that was.
fn table<const N: usize>(f: &mut impl fmt::Write, title: &str, rows: &[[String; N]], max: usize) -> fmt::Result {
    if rows.is_empty() {
        return Ok(());
    }
    f.write_str(title)?;
    let hidden = rows.len().saturating_sub(max);
    let (first, last) = (max / 2, max / 2 + hidden);
    let shown = |index: usize| hidden == 0 || index < first || index >= last;
    let width = |column: usize| {
        let cells = rows.iter().enumerate().filter(|(index, _)| shown(*index)).map(|(_, row)| &row[column]);
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: [usize; N] = std::array::from_fn(width);
    for (index, row) in rows.iter().enumerate() {
        if hidden > 0 && index == first {
            writeln!(f, "  ... {hidden} more ...")?;
        }
        if shown(index) {
            let cells = row.iter().zip(widths).filter(|(_, width)| *width > 0);
            let line: String = cells.map(|(cell, width)| format!("  {cell:width$}")).collect();
            writeln!(f, "{}", line.trim_end())?;
        }
    }
    Ok(())
}

/// Errors whose text is all there is to them print it with `{:?}` as well, so that `unwrap` and `?` in a test read well.
macro_rules! is_its_text {
    ($error:ty) => {
        impl fmt::Debug for $error {
            fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
                Display::fmt(self, f)
            }
        }

        impl std::error::Error for $error {}
    };
}

is_its_text!(Mismatch);
is_its_text!(PlanError);
is_its_text!(JournalError);
#[cfg(feature = "server")]
is_its_text!(crate::gate::GateTimeout);
#[cfg(feature = "server")]
is_its_text!(crate::mock::WaitTimeout);

/// What was waited for, and what there was instead.
#[cfg(feature = "server")]
impl Display for crate::mock::WaitTimeout {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let limit = self.limit.as_secs_f64();
        match self.wanted {
            Wanted::Condition => write!(f, "what was waited for did not happen within {limit} s")?,
            Wanted::Published(events) => {
                let published = self.journal().published_in_all();
                write!(f, "{published} of {} published within {limit} s", count(events, "event"))?;
            }
            #[cfg(feature = "cli")]
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
                ", for tokio's clock is paused and jumped there, while the mock is served by another thread: start() it on \
                 this runtime, or keep the clock from jumping with hold_clock()",
            )?;
        }
        write!(f, "\n\n{}", self.journal())
    }
}

#[cfg(feature = "server")]
impl Display for crate::gate::GateTimeout {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "nothing reached the gate within {} s", self.limit.as_secs_f64())
    }
}

impl Display for Mismatch {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `plan.json: faults[2].times: ...`
impl Display for Misfit {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for part in [&self.file, &self.place] {
            if !part.is_empty() {
                write!(f, "{part}: ")?;
            }
        }
        f.write_str(&self.message)
    }
}

impl Display for PlanError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Display for JournalError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Display for Problem {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.attempt() {
            Some(number) => write!(f, "attempt {number}: {}", self.message()),
            None => f.write_str(self.message()),
        }
    }
}

impl Display for EntryError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code(), self.message())
    }
}

impl std::error::Error for EntryError {}

impl Display for RequestError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status(), self.code().unwrap_or("without a code"))
    }
}

impl std::error::Error for RequestError {}

/// One line for one entry: `shop.orders / OrderPlaced {"orderId":1}`.
impl Display for Entry {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let or_none = |text: Option<&str>, name: &str| text.map_or_else(|| format!("(no {name})"), str::to_owned);
        let (source, detail_type) = (or_none(self.source(), "source"), or_none(self.detail_type(), "detail-type"));
        write!(f, "{source} / {detail_type} {}", shortened(or_none(self.detail(), "detail")))
    }
}

pub(crate) fn unknown_bus(index: usize, entry: &Entry, known: &[String]) -> String {
    format!(
        "entry {index} went to the event bus {:?}, which is none of those known ({}): accepted, as AWS does, and \
         delivered nowhere",
        entry.event_bus(),
        shortened(known.join(", ")),
    )
}

/// Why an assertion refuses to judge.
pub(crate) fn forgotten(journal: &Journal) -> String {
    let forgotten = count(journal.forgotten(), "attempt");
    format!(
        "the journal has forgotten its oldest {forgotten}, so this cannot be told: let it hold more \
         (max_journal_size, max_journal_attempts, --journal-limit), or narrow it to a later time with between"
    )
}

/// The expectations that are not met, each with its report: its number, its JSON and the text. The timeline, with which most
/// reports end, is shown once.
pub(crate) fn unmet(unmet: &[(usize, String, String)], journal: &Journal) -> String {
    let were = if unmet.len() == 1 { "expectation is" } else { "expectations are" };
    let mut report = format!("{} {were} not met\n", unmet.len());
    let timeline = journal.to_string();
    for (place, (index, json, text)) in unmet.iter().enumerate() {
        let text = if place + 1 < unmet.len() { text.strip_suffix(&timeline).unwrap_or(text) } else { text };
        report.push_str(&format!("\nexpect[{index}]: {}\n{}\n", shortened(json.clone()), text.trim_end()));
    }
    report
}

/// Why a fault is refused by a mock that is mounted on wiremock.
#[cfg(feature = "wiremock")]
pub(crate) fn not_on_wiremock(fault: &crate::fault::Fault) -> String {
    format!(
        "a server of wiremock cannot perform this: {fault}. The server of MockEventBridge::start() can; of all faults of \
         connections wiremock's can only do Fault::empty_response()"
    )
}

/// What a closure of the test's panicked with.
pub(crate) fn panicked(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref().copied());
    format!("a closure of the test panicked: {}", text.unwrap_or("without a text"))
}

/// A text from outside, cut where it is too long for a report.
pub(crate) fn shortened(text: String) -> String {
    match text.char_indices().nth(MAX_TEXT) {
        None => text,
        Some((end, _)) => {
            let hidden = text[end..].chars().count();
            format!("{} ... ({hidden} more characters)", &text[..end])
        }
    }
}

fn seconds(duration: Duration) -> String {
    format!("+{:.3} s", duration.as_secs_f64())
}

pub(crate) fn count(number: usize, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

fn count_entries(number: usize) -> String {
    if number == 1 { "1 entry".to_owned() } else { format!("{number} entries") }
}

pub(crate) fn times(number: usize) -> String {
    match number {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        _ => format!("{number} times"),
    }
}

/// `a, b and c`.
fn and(items: &[String]) -> String {
    match items {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => items.concat(),
    }
}

/// `1 event was`, `2 events were`.
fn events_were(number: usize) -> String {
    format!("{} {}", count(number, "event"), if number == 1 { "was" } else { "were" })
}
