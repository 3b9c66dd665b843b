//! Every text that a user reads in a failure.

mod sentences;
mod unfired;

use std::any::Any;
use std::fmt::{self, Display, Formatter};
use std::time::Duration;

pub(crate) use unfired::unfired_faults;

use crate::delivery::End;
use crate::entry::Entry;
use crate::error::{EntryError, RequestError};
use crate::fault::PlanError;
use crate::journal::{Attempt, Journal, Mismatch, Outcome, Problem};

/// A list longer than this is shown with its beginning and its end only.
const MAX_LINES: usize = 30;
/// How many of many things one line names.
const MAX_ITEMS: usize = 10;
/// How many characters of a text from outside a report repeats.
const MAX_TEXT: usize = 400;

/// The timeline: what was received when, what became of it, and which problems there were.
impl Display for Journal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let published =
            self.attempts().iter().flat_map(Attempt::outcomes).filter(|outcome| outcome.event_id().is_some());
        write!(f, "{}, {} published", count(self.attempts().len(), "attempt"), count(published.count(), "event"))?;
        if let Some(seed) = self.seed {
            write!(f, " (seed {seed})")?;
        }
        if self.forgotten() > 0 {
            write!(f, " (after {} that were forgotten to save memory)", self.forgotten())?;
        }
        writeln!(f)?;
        let rows = self.attempts().iter().map(|attempt| {
            let entries =
                if attempt.entries().is_empty() { String::new() } else { count_entries(attempt.entries().len()) };
            [format!("#{}", attempt.number()), seconds(attempt.at()), entries, became(attempt)]
        });
        table(f, "", rows.collect())?;
        let problems = self.problems().iter().map(|problem| {
            let number = problem.attempt().map_or_else(|| "-".to_owned(), |number| format!("#{number}"));
            [number, seconds(problem.at()), problem.message().to_owned(), String::new()]
        });
        table(f, "\nproblems\n", problems.collect())
    }
}

const INJECTED: &str = " (injected)";

fn became(attempt: &Attempt) -> String {
    let delivery = attempt.delivery();
    if attempt.reply().is_none() {
        return format!("{}{INJECTED}, nothing accepted", delivery.end);
    }
    let mut parts = Vec::new();
    if let (Some(error), true) = (attempt.error(), attempt.outcomes().is_empty()) {
        parts.push(format!("{error}{}", if attempt.was_refused_by_fault() { INJECTED } else { "" }));
    } else {
        parts.extend(became_of_entries(attempt.outcomes()));
        parts.extend(attempt.error().map(|error| format!("but answered {error}{INJECTED}")));
        parts.extend(attempt.malformed().map(|how| format!("but answered with {how}{INJECTED}")));
    }
    parts.extend((!delivery.delay.is_zero()).then(|| format!("{:?} late{INJECTED}", delivery.delay)));
    parts.extend((delivery.end != End::Whole).then(|| format!("then {}{INJECTED}", delivery.end)));
    parts.join(", ")
}

fn became_of_entries(outcomes: &[Outcome]) -> Vec<String> {
    let mut failures: Vec<(&str, bool, Vec<usize>)> = Vec::new();
    let mut undelivered = Vec::new();
    for (index, outcome) in outcomes.iter().enumerate() {
        match outcome {
            Outcome::Accepted { is_delivered, .. } => undelivered.extend((!is_delivered).then_some(index)),
            Outcome::Failed { error, injected } => {
                match failures.iter_mut().find(|(code, by_fault, _)| (*code, *by_fault) == (error.code(), *injected)) {
                    Some((_, _, indices)) => indices.push(index),
                    None => failures.push((error.code(), *injected, vec![index])),
                }
            }
        }
    }
    let failed: usize = failures.iter().map(|(_, _, indices)| indices.len()).sum();
    let accepted = match outcomes.len() - failed {
        0 if failed == 0 => "nothing to accept".to_owned(),
        0 => "none accepted".to_owned(),
        1 if failed == 0 => "accepted".to_owned(),
        _ if failed == 0 => "all accepted".to_owned(),
        some => format!("{some} accepted"),
    };
    let failure = |(code, injected, indices): &(&str, bool, Vec<usize>)| {
        format!("{} {code}{}", list(indices), if *injected { INJECTED } else { "" })
    };
    let undelivered = (!undelivered.is_empty()).then(|| format!("{} delivered nowhere", list(&undelivered)));
    let failures = elided(failures.iter().map(failure).collect(), "more codes");
    failures.into_iter().chain([accepted]).chain(undelivered).collect()
}

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

/// Aligned columns; a long table loses its middle and says how much that was.
fn table<const N: usize>(f: &mut Formatter<'_>, title: &str, rows: Vec<[String; N]>) -> fmt::Result {
    if rows.is_empty() {
        return Ok(());
    }
    f.write_str(title)?;
    let hidden = rows.len().saturating_sub(MAX_LINES);
    let (first, last) = (MAX_LINES / 2, MAX_LINES / 2 + hidden);
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
#[cfg(feature = "server")]
is_its_text!(crate::gate::GateTimeout);
#[cfg(feature = "server")]
is_its_text!(crate::mock::WaitTimeout);

/// What was waited for, and what there was instead.
#[cfg(feature = "server")]
impl Display for crate::mock::WaitTimeout {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "what was waited for did not happen within {} s\n\n{}", self.limit().as_secs_f64(), self.journal())
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
impl Display for PlanError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for part in [&self.file, &self.place] {
            if !part.is_empty() {
                write!(f, "{part}: ")?;
            }
        }
        f.write_str(&self.message)
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
