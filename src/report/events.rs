//! Sentences about published events that were not expected, and expected events that were not published.

use std::fmt::Write;

use super::names::{described, place, place_of_event};
use super::styled::{Label, Report};
use super::{MAX_EVENTS, with_gap};
use crate::check::{Comparison, Nonconforming};
use crate::journal::{Attempt, Event, Events, Story};
use crate::matcher::{EntryMatcher, difference, nearest};
use crate::service::{Entry, Outcome};
use crate::words::{and, count, elided, shortened, table, times};

/// The most violations of a schema that a report shows for each event.
const MAX_VIOLATIONS: usize = 3;

pub(super) fn different(comparison: &Comparison) -> Report {
    let (missing, surplus) = (comparison.missing(), comparison.surplus());
    let expected = comparison.expected.len();
    let title = match (missing.len(), surplus.len()) {
        (missing, 0) if expected == 1 => format!("the expected {} not published", were(missing)),
        (missing, 0) => format!("{missing} of the {expected} expected events {} not published", was(missing)),
        (0, surplus) => {
            format!("{} published, but {expected} {} expected", events_were(expected + surplus), was(expected))
        }
        (..) => format!("the published events differ from the {expected} expected"),
    };
    let mut rows = Vec::new();
    let all_missing = missing.len();
    for matcher in missing.into_iter().take(MAX_EVENTS) {
        rows.push((Label::Missing, described(matcher)));
        rows.extend(instead(matcher, comparison));
    }
    rows.extend(more(all_missing, Label::Missing));
    let all_surplus = surplus.len();
    rows.extend(surplus.into_iter().take(MAX_EVENTS).map(|event| (Label::Surplus, told(event, &comparison.published))));
    rows.extend(more(all_surplus, Label::Surplus));
    let mut report = with_gap(Report::titled(title));
    report.labelled(&rows);
    with_gap(report)
}

fn was(number: usize) -> &'static str {
    if number == 1 { "was" } else { "were" }
}

fn were(number: usize) -> String {
    format!("{} {}", if number == 1 { "event" } else { "events" }, was(number))
}

/// `1 event was`, `2 events were`.
pub(super) fn events_were(number: usize) -> String {
    format!("{} {}", count(number, "event"), was(number))
}

fn more(number: usize, label: Label) -> Option<(Label, String)> {
    let hidden = number.checked_sub(MAX_EVENTS).filter(|hidden| *hidden > 0)?;
    Some((label, format!("... {hidden} more ...")))
}

/// A list below a title.
fn listing(title: String, rows: &[[String; 2]]) -> Report {
    let mut report = with_gap(Report::titled(title));
    let _ = table(&mut report, "", rows, Clone::clone, usize::MAX);
    if rows.is_empty() { report } else { with_gap(report) }
}

/// What was received instead of a missing event: the same event, not accepted; too few of it; or the nearest other event.
fn instead(matcher: &EntryMatcher, comparison: &Comparison) -> Option<(Label, String)> {
    let all = || {
        comparison.published.journal().attempts().iter().flat_map(|attempt| {
            attempt.entries().iter().enumerate().map(move |(index, entry)| ((attempt, index), entry))
        })
    };
    let is_accepted = |attempt: &Attempt, index: usize| attempt.outcomes().get(index).is_some_and(Outcome::is_accepted);
    let refused = all().filter(|((attempt, index), entry)| !is_accepted(attempt, *index) && matcher.means(entry));
    if let Some(((attempt, index), entry)) = refused.last() {
        let text = format!("{}  {entry}: {}", place(attempt, index), not_accepted(attempt, index));
        return Some((Label::Received, text));
    }
    let alike = comparison.published.iter().filter(|event| matcher.means(event)).count();
    if alike > 0 {
        let wanted = comparison.expected.iter().filter(|other| *other == matcher).count();
        let text = format!("published {}, but expected {}", times(alike), times(wanted.max(alike + 1)));
        return Some((Label::Received, text));
    }
    let left_out = all().find(|((attempt, index), entry)| is_accepted(attempt, *index) && matcher.means(entry));
    if let Some(((attempt, index), entry)) = left_out {
        let text = format!("{}  {entry}: published, but left out of the events that were asked", place(attempt, index));
        return Some((Label::Received, text));
    }
    let surplus = comparison.surplus().into_iter().map(|event| ((event.attempt(), event.index()), &**event));
    let ((attempt, index), entry): ((&Attempt, usize), &Entry) =
        nearest(matcher, surplus).or_else(|| nearest(matcher, all()))?;
    Some((Label::Nearest, format!("{}  {entry}: {}", place(attempt, index), difference(matcher, entry)?)))
}

