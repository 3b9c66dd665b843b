//! What the page shows of a journal.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::timeline::{became, notes};
use super::why_unfired;
use crate::fault::FaultCause;
use crate::journal::{Attempt, Journal};
use crate::ledger::Ledger;
use crate::lint::{Finding, findings};

/// The newest attempts of the journal as JSON, with the words that the timeline has for them, and what
/// [`Lint`](crate::Lint) has to say. Attempts are named by their numbers. What came before the newest is not shown, but
/// what is said of them takes it into account.
pub(crate) fn picture(ledger: &Ledger, newest: usize) -> Value {
    let whole = &ledger.journal;
    let hidden = whole.attempts().len().saturating_sub(newest);
    let shown = whole.attempts().get(hidden..).unwrap_or_default();
    let first = if hidden == 0 { 0 } else { shown.first().map_or_else(|| whole.next_number(), Attempt::number) };
    let became = shown.iter().map(|attempt| (attempt.number(), became(attempt))).collect();
    let notes = notes(ledger).split_off(&first);
    let lint = findings(ledger).into_iter().filter(|finding| finding.attempt() >= first);
    json!({
        "journal": since(whole, first).to_json(),
        "became": by_attempt(became),
        "notes": by_attempt(notes),
        "lint": lint.map(|finding| self::finding(&finding)).collect::<Vec<_>>(),
    })
}

/// The journal from this attempt on. Why a fault did not fire is said of all attempts.
fn since(journal: &Journal, first: usize) -> Cow<'_, Journal> {
    if first == 0 {
        return Cow::Borrowed(journal);
    }
    let mut rest = journal.since(first);
    for record in &mut rest.faults {
        record.cause = FaultCause::Known(why_unfired(record, journal));
    }
    Cow::Owned(rest)
}

fn by_attempt(words: BTreeMap<usize, String>) -> Value {
    words.into_iter().map(|(number, words)| (number.to_string(), words.into())).collect::<Map<_, _>>().into()
}

fn finding(finding: &Finding) -> Value {
    json!({ "rule": finding.rule().name(), "attempt": finding.attempt(), "message": finding.message() })
}
