//! The names of events and places in reports.

use crate::journal::{Attempt, Event};
use crate::ledger::{Line, Try};
use crate::matcher::EntryMatcher;
use crate::words::shortened;

/// A matcher in words, without "entries with".
pub(super) fn described(matcher: &EntryMatcher) -> String {
    let text = matcher.to_string();
    shortened(text.strip_prefix("entries with ").unwrap_or(&text))
}

/// `#2[0]`: entry 0 of attempt 2.
pub(super) fn place(attempt: &Attempt, index: usize) -> String {
    format!("#{}[{index}]", attempt.number())
}

pub(super) fn place_of_event(event: &Event) -> String {
    place(event.attempt(), event.index())
}

pub(super) fn place_of(one: &Try) -> String {
    place(one.attempt(), one.index())
}

/// The entry of a line, or the matcher that expected it.
pub(super) fn name(line: &Line) -> String {
    match (line.entry(), &line.expected) {
        (Some(entry), _) => entry.to_string(),
        (None, Some(expected)) => described(&expected.matcher),
        (None, None) => String::new(),
    }
}
