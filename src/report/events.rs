//! Published events that are not those that were expected.

use std::fmt::Write;

use super::nearest::{difference, nearest};
use super::{and, count, elided, events_were, table, times};
use crate::entry::Entry;
use crate::expect::Comparison;
use crate::journal::{Attempt, Event, Events, Journal, Outcome};
use crate::matcher::EntryMatcher;

/// How many missing events a report explains, and how many surplus ones.
const MAX_EVENTS: usize = 5;

pub(crate) fn different_events(comparison: &Comparison<'_>) -> String {
    let Comparison { published, expected, missing, surplus } = comparison;
    let title = match (missing.len(), surplus.len()) {
        (missing, 0) if expected.len() == 1 => format!("the expected {} not published", were(missing)),
        (missing, 0) => format!("{missing} of the {} expected events {} not published", expected.len(), was(missing)),
        (0, surplus) => format!("{} published beside the {} expected", events_were(surplus), expected.len()),
        (..) => format!("published events differ from the {} expected", expected.len()),
    };
    let mut rows = Vec::new();
    for matcher in missing.iter().take(MAX_EVENTS) {
        rows.push(["missing".to_owned(), described(matcher)]);
        rows.extend(instead(matcher, comparison).map(|(label, text)| [label.to_owned(), text]));
    }
    rows.extend(more(missing.len(), "missing"));
    rows.extend(surplus.iter().take(MAX_EVENTS).map(|event| ["surplus".to_owned(), told(event, published)]));
    rows.extend(more(surplus.len(), "surplus"));
    with_timeline(&title, &rows, &published.journal)
}

fn was(number: usize) -> &'static str {
    if number == 1 { "was" } else { "were" }
}

fn were(number: usize) -> String {
    format!("{} {}", if number == 1 { "event" } else { "events" }, was(number))
}

fn more(number: usize, what: &str) -> Option<[String; 2]> {
    let hidden = number.checked_sub(MAX_EVENTS).filter(|hidden| *hidden > 0)?;
    Some([what.to_owned(), format!("... {hidden} more ...")])
}

fn with_timeline(title: &str, rows: &[[String; 2]], journal: &Journal) -> String {
    let mut report = format!("{title}\n\n");
    let _ = table(&mut report, "", rows, usize::MAX);
    let gap = if rows.is_empty() { "" } else { "\n" };
    let _ = write!(report, "{gap}{journal}");
    report
}

/// A matcher without the word that it describes entries, where that is clear.
pub(super) fn described(matcher: &EntryMatcher) -> String {
    let text = matcher.to_string();
    super::shortened(text.strip_prefix("entries with ").map_or_else(|| text.clone(), str::to_owned))
}

/// `#2[0]`: entry 0 of attempt 2.
pub(super) fn place(attempt: &Attempt, index: usize) -> String {
    format!("#{}[{index}]", attempt.number())
}

fn place_of(event: &Event) -> String {
    place(event.attempt(), event.index())
}

/// What there is instead of an event that is missing: the same one, that was not accepted; too few of it; or another.
fn instead(matcher: &EntryMatcher, comparison: &Comparison<'_>) -> Option<(&'static str, String)> {
    let received = |attempt: &'_ Attempt, index: usize, entry: &Entry| (place(attempt, index), entry.to_string());
    let all = || {
        comparison.published.journal.attempts().iter().flat_map(|attempt| {
            attempt.entries().iter().enumerate().map(move |(index, entry)| ((attempt, index), entry))
        })
    };
    let is_accepted = |attempt: &Attempt, index: usize| attempt.outcomes().get(index).is_some_and(Outcome::is_accepted);
    let refused = all().filter(|((attempt, index), entry)| !is_accepted(attempt, *index) && matcher.matches(entry));
    if let Some(((attempt, index), entry)) = refused.last() {
        let (place, entry) = received(attempt, index, entry);
        return Some(("received", format!("{place}  {entry}: {}", not_accepted(attempt, index))));
    }
    let alike = comparison.published.iter().filter(|event| matcher.matches(event)).count();
    if alike > 0 {
        let wanted = comparison.expected.iter().filter(|other| *other == matcher).count();
        return Some((
            "received",
            format!("published {}, and expected {}", times(alike), times(wanted.max(alike + 1))),
        ));
    }
    let surplus = comparison.surplus.iter().map(|event| ((event.attempt(), event.index()), &***event));
    let ((attempt, index), entry) = nearest(matcher, surplus).or_else(|| nearest(matcher, all()))?;
    let (place, text) = received(attempt, index, entry);
    Some(("nearest", format!("{place}  {text}: {}", difference(matcher, entry)?)))
}

