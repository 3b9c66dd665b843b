//! Makes the lines of a ledger from the entries of a journal.

use super::{Expected, Ledger, Line, Try};
use crate::journal::{Came, Journal, Known, Threads};
use crate::matcher::{Candidate, EntryMatcher, Identity, Matchers, with_undecided};

impl Ledger {
    pub(super) fn build(journal: Journal, identity: Identity, expected: Option<Vec<EntryMatcher>>) -> Self {
        let (lines, undecided) = with_undecided(|| lines(&journal, &identity, expected.as_deref().unwrap_or_default()));
        Self { journal, identity, expected, lines, undecided }
    }
}

fn lines(journal: &Journal, identity: &Identity, expected: &[EntryMatcher]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut threads = Threads::new();
    let matchers = Matchers::of(expected);
    for attempt in journal.attempts() {
        for (index, entry) in attempt.entries().iter().enumerate() {
            let key = identity.key(entry);
            let (is_id, known) = (key.is_id(), Known::from(attempt, index));
            let came = Came { is_id, attempt: attempt.number(), at: attempt.at(), known, is_in_flight: false };
            let place = threads.place(key, came, || matchers.meaning(entry));
            if place.number == 1 {
                lines.push(Line { expected: None, tries: Vec::new() });
            }
            if let Some(line) = lines.get_mut(place.thread) {
                line.tries.push(Try { attempt: attempt.clone(), index });
            }
        }
    }
    drop(threads);
    assign(&mut lines, expected, &matchers);
    lines
}

/// Assigns each expected event to a line. An event that was never received gets a new line.
fn assign(lines: &mut Vec<Line>, expected: &[EntryMatcher], matchers: &Matchers<'_>) {
    let entries: Vec<Candidate<'_>> = lines.iter().map(Line::to_be_meant).collect();
    let lines_of = matchers.assigned(&entries);
    for (number, (matcher, line)) in expected.iter().zip(lines_of).enumerate() {
        let expected = Some(Expected { number, matcher: matcher.clone(), like: None });
        match line.and_then(|line| lines.get_mut(line)) {
            Some(line) => line.expected = expected,
            None => lines.push(Line { expected, tries: Vec::new() }),
        }
    }
}
