//! What the page shows of a journal.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::timeline::{became, notes};
use crate::journal::Attempt;
use crate::ledger::Ledger;
use crate::lint::{Finding, findings};

/// The journal as JSON, with the words that the timeline has for its attempts, and what [`Lint`](crate::Lint) has to say.
/// Attempts are named by their numbers.
pub(crate) fn picture(ledger: &Ledger) -> Value {
    let journal = &ledger.journal;
    let became: BTreeMap<usize, String> =
        journal.attempts().iter().map(|attempt: &Attempt| (attempt.number(), became(attempt))).collect();
    json!({
        "journal": journal.to_json(),
        "became": by_attempt(became),
        "notes": by_attempt(notes(ledger)),
        "lint": findings(ledger).iter().map(finding).collect::<Vec<_>>(),
    })
}

fn by_attempt(words: BTreeMap<usize, String>) -> Value {
    words.into_iter().map(|(number, words)| (number.to_string(), words.into())).collect::<Map<_, _>>().into()
}

fn finding(finding: &Finding) -> Value {
    json!({ "rule": finding.rule().name(), "attempt": finding.attempt(), "message": finding.message() })
}
