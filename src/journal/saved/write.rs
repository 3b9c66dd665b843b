//! A journal as JSON, whole.

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use serde_json::{Map, Value, json};

use super::super::attempt::Received;
use super::super::{Attempt, Journal, Outcome, Problem};
use super::FORMAT;
use crate::delivery::{Cut, Delivery, End};
use crate::entry::Entry;
use crate::fault::FaultRecord;
use crate::fault::plan::{milliseconds, write_entry_error, write_malformed, write_request_error};
use crate::report;

pub(super) fn write(journal: &Journal) -> Value {
    let forgotten = journal.forgotten;
    object([
        ("putevents-mock", Some(FORMAT.into())),
        ("seed", journal.seed.map(Value::from)),
        ("recorded", Some(journal.recorded.into())),
        (
            "forgotten",
            (forgotten.attempts > 0).then(|| {
                json!({ "attempts": forgotten.attempts, "events": forgotten.events, "untilMs": exact(forgotten.until) })
            }),
        ),
        ("attempts", Some(journal.attempts().iter().map(attempt).collect())),
        ("problems", Some(journal.problems().iter().map(problem).collect())),
        ("faults", Some(journal.faults.iter().map(|record| fault(record, journal)).collect())),
    ])
}

/// An object of those members that are there.
pub(super) fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect::<Map<_, _>>().into()
}

fn attempt(attempt: &Attempt) -> Value {
    let received = attempt.received();
    let Received { number, at, date, head, body, outcomes, error, was_refused_by_fault, malformed, .. } = received;
    let ended = attempt.ended();
    let since_1970 = date.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    object([
        ("number", Some((*number).into())),
        ("atMs", Some(exact(*at))),
        ("endedMs", ended.map(|ended| exact(ended.at))),
        ("answered", ended.map(|ended| ended.was_answered.into())),
        ("date", Some(since_1970.as_secs().into())),
        ("peer", attempt.peer().map(|peer| peer.to_string().into())),
        (
            "request",
            Some(json!({
                "method": head.method.as_str(),
                "uri": head.uri.to_string(),
                "headers": headers(&head.headers),
                "body": bytes(body),
            })),
        ),
        ("entries", (!attempt.entries().is_empty()).then(|| attempt.entries().iter().map(entry).collect())),
        ("outcomes", (!outcomes.is_empty()).then(|| outcomes.iter().map(outcome).collect())),
        ("error", error.as_ref().map(write_request_error)),
        ("refusedByFault", was_refused_by_fault.then_some(true.into())),
        ("malformedReply", malformed.as_ref().map(write_malformed)),
        ("faults", (!received.faults.is_empty()).then(|| attempt.faults().collect())),
        (
            "reply",
            attempt.reply().map(|reply| {
                json!({ "status": reply.status(), "headers": headers(reply.headers()), "body": bytes(reply.body()) })
            }),
        ),
        ("delivery", (*attempt.delivery() != Delivery::default()).then(|| delivery(attempt.delivery()))),
    ])
}

/// An entry with its detail parsed, for those who read the file.
pub(super) fn entry(entry: &Entry) -> Value {
    object([
        ("Detail", entry.detail_json().cloned().or_else(|| entry.detail().map(Value::from))),
        ("DetailType", entry.detail_type().map(Value::from)),
        ("EventBusName", entry.event_bus.is_some().then(|| entry.event_bus().into())),
        ("Resources", entry.resources.is_some().then(|| entry.resources().collect())),
        ("Source", entry.source().map(Value::from)),
        ("Time", entry.time_as_sent().map(Value::from)),
        ("TraceHeader", entry.trace_header().map(Value::from)),
    ])
}

fn outcome(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Accepted { event_id, is_delivered } => object([
            ("eventId", Some(event_id.to_string().into())),
            ("undelivered", (!is_delivered).then_some(true.into())),
        ]),
        Outcome::Failed { error, injected } => {
            object([("error", Some(write_entry_error(error))), ("injected", injected.then_some(true.into()))])
        }
    }
}

fn delivery(delivery: &Delivery) -> Value {
    object([
        ("held", delivery.hold.is_some().then_some(true.into())),
        ("delayMs", (!delivery.delay.is_zero()).then(|| exact(delivery.delay))),
        ("pace", delivery.pace.map(|(bytes, every)| json!({ "bytes": bytes, "everyMs": exact(every) }))),
        ("end", (delivery.end != End::Whole).then(|| end(&delivery.end))),
    ])
}

fn end(end: &End) -> Value {
    match end {
        End::Whole => "whole".into(),
        End::Closed(at) => json!({ "closed": cut(*at) }),
        End::Reset(at) => json!({ "reset": cut(*at) }),
        End::Stalled(at) => json!({ "stalled": cut(*at) }),
        End::Garbage(garbage) => json!({ "garbage": bytes(garbage) }),
    }
}

fn cut(cut: Cut) -> Value {
    match cut {
        Cut::Start => "start".into(),
        Cut::Head(bytes) => json!({ "head": bytes }),
        Cut::Body(bytes) => json!({ "body": bytes }),
        Cut::End => "end".into(),
    }
}

pub(super) fn problem(problem: &Problem) -> Value {
    object([
        ("kind", Some(format!("{:?}", problem.kind()).into())),
        ("attempt", problem.attempt().map(Value::from)),
        ("atMs", Some(exact(problem.at()))),
        ("message", Some(problem.message().into())),
    ])
}

pub(crate) fn fault(record: &FaultRecord, journal: &Journal) -> Value {
    object([
        ("id", Some(record.id.into())),
        ("fault", Some((*record.sentence).into())),
        ("injectedAt", Some((*record.at).into())),
        ("fired", Some(record.fired.into())),
        ("mustFire", Some(record.must_fire.into())),
        ("inForce", Some(record.in_force.into())),
        ("why", record.is_unfired().then(|| report::why_unfired(record, journal).into())),
    ])
}

fn headers(headers: &HeaderMap) -> Value {
    headers.iter().map(|(name, value)| json!([name.as_str(), bytes(value.as_bytes())])).collect()
}

/// Text where it is text, else its bytes in hexadecimal.
fn bytes(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => json!({ "hex": bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>() }),
    }
}

/// In milliseconds, to the nanosecond.
fn exact(duration: Duration) -> Value {
    milliseconds(duration)
}
