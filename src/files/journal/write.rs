//! Writes a whole journal as JSON.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value, json};

use super::FORMAT;
use crate::check::why_unfired;
use crate::fault::{Cut, Delivery, End, FaultId, FaultRecord, Pace, write_whole_malformed};
use crate::journal::{Attempt, Journal, Received, Refuser, Story};
use crate::json::{
    WithRaw, as_hex, as_text, compact, is_held_by_a_value, is_object, milliseconds, nanoseconds, object,
};
use crate::records::Records;
use crate::report::why;
use crate::service::{
    Entry, Outcome, Problem, RequestHead, fields_of, seconds_since_1970, write_whole_entry_error,
    write_whole_request_error,
};

/// A detail that is nested deeper is written as it was sent. A value of 1,000 levels needs more stack than a thread may have.
const SHALLOW: usize = 100;
/// The member that holds the attempts.
const ATTEMPTS: &str = "attempts";

pub(super) fn write(journal: &Journal) -> Value {
    members(journal, journal.attempts().iter().map(|one| attempt(one, entry)).collect())
}

/// The journal as JSON, with `attempts` as its attempts.
fn members(journal: &Journal, attempts: Value) -> Value {
    let (recorded, forgotten) = journal.history();
    object([
        ("putevents-mock", Some(FORMAT.into())),
        ("seed", journal.seed().map(Value::from)),
        ("recorded", Some(recorded.into())),
        (
            "forgotten",
            (forgotten.attempts > 0).then(|| {
                object([
                    ("attempts", Some(forgotten.attempts.into())),
                    ("events", Some(forgotten.events.into())),
                    ("untilMs", Some(milliseconds(forgotten.until))),
                    ("untilNs", nanoseconds(forgotten.until)),
                ])
            }),
        ),
        (ATTEMPTS, Some(attempts)),
        ("problems", Some(journal.problems().iter().map(problem).collect())),
        ("faults", Some(journal.faults().iter().map(|record| fault_record(record, journal)).collect())),
    ])
}

/// The journal as JSON text, with more members. Details that a value cannot hold stand in it as they were sent.
///
/// A value of the whole journal would need several times the memory of the journal. So each attempt becomes a value alone.
pub(super) fn text<'a>(
    journal: &Journal,
    more: impl IntoIterator<Item = (&'a str, Value)>,
    is_indented: bool,
) -> String {
    let mut others = Map::new();
    if let Value::Object(members) = members(journal, Value::Null) {
        others = members;
    }
    others.extend(more.into_iter().map(|(name, value)| (name.to_owned(), value)));
    let whole = Whole { others, journal };
    let text = if is_indented { serde_json::to_string_pretty(&whole) } else { serde_json::to_string(&whole) };
    // Neither values nor raw text can fail to be written.
    text.unwrap_or_default()
}

/// A journal whose attempts become values one by one.
struct Whole<'a> {
    others: Map<String, Value>,
    journal: &'a Journal,
}

impl Serialize for Whole<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut written = serializer.serialize_map(Some(self.others.len()))?;
        for (name, value) in &self.others {
            if name == ATTEMPTS {
                written.serialize_entry(name, &Attempts(self.journal.attempts()))?;
            } else {
                written.serialize_entry(name, value)?;
            }
        }
        written.end()
    }
}

struct Attempts<'a>(&'a Records<Attempt>);

impl Serialize for Attempts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(OneAttempt))
    }
}

struct OneAttempt<'a>(&'a Attempt);

impl Serialize for OneAttempt<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw = self.0.entries().iter().enumerate().filter_map(|(index, entry)| {
            let detail = raw_detail(entry).map(compact);
            detail.map(|detail| (format!("/entries/{index}/Detail"), detail))
        });
        WithRaw::new(&attempt(self.0, entry_without_raw), raw).serialize(serializer)
    }
}

fn attempt(attempt: &Attempt, entry: fn(&Entry) -> Value) -> Value {
    let Received { number, at, date, head, body, story, faults, .. } = attempt.received();
    let ended = attempt.ended();
    let sender = attempt.received().body.sender();
    object([
        ("number", Some((*number).into())),
        ("atMs", Some(milliseconds(*at))),
        ("atNs", nanoseconds(*at)),
        ("endedMs", ended.map(|ended| milliseconds(ended.at))),
        ("endedNs", ended.and_then(|ended| nanoseconds(ended.at))),
        ("answered", ended.map(|ended| ended.was_answered.into())),
        ("date", Some(seconds_since_1970(*date).into())),
        ("peer", attempt.peer().map(|peer| peer.to_string().into())),
        ("operation", attempt.operation().map(Value::from)),
        (
            "request",
            Some(object([
                ("method", Some(head.method.as_str().into())),
                ("uri", Some(head.uri().to_string().into())),
                ("headers", Some(headers(head.fields()))),
                ("body", as_text(body.bytes())),
                ("bodyHex", as_hex(body.bytes())),
            ])),
        ),
        ("account", sender.and_then(|sender| sender.account.as_deref()).map(Value::from)),
        ("region", sender.and_then(|sender| sender.region.as_deref()).map(Value::from)),
        ("entries", (!attempt.entries().is_empty()).then(|| attempt.entries().iter().map(entry).collect())),
        (
            "outcomes",
            match story {
                Story::Answered { outcomes, .. } => Some(outcomes.iter().map(outcome).collect()),
                Story::Unseen | Story::Refused { .. } | Story::Other { .. } => None,
            },
        ),
        ("error", story.error().map(write_whole_request_error)),
        ("refusedByFault", matches!(story, Story::Refused { by: Refuser::Fault, .. }).then_some(true.into())),
        ("malformedReply", story.malformed().map(write_whole_malformed)),
        ("faults", (!faults.is_empty()).then(|| attempt.faults().collect())),
        ("faultIds", (!faults.is_empty()).then(|| attempt.fault_ids().map(|FaultId(id)| id).collect())),
        (
            "reply",
            attempt.reply().map(|reply| {
                object([
                    ("status", Some(reply.status().into())),
                    ("headers", Some(headers(fields_of(&reply.header_map())))),
                    ("body", as_text(reply.body())),
                    ("bodyHex", as_hex(reply.body())),
                ])
            }),
        ),
        ("delivery", (*attempt.delivery() != Delivery::default()).then(|| delivery(attempt.delivery()))),
    ])
}

