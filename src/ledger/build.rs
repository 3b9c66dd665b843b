//! Which entries of which attempts are the same event.

use std::collections::HashMap;

use super::{Expected, Identity, KnownAfter, Ledger, Line, Try};
use crate::assignment::assignment;
use crate::journal::{Attempt, Journal};
use crate::json::ByValue;
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
    Content { detail: Detail<'a>, resources: Vec<&'a str> },
    Id(ByValue<'a>),
}

#[derive(PartialEq, Eq, Hash)]
enum Detail<'a> {
    Json(ByValue<'a>),
    Text(Option<&'a str>),
}

impl Identity {
    fn key<'a>(&self, entry: &'a Entry) -> Key<'a> {
        let id = match self {
            Self::Content => None,
            Self::DetailAt(pointer) => detail_at(entry, pointer),
        };
        let rest = match id {
            Some(id) => Rest::Id(ByValue(id)),
            None => Rest::Content {
                detail: entry
                    .detail_json()
                    .map_or_else(|| Detail::Text(entry.detail()), |detail| Detail::Json(ByValue(detail))),
                resources: entry.resources().collect(),
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
            let mut used_here: Vec<usize> = Vec::new();
            for (index, entry) in attempt.entries().iter().enumerate() {
                let key = identity.key(entry);
                let has_id = matches!(key.rest, Rest::Id(_));
                let of_key = known.entry(key).or_default();
                // With an id two entries of one request are the same event, too.
                let used = if has_id { &[] } else { &used_here[..] };
                let number = which(&lines, of_key, used, attempt, || {
                    let expected = expected.iter().flatten();
                    expected.filter(|matcher| matcher.matches(entry)).count()
                });
                let number = number.unwrap_or_else(|| {
                    lines.push(Line { expected: None, tries: Vec::new() });
                    of_key.push(lines.len() - 1);
                    lines.len() - 1
                });
                used_here.push(number);
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

/// The line that an entry continues: of those with its key, and not of the same request, the first one that the publisher
/// knows neither to be accepted nor to be hopeless. Where there is none, and no more equal events are expected than there are
/// lines, it is a hopeless one, and else the first one: then the publisher sends it once too often.
fn which(
    lines: &[Line],
    of_key: &[usize],
    used: &[usize],
    attempt: &Attempt,
    expected: impl Fn() -> usize,
) -> Option<usize> {
    let free = || of_key.iter().copied().filter(|number| !used.contains(number));
    let first = free().next()?;
    let knows = |number: usize, known: KnownAfter| {
        let tries = lines.get(number).map(Line::tries).unwrap_or_default();
        tries.iter().any(|one| known(one).is_some_and(|(since, _)| since <= attempt.at()))
    };
    let is_unaccepted = |number: &usize| !knows(*number, Try::known_to_be_accepted);
    let is_open = |number: &usize| is_unaccepted(number) && !knows(*number, Try::known_to_be_hopeless);
    // Equal events of one request are told apart where they are expected.
    let is_new_here = |number: &usize| {
        let tries = lines.get(*number).map(Line::tries).unwrap_or_default();
        tries.last().is_none_or(|one| one.attempt().number() != attempt.number())
    };
    free().find(|number| is_open(number) && is_new_here(number)).or_else(|| {
        let may_be_another = expected() > of_key.len();
        (!may_be_another).then(|| free().find(is_open).or_else(|| free().find(is_unaccepted)).unwrap_or(first))
    })
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