fn not_accepted(attempt: &Attempt, index: usize) -> String {
    match (attempt.outcomes().get(index).and_then(Outcome::error), attempt.error()) {
        (Some(error), _) => format!("it failed with {}, and was not accepted later", error.code()),
        (None, Some(error)) => format!("the request was refused with {error}, and it was not accepted later"),
        (None, None) => "the request never reached the service, and it was not accepted later".to_owned(),
    }
}

/// A published event that nobody expected.
fn told(event: &Event, published: &Events) -> String {
    let before = published.iter().take_while(|other| other.id() != event.id());
    let before: Vec<String> = before.filter(|other| ***other == **event).map(place_of).collect();
    let again = match &before[..] {
        [] => String::new(),
        places => format!(": accepted before, in {}", and(&elided(places.to_vec(), "more"))),
    };
    format!("{}  {}{again}", place_of(event), **event)
}

pub(crate) fn other_order(events: &Events, expected: &[EntryMatcher], first: usize) -> String {
    let title = "the expected events were published, but in another order";
    let row = |index: usize| {
        let event = events.get(index)?;
        let expected = expected.get(index)?;
        let mark = if expected.matches(event) { "" } else { "<-" };
        Some([format!("{index}"), format!("{}  {}", place_of(event), **event), mark.to_owned(), {
            if mark.is_empty() { String::new() } else { format!("expected here: {}", described(expected)) }
        }])
    };
    let from = first.saturating_sub(1);
    let rows: Vec<[String; 4]> = (from..events.len()).filter_map(row).collect();
    let mut report = format!("{title}\n\n");
    let _ = table(&mut report, "", &rows, 2 * MAX_EVENTS);
    let _ = write!(report, "\n{}", events.journal);
    report
}

pub(crate) fn other_count(events: &Events, count: usize) -> String {
    let title = format!("{} published, and {count} expected", events_were(events.len()));
    with_timeline(&title, &listed(events.iter()), &events.journal)
}

pub(crate) fn unwanted_events(matcher: &EntryMatcher, found: &[&Event], journal: &Journal) -> String {
    let title = format!("{} published that should not be: {matcher}", events_were(found.len()));
    with_timeline(&title, &listed(found.iter().copied()), journal)
}

fn listed<'a>(events: impl ExactSizeIterator<Item = &'a Event>) -> Vec<[String; 2]> {
    let hidden = events.len().saturating_sub(MAX_EVENTS);
    let mut rows: Vec<[String; 2]> =
        events.take(MAX_EVENTS).map(|event| [place_of(event), (**event).to_string()]).collect();
    rows.extend((hidden > 0).then(|| [String::new(), format!("... {} more ...", count(hidden, "event"))]));
    rows
}

/// How many violations of a schema a report tells for each event.
#[cfg(feature = "json-schema")]
const MAX_VIOLATIONS: usize = 3;

#[cfg(feature = "json-schema")]
pub(crate) fn nonconforming(
    detail_type: &str,
    judged: usize,
    found: &[(&Event, Vec<String>)],
    journal: &Journal,
) -> String {
    let mut report = match found.len() {
        0 => format!("no event of the detail-type {detail_type:?} was published, so there was no detail to judge\n\n"),
        some => format!("{some} of {judged} details of {detail_type:?} do not conform to the schema\n\n"),
    };
    for (event, violations) in found.iter().take(MAX_EVENTS) {
        let _ = writeln!(report, "  {}  {}", place_of(event), ***event);
        for violation in violations.iter().take(MAX_VIOLATIONS) {
            let _ = writeln!(report, "    {}", super::shortened(violation.clone()));
        }
        if violations.len() > MAX_VIOLATIONS {
            let _ = writeln!(report, "    ... {} more ...", violations.len() - MAX_VIOLATIONS);
        }
    }
    if found.len() > MAX_EVENTS {
        let _ = writeln!(report, "  ... {} more ...", found.len() - MAX_EVENTS);
    }
    let gap = if found.is_empty() { "" } else { "\n" };
    let _ = write!(report, "{gap}{journal}");
    report
}