/// An entry with its parsed detail, if that is an object. Any other detail stands as text under another name, and so does a detail
/// that would need too much stack.
pub(super) fn entry(entry: &Entry) -> Value {
    let detail = entry.detail_json().filter(|detail| detail.is_object());
    let is_shallow = detail.is_some() && entry.detail().is_some_and(|detail| is_object(detail, SHALLOW));
    entry_with(entry, detail.filter(|_| is_shallow).cloned())
}

/// An entry with `null` for a detail that is written as it was sent.
fn entry_without_raw(one: &Entry) -> Value {
    if raw_detail(one).is_some() { entry_with(one, Some(Value::Null)) } else { entry(one) }
}

/// The text of a detail that is an object, if a value does not hold it or would need too much stack.
fn raw_detail(entry: &Entry) -> Option<&str> {
    let detail = entry.detail().filter(|_| is_shown_as_object(entry))?;
    (!is_held_by_a_value(detail) || !is_object(detail, SHALLOW)).then_some(detail)
}

fn entry_with(entry: &Entry, detail: Option<Value>) -> Value {
    object([
        ("DetailText", if detail.is_some() { None } else { entry.detail().map(Value::from) }),
        ("Detail", detail),
        ("DetailType", entry.detail_type().map(Value::from)),
        ("EventBusName", entry.named_bus().map(Value::from)),
        ("Resources", entry.all_resources().map(|_| entry.resources().collect())),
        ("Source", entry.source().map(Value::from)),
        ("Time", entry.time_as_sent().map(Value::from)),
        ("TraceHeader", entry.trace_header().map(Value::from)),
    ])
}

fn is_shown_as_object(entry: &Entry) -> bool {
    entry.detail_json().is_some_and(Value::is_object)
}

fn outcome(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Accepted { event_id, is_delivered } => object([
            ("eventId", Some(event_id.to_string().into())),
            ("undelivered", (!is_delivered).then_some(true.into())),
        ]),
        Outcome::Failed { error, injected } => {
            object([("error", Some(write_whole_entry_error(error))), ("injected", injected.then_some(true.into()))])
        }
    }
}

fn delivery(delivery: &Delivery) -> Value {
    object([
        ("held", delivery.hold.is_some().then_some(true.into())),
        ("delayMs", (!delivery.delay.is_zero()).then(|| milliseconds(delivery.delay))),
        ("delayNs", nanoseconds(delivery.delay)),
        ("pace", delivery.pace.map(pace)),
        ("end", (delivery.end != End::Whole).then(|| end(&delivery.end))),
    ])
}

fn pace(Pace { bytes, every }: Pace) -> Value {
    object([("bytes", Some(bytes.into())), ("everyMs", Some(milliseconds(every))), ("everyNs", nanoseconds(every))])
}

fn end(end: &End) -> Value {
    match end {
        End::Whole => "whole".into(),
        End::Closed(at) => json!({ "closed": cut(*at) }),
        End::Reset(at) => json!({ "reset": cut(*at) }),
        End::Stalled(at) => json!({ "stalled": cut(*at) }),
        End::Garbage(garbage) => object([("garbage", as_text(garbage)), ("garbageHex", as_hex(garbage))]),
    }
}

fn cut(cut: Cut) -> Value {
    match cut {
        Cut::Start => json!({ "at": "start" }),
        Cut::Head(bytes) => json!({ "at": "head", "bytes": bytes }),
        Cut::Body(bytes) => json!({ "at": "body", "bytes": bytes }),
        Cut::End => json!({ "at": "end" }),
    }
}

fn problem(problem: &Problem) -> Value {
    object([
        ("kind", Some(problem.kind().name().into())),
        ("attempt", problem.attempt().map(Value::from)),
        ("atMs", Some(milliseconds(problem.at()))),
        ("atNs", nanoseconds(problem.at())),
        ("message", Some(problem.message().into())),
    ])
}

/// A fault of a journal, and how often it applied.
pub(crate) fn fault_record(record: &FaultRecord, journal: &Journal) -> Value {
    object([
        ("id", Some(record.id.0.into())),
        ("fault", Some((*record.sentence).into())),
        ("injectedAt", Some((*record.at).into())),
        ("fired", Some(record.fired.into())),
        ("mustFire", Some(record.must_fire.into())),
        ("inForce", Some(record.in_force.into())),
        ("why", record.is_unfired().then(|| why(&why_unfired(record, journal)).into())),
    ])
}

/// Pairs of a name and a value. A value that is not text is in hexadecimal, and has `"hex"` as a third item.
fn headers<'a>(headers: impl Iterator<Item = (&'a [u8], &'a [u8])>) -> Value {
    let pair = |(name, value): (&[u8], &[u8])| match as_hex(value) {
        None => json!([as_text(name), as_text(value)]),
        Some(hex) => json!([as_text(name), hex, "hex"]),
    };
    headers.map(pair).collect()
}
