//! Which entries of which attempts are the same event.

use super::{Expected, Ledger, Line, Try};
use crate::assignment::assignment;
use crate::journal::{Journal, Known, Threads};
use crate::matcher::{EntryMatcher, Identity, with_undecided};
use crate::service::Entry;

impl Ledger {
    pub(super) fn build(journal: Journal, identity: Identity, expected: Option<Vec<EntryMatcher>>) -> Self {
        let (lines, undecided) = with_undecided(|| lines(&journal, &identity, expected.as_deref().unwrap_or_default()));
        Self { journal, identity, expected, lines, undecided }
    }
}

fn lines(journal: &Journal, identity: &Identity, expected: &[EntryMatcher]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut threads = Threads::new();
    for attempt in journal.attempts() {
        let mut used_here: Vec<usize> = Vec::new();
        for (index, entry) in attempt.entries().iter().enumerate() {
            let key = identity.key(entry);
            // With an id two entries of one request are the same event, too.
            let used = if key.is_id() { &[] } else { &used_here[..] };
            let place = threads.place(key.clone(), used, (attempt.number(), attempt.at()), || {
                expected.iter().filter(|matcher| matcher.means(entry)).count()
            });
            threads.learn(&key, place.thread, Known::from(attempt, index), None);
            used_here.push(place.thread);
            if place.number == 1 {
                lines.push(Line { expected: None, tries: Vec::new() });
            }
            if let Some(line) = lines.get_mut(place.thread) {
                line.tries.push(Try { attempt: attempt.clone(), index });
            }
        }
    }
    drop(threads);
    assign(&mut lines, expected);
    lines
}

/// Gives each expected event its line, and a line of its own where it was never received.
fn assign(lines: &mut Vec<Line>, expected: &[EntryMatcher]) {
    let entries: Vec<Option<&Entry>> = lines.iter().map(Line::entry).collect();
    let lines_of = assignment(expected, &entries, |matcher, entry| entry.is_some_and(|entry| matcher.means(entry)));
    for (number, (matcher, line)) in expected.iter().zip(lines_of).enumerate() {
        let expected = Some(Expected { number, matcher: matcher.clone(), like: None });
        match line.and_then(|line| lines.get_mut(line)) {
            Some(line) => line.expected = expected,
            None => lines.push(Line { expected, tries: Vec::new() }),
        }
    }
}
