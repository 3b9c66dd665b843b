//! Holds what publishers sent and got against the journal.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::client::Exchange;

/// The first difference between what the publishers sent and got, and what the journal says.
pub fn difference(exchanges: &[Exchange], journal: &Value) -> Option<String> {
    let Some(attempts) = journal["attempts"].as_array() else {
        return Some(format!("this is no journal: {journal}"));
    };
    if let Some(forgotten) = journal.get("forgotten") {
        return Some(format!("the journal forgot: {forgotten}"));
    }
    let mut recorded = HashMap::new();
    for attempt in attempts {
        if recorded.insert(key(attempt), attempt).is_some() {
            return Some(format!("it was recorded twice: {attempt}"));
        }
    }
    let mut ids = HashSet::new();
    let accepted = attempts.iter().flat_map(|attempt| attempt["outcomes"].as_array().into_iter().flatten());
    for id in accepted.filter_map(|outcome| outcome["eventId"].as_str()) {
        if !ids.insert(id) {
            return Some(format!("two events have the id {id}"));
        }
    }
    for Exchange { key, body, answer } in exchanges {
        let attempt = match (recorded.remove(key.as_str()), answer) {
            (Some(attempt), _) => attempt,
            (None, None) => continue, // Its connection was reset before it was read.
            (None, Some(answer)) => return Some(format!("{key} was answered and not recorded: {answer:?}")),
        };
        if attempt["request"]["body"] != *body {
            return Some(format!("{key} sent {body}\nand recorded was {attempt}"));
        }
        let Some(answer) = answer else { continue };
        let reply = &attempt["reply"];
        let sent = reply["body"].as_str().unwrap_or_default();
        if reply["status"] != answer.status || sent.as_bytes() != answer.body || attempt["answered"] != true {
            let (status, received) = (answer.status, answer.json());
            return Some(format!("{key} got {status} {received}\nand recorded was {attempt}"));
        }
    }
    recorded.into_values().next().map(|attempt| format!("nobody sent this: {attempt}"))
}

fn key(attempt: &Value) -> &str {
    let headers = attempt["request"]["headers"].as_array().into_iter().flatten();
    headers.filter(|header| header[0] == "x-soak").find_map(|header| header[1].as_str()).unwrap_or_default()
}
