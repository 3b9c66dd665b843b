//! What became of events, and what has been made of it.

use std::fmt::{self, Display, Formatter, Write};
use std::time::Duration;

use super::events::{described, place};
use super::{and, elided, events_were, table, times};
use crate::expect::{Backoff, Blame, Complaint, Untruth};
use crate::journal::Journal;
use crate::ledger::{Again, Fate, Ledger, Line, Try};

/// How many events a report blames.
const MAX_BLAMES: usize = 6;
/// How many lines of a ledger are printed.
const MAX_LINES: usize = 30;

pub(crate) const NOTHING_TRIED_AGAIN: &str = "nothing was tried again, so there was no wait to judge";
pub(crate) const TOO_FEW_TO_TELL_JITTER: &str =
    "only one request was tried again, and it takes two to tell whether waits are jittered";

/// What became of each event, one line each.
impl Display for Ledger {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", super::count(self.lines().len(), "event"))?;
        let rows: Vec<[String; 2]> = self.lines().iter().map(|line| [name(line), fate(line)]).collect();
        table(f, "", &rows, MAX_LINES)
    }
}

impl Display for Line {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", name(self), fate(self))
    }
}

/// The entry, or what was expected where there is none.
fn name(line: &Line) -> String {
    match (line.entry(), &line.expected) {
        (Some(entry), _) => entry.to_string(),
        (None, Some(expected)) => described(&expected.matcher),
        (None, None) => String::new(),
    }
}

fn place_of(one: &Try) -> String {
    place(one.attempt(), one.index())
}

fn seconds(duration: Duration) -> String {
    format!("{:.3} s", duration.as_secs_f64())
}

/// What became of an event, in words that follow its name.
pub(crate) fn fate(line: &Line) -> String {
    let accepted = || and(&line.tries().iter().filter(|one| one.is_accepted()).map(place_of).collect::<Vec<_>>());
    let (tries, last) = (line.tries().len(), line.tries().last().map(place_of).unwrap_or_default());
    match line.fate() {
        Fate::Accepted if line.times_accepted() > 1 => accepted_again(line),
        Fate::Accepted => format!("was accepted in {}", accepted()),
        Fate::AnswerLost => format!("was accepted in {}, but no answer said so", accepted()),
        Fate::Rejected(error) => format!("met {error} in {last}, which no other try can help"),
        Fate::NeverRetried(what) if tries == 1 => format!("met {what} in {last} and was never sent again"),
        Fate::NeverRetried(what) => format!("was given up after {tries} tries; the last one met {what} in {last}"),
        Fate::NeverSent => "was never sent".to_owned(),
    }
}

pub(crate) fn unexpected(line: &Line) -> String {
    format!("was not expected, and {}", fate(line))
}

pub(crate) fn accepted_again(line: &Line) -> String {
    let accepted: Vec<&Try> = line.tries().iter().filter(|one| one.is_accepted()).collect();
    let places = and(&elided(accepted.iter().map(|one| place_of(one)).collect(), "more"));
    let told = accepted.iter().take(accepted.len().saturating_sub(1)).any(|one| one.attempt().is_told());
    let but = if told { "" } else { "; no answer had said so before the last one" };
    format!("was accepted {}, in {places}{but}", times(accepted.len()))
}

pub(crate) fn tried(line: &Line) -> String {
    let ends = line.tries().first().zip(line.tries().last());
    let (from, to) = ends.map(|(first, last)| (place_of(first), place_of(last))).unwrap_or_default();
    format!("was tried {}, from {from} to {to}", times(line.tries().len()))
}

pub(crate) fn resent(again: &Again<'_>) -> String {
    let Again { earlier, what, tries } = again;
    let Some((first, more)) = tries.split_first() else { return String::new() };
    let since = earlier.attempt().ended_at().unwrap_or_else(|| earlier.attempt().at());
    let after = seconds(first.attempt().at().saturating_sub(since));
    let more = if more.is_empty() { String::new() } else { format!(", and {} more", times(more.len())) };
    format!("was sent again in {}, {after} after {} had said {what}{more}", place_of(first), place_of(earlier))
}

