//! What the page shows of a journal.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::check::{Finding, findings};
use crate::journal::Attempt;
use crate::ledger::Ledger;
use crate::report::{became, notes};

/// The newest attempts of the journal as JSON, with the words that the timeline has for them, and what
/// [`Lint`](crate::Lint) has to say. Attempts are named by their numbers. What came before the newest is not shown, but
/// what is said of them takes it into account.
pub(crate) fn picture(ledger: &Ledger, newest: usize) -> Value {
    let shown = ledger.journal().newest(newest);
    let first = shown.attempts().first().map_or(usize::MAX, Attempt::number);
    let became = shown.attempts().iter().map(|attempt| (attempt.number(), became(attempt))).collect();
    let notes =
        notes(ledger).split_off(&first).into_iter().map(|(number, note)| (number, format!("<- {note}"))).collect();
    let lint = findings(ledger).into_iter().filter(|finding| finding.attempt() >= first);
    json!({
        "journal": shown.to_json(),
        "became": by_attempt(became),
        "notes": by_attempt(notes),
        "lint": lint.map(|finding| self::finding(&finding)).collect::<Vec<_>>(),
    })
}

fn by_attempt(words: BTreeMap<usize, String>) -> Value {
    words.into_iter().map(|(number, words)| (number.to_string(), words.into())).collect::<Map<_, _>>().into()
}

fn finding(finding: &Finding) -> Value {
    json!({ "rule": finding.rule().name(), "attempt": finding.attempt(), "message": finding.message() })
}
