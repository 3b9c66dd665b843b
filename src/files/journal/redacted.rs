//! A journal as JSON for snapshot tests.

use serde_json::{Value, json};

use super::write::entry;
use crate::journal::{Attempt, Journal};
use crate::json::object;
use crate::service::Outcome;

const TIME: &str = "[time]";

pub(super) fn redacted(journal: &Journal) -> Value {
    let mut events = 0;
    let attempts: Vec<Value> = journal.attempts().iter().map(|one| attempt(one, &mut events)).collect();
    let problems: Vec<Value> = journal.problems().iter().map(|problem| problem.to_string().into()).collect();
    json!({ "attempts": attempts, "problems": problems })
}

fn attempt(attempt: &Attempt, events: &mut usize) -> Value {
    let entries = attempt.entries().iter().map(|one| {
        let mut entry = entry(one);
        if let Some(time) = entry.get_mut("Time") {
            *time = TIME.into();
        }
        entry
    });
    let outcomes = attempt.outcomes().iter().map(|outcome| match outcome {
        Outcome::Accepted { is_delivered, .. } => {
            *events += 1;
            format!("[event-{events}]{}", if *is_delivered { "" } else { ", delivered nowhere" })
        }
        Outcome::Failed { error, .. } => error.to_string(),
    });
    object([
        // In alphabetical order, with and without serde_json's feature `preserve_order`.
        ("entries", (!attempt.entries().is_empty()).then(|| entries.collect())),
        ("error", attempt.error().map(|error| error.to_string().into())),
        ("faults", attempt.faults().next().is_some().then(|| attempt.faults().collect())),
        ("number", Some(attempt.number().into())),
        ("operation", attempt.known_operation().filter(|one| !one.is_put_events()).map(|one| one.name().into())),
        ("outcomes", (!attempt.outcomes().is_empty()).then(|| outcomes.collect())),
        ("status", attempt.reply().map(|reply| reply.status().into())),
    ])
}