pub(crate) fn overtook(accepted: &Try, before: &Line, at: &Try) -> String {
    format!("was accepted in {}, before {} in {}", place_of(accepted), name(before), place_of(at))
}

/// The report of an assertion about events.
pub(crate) fn blamed(title: &str, blames: &[Blame<'_>], journal: &Journal) -> String {
    let items = blames.iter().map(|Blame { line, what }| (name(line), what.clone()));
    told(&format!("{} {title}", events_were(blames.len())), items, journal)
}

pub(crate) fn untrue(untruths: &[Untruth<'_>], ledger: &Ledger) -> String {
    let items = untruths.iter().map(|untruth| match untruth {
        Untruth::Line(line, what) => (name(line), what.clone()),
        Untruth::Unknown(matcher) => (described(matcher), "was reported as published, but was never received".into()),
        Untruth::Counts(what) => (what.clone(), String::new()),
    });
    told("what the publisher reported is not what happened", items, &ledger.journal)
}

fn told(title: &str, items: impl ExactSizeIterator<Item = (String, String)>, journal: &Journal) -> String {
    let hidden = items.len().saturating_sub(MAX_BLAMES);
    let mut report = format!("{title}\n\n");
    for (name, what) in items.take(MAX_BLAMES) {
        let _ = writeln!(report, "  {name}");
        if !what.is_empty() {
            let _ = writeln!(report, "    {what}");
        }
    }
    if hidden > 0 {
        let _ = writeln!(report, "  ... {hidden} more ...");
    }
    let _ = write!(report, "\n{journal}");
    report
}

pub(crate) fn other_counts(
    (published, failed): (usize, usize),
    (accepted, lost, all): (usize, usize, usize),
) -> String {
    let lost = match lost {
        0 => String::new(),
        some => format!(" and {some} accepted without an answer that said so"),
    };
    let all = super::count(all, "event");
    format!("it reported {published} published and {failed} failed; of {all}, {accepted} accepted{lost}")
}

/// `at least 50ms, growing, in all at most 20s`.
impl Display for Backoff {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { at_least, at_most, growing, jittered, in_all_at_most } = self;
        let parts = [
            at_least.map(|least| format!("at least {least:?}")),
            at_most.map(|most| format!("at most {most:?}")),
            growing.then(|| "growing".to_owned()),
            jittered.then(|| "jittered".to_owned()),
            in_all_at_most.map(|most| format!("in all at most {most:?}")),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        f.write_str(if parts.is_empty() { "any time" } else { "" })?;
        f.write_str(&parts.join(", "))
    }
}

pub(crate) fn other_backoff(backoff: &Backoff, complaints: &[Complaint<'_>], journal: &Journal) -> String {
    let mut report = format!("the publisher was to wait before it tried again: {backoff}\n\n");
    let row = |complaint: &Complaint<'_>| match &complaint.wait {
        Some(wait) => {
            let pair = format!("#{} -> #{}", wait.from.number(), wait.to.number());
            [pair, seconds(wait.length), complaint.what.clone()]
        }
        None => [complaint.what.clone(), String::new(), String::new()],
    };
    let rows: Vec<[String; 3]> = complaints.iter().map(row).collect();
    let _ = table(&mut report, "", &rows, 2 * MAX_BLAMES);
    let _ = write!(report, "\n{journal}");
    report
}

pub(crate) fn shorter_than_before(before: Duration) -> String {
    format!("shorter than the {} before", seconds(before))
}

pub(crate) fn took_in_all(took: Duration, first: &Try) -> String {
    format!("{} in all since {}", seconds(took), place_of(first))
}

pub(crate) fn like_all_others(waits: usize) -> String {
    format!("like all {waits} waits before the same try")
}
