//! Which entries of which attempts are the same event.

use std::collections::HashMap;

use serde_json::Value;

use super::{Expected, Identity, Ledger, Line, Try};
use crate::assignment::assignment;
use crate::journal::{Attempt, Journal};
use crate::matcher::{EntryMatcher, detail_at};
use crate::service::Entry;

/// What is equal for the same event.
#[derive(PartialEq, Eq, Hash)]
struct Key<'a> {
    bus: &'a str,
    source: Option<&'a str>,
    detail_type: Option<&'a str>,
    rest: Rest<'a>,
}

#[derive(PartialEq, Eq, Hash)]
enum Rest<'a> {
    Content { detail: Detail<'a>, resources: Vec<&'a str>, time: Option<&'a str> },
    Id(&'a Value),
}

#[derive(PartialEq, Eq, Hash)]
enum Detail<'a> {
    Json(&'a Value),
    Text(Option<&'a str>),
}

impl Identity {
    fn key<'a>(&self, entry: &'a Entry) -> Key<'a> {
        let id = match self {
            Self::Content => None,
            Self::DetailAt(pointer) => detail_at(entry, pointer),
        };
        let rest = match id {
            Some(id) => Rest::Id(id),
            None => Rest::Content {
                detail: entry.detail_json().map_or_else(|| Detail::Text(entry.detail()), Detail::Json),
                resources: entry.resources().collect(),
                time: entry.time_as_sent(),
            },
        };
        Key { bus: entry.event_bus_name(), source: entry.source(), detail_type: entry.detail_type(), rest }
    }
}

impl Ledger {
    pub(super) fn build(journal: Journal, identity: Identity, expected: Option<Vec<EntryMatcher>>) -> Self {
        let mut lines: Vec<Line> = Vec::new();
        let mut known: HashMap<Key<'_>, Vec<usize>> = HashMap::new();
        for attempt in journal.attempts() {
            let mut used: Vec<usize> = Vec::new();
            for (index, entry) in attempt.entries().iter().enumerate() {
                let of_key = known.entry(identity.key(entry)).or_default();
                let number = which(&lines, of_key, &used, attempt, || {
                    let expected = expected.iter().flatten();
                    expected.filter(|matcher| matcher.matches(entry)).count()
                });
                let number = number.unwrap_or_else(|| {
                    lines.push(Line { expected: None, tries: Vec::new() });
                    of_key.push(lines.len() - 1);
                    lines.len() - 1
                });
                used.push(number);
                if let Some(line) = lines.get_mut(number) {
                    line.tries.push(Try { attempt: attempt.clone(), index });
                }
            }
        }
        drop(known);
        assign(&mut lines, expected.as_deref().unwrap_or_default());
        Self { journal, identity, expected, lines }
    }
}

/// The line that an entry continues: of those with its key, and not of the same request, the first that the publisher
/// cannot know to be accepted; else the first one, for then the publisher sends it once too often; unless more equal
/// events than lines were expected.
fn which(
    lines: &[Line],
    of_key: &[usize],
    used: &[usize],
    attempt: &Attempt,
    expected: impl Fn() -> usize,
) -> Option<usize> {
    let mut free = of_key.iter().copied().filter(|number| !used.contains(number)).peekable();
    let first = *free.peek()?;
    let is_open = |number: &usize| {
        let tries = lines.get(*number).map(Line::tries).unwrap_or_default();
        !tries.iter().any(|one| one.accepted_and_told_at().is_some_and(|since| since <= attempt.at()))
    };
    free.find(is_open).or_else(|| (expected() <= of_key.len()).then_some(first))
}

/// Gives each expected event its line, and a line of its own where it was never received.
fn assign(lines: &mut Vec<Line>, expected: &[EntryMatcher]) {
    let entries: Vec<Option<&Entry>> = lines.iter().map(Line::entry).collect();
    let lines_of = assignment(expected, &entries, |matcher, entry| entry.is_some_and(|entry| matcher.matches(entry)));
    for (number, (matcher, line)) in expected.iter().zip(lines_of).enumerate() {
        let expected = Some(Expected { number, matcher: matcher.clone() });
        match line.and_then(|line| lines.get_mut(line)) {
            Some(line) => line.expected = expected,
            None => lines.push(Line { expected, tries: Vec::new() }),
        }
    }
}