fn not_accepted(attempt: &Attempt, index: usize) -> String {
    let failed = || attempt.outcomes().get(index).and_then(Outcome::error);
    match attempt.story() {
        Story::Unseen => "the request never reached the service, and it was not accepted later".to_owned(),
        Story::Refused { error, .. } => format!("the request was refused with {error}, and it was not accepted later"),
        Story::Answered { .. } | Story::Other { .. } => {
            let code = failed().map(|error| error.code()).unwrap_or_default();
            format!("it failed with {code}, and was not accepted later")
        }
    }
}

/// A published event that was not expected, and whether it was accepted before.
fn told(event: &Event, published: &Events) -> String {
    let before = published.iter().take_while(|other| other.id() != event.id());
    let before: Vec<String> = before.filter(|other| ***other == **event).map(place_of_event).collect();
    let again = match &before[..] {
        [] => String::new(),
        places => format!(": accepted before, in {}", and(&elided(places.to_vec(), "more"))),
    };
    format!("{}  {}{again}", place_of_event(event), **event)
}

pub(super) fn other_order(events: &Events, expected: &[EntryMatcher], first: usize) -> Report {
    let row = |(index, (event, expected)): (usize, (&Event, &EntryMatcher))| {
        let (mark, instead) = if expected.means(event) {
            ("", String::new())
        } else {
            ("<-", format!("expected here: {}", described(expected)))
        };
        [format!("{index}"), format!("{}  {}", place_of_event(event), **event), mark.to_owned(), instead]
    };
    let from = first.saturating_sub(1);
    let rows = events.iter().zip(expected).enumerate().skip(from);
    let mut report = with_gap(Report::titled("the expected events were published, but in another order"));
    let _ = table(&mut report, "", rows, row, 2 * MAX_EVENTS);
    with_gap(report)
}

pub(super) fn other_count(events: &Events, expected: usize) -> Report {
    let title = format!("{} published, but {expected} {} expected", events_were(events.len()), was(expected));
    listing(title, &listed(events))
}

pub(super) fn unwanted(matcher: &EntryMatcher, events: &[Event]) -> Report {
    let title = format!("{} published that should not have been: {matcher}", events_were(events.len()));
    listing(title, &listed(events))
}

fn listed(events: &[Event]) -> Vec<[String; 2]> {
    let hidden = events.len().saturating_sub(MAX_EVENTS);
    let row = |event: &Event| [place_of_event(event), (**event).to_string()];
    let mut rows: Vec<[String; 2]> = events.iter().take(MAX_EVENTS).map(row).collect();
    rows.extend((hidden > 0).then(|| [String::new(), format!("... {} more ...", count(hidden, "event"))]));
    rows
}

pub(super) fn nonconforming(Nonconforming { detail_type, judged, events }: &Nonconforming) -> Report {
    let mut report = with_gap(Report::titled(match events.len() {
        0 => format!("no event of the detail-type {detail_type:?} was published, so there was no detail to judge"),
        some => format!("{some} of {judged} details of {detail_type:?} do not conform to the schema"),
    }));
    for (event, violations) in events.iter().take(MAX_EVENTS) {
        let _ = writeln!(report, "  {}  {}", place_of_event(event), **event);
        for violation in violations.iter().take(MAX_VIOLATIONS) {
            let _ = writeln!(report, "    {}", shortened(violation));
        }
        if violations.len() > MAX_VIOLATIONS {
            let _ = writeln!(report, "    ... {} more ...", violations.len() - MAX_VIOLATIONS);
        }
    }
    if events.len() > MAX_EVENTS {
        let _ = writeln!(report, "  ... {} more ...", events.len() - MAX_EVENTS);
    }
    if events.is_empty() { report } else { with_gap(report) }
}
