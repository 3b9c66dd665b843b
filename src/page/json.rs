//! The view as JSON: what `page.js` has as its type `View`, and the description of the API as its schema.

use std::time::SystemTime;

use http::HeaderMap;
use serde_json::{Map, Value, json};

use super::attempt::{AttemptView, EntryView, Few, Lint, Place};
use super::mark::Mark;
use super::times::Wait;
use super::view::{Facts, FaultView, Found, View};
use crate::fault::{End, FaultId, Reply};
use crate::journal::Received;
use crate::json::{as_hex, as_text, milliseconds, object};
use crate::service::{CredentialScope, Outcome, Problem};

pub(super) fn write(view: &View<'_>) -> Value {
    let marks = Mark::ALL.map(|mark| (mark.name().to_owned(), mark.words().into()));
    json!({
        "facts": facts(&view.facts),
        "marks": Map::from_iter(marks),
        "findings": list(&view.findings, found),
        "faults": list(&view.faults, fault),
        "attempts": list(&view.attempts, attempt),
    })
}

fn list<T>(items: &[T], write: impl Fn(&T) -> Value) -> Value {
    items.iter().map(write).collect()
}

/// A list, where anything is in it.
fn some<T>(items: &[T], write: impl Fn(&T) -> Value) -> Option<Value> {
    (!items.is_empty()).then(|| list(items, write))
}

fn few<T>(few: &Few<T>, write: impl Fn(&T) -> Value) -> Option<Value> {
    (!few.first.is_empty()).then(|| json!({ "first": list(&few.first, write), "more": few.more }))
}

fn yes(is_so: bool) -> Option<Value> {
    is_so.then_some(true.into())
}

fn facts(facts: &Facts) -> Value {
    object([
        ("attempts", Some(facts.attempts.into())),
        ("published", Some(facts.published.into())),
        ("problems", Some(facts.problems.into())),
        ("forgotten", Some(facts.forgotten.into())),
        ("seed", facts.seed.map(Value::from)),
    ])
}

fn found(found: &Found) -> Value {
    json!({
        "tag": found.tag.words(),
        "isAlarm": found.tag.is_alarm(),
        "message": found.message,
        "attempts": found.attempts,
    })
}

fn fault(fault: &FaultView<'_>) -> Value {
    let record = fault.record;
    object([
        ("id", Some(record.id.0.into())),
        ("sentence", Some((*record.sentence).into())),
        ("place", Some((*record.at).into())),
        ("times", Some(record.fired.into())),
        ("mustFire", Some(record.must_fire.into())),
        ("fired", Some(fault.fired.as_str().into())),
        ("isAlarm", Some(record.is_unfired().into())),
        ("inForce", Some(record.in_force.into())),
        ("why", fault.why.as_deref().map(Value::from)),
        ("attempts", Some(fault.attempts.as_slice().into())),
    ])
}

fn attempt(view: &AttemptView<'_>) -> Value {
    let attempt = view.attempt;
    let Received { date, head, body, .. } = attempt.received();
    let garbage = match &attempt.delivery().end {
        End::Garbage(bytes) => Some(bytes),
        End::Whole | End::Closed(_) | End::Reset(_) | End::Stalled(_) => None,
    };
    let since_1970 = date.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    object([
        ("number", Some(attempt.number().into())),
        ("atMs", Some(milliseconds(attempt.at()))),
        ("endedMs", attempt.ended_at().map(milliseconds)),
        ("took", view.took.as_deref().map(Value::from)),
        ("wait", view.wait.as_ref().map(wait)),
        ("date", Some(since_1970.as_secs().into())),
        ("mark", Some(view.mark.name().into())),
        ("became", Some(view.became.as_str().into())),
        ("note", view.note.as_deref().map(Value::from)),
        ("isTold", Some(attempt.is_told().into())),
        ("isFailure", Some(view.is_failure().into())),
        ("isFinding", Some(view.is_finding().into())),
        ("isInjected", Some(view.is_injected().into())),
        ("problems", some(&view.problems, |problem| self::problem(problem))),
        ("lint", some(&view.lint, lint)),
        ("peer", attempt.peer().map(|peer| peer.to_string().into())),
        ("credential", attempt.credential_scope().map(credential)),
        ("userAgent", attempt.user_agent().map(Value::from)),
        ("sdkTry", attempt.sdk_attempt().map(Value::from)),
        ("invocation", attempt.sdk_invocation_id().map(Value::from)),
        ("otherTries", few(&view.other_tries, |number| (*number).into())),
        ("faults", some(&view.faults, |(FaultId(id), sentence)| json!({ "id": id, "sentence": sentence }))),
        ("delivery", Some(view.delivery.as_slice().into())),
        ("garbage", garbage.and_then(|bytes| as_text(bytes))),
        ("garbageHex", garbage.and_then(|bytes| as_hex(bytes))),
        ("entries", Some(list(&view.entries, entry))),
        ("request", Some(message(&format!("{} {}", head.method, head.uri), &head.headers, body))),
        ("reply", attempt.reply().map(reply)),
    ])
}

fn wait(wait: &Wait) -> Value {
    json!({ "ms": milliseconds(wait.time), "overlaps": wait.overlaps, "words": wait.words })
}

fn problem(problem: &Problem) -> Value {
    json!({ "kind": problem.kind().name(), "message": problem.message() })
}

fn lint(lint: &Lint) -> Value {
    json!({ "rule": lint.rule.name(), "message": lint.message })
}

fn credential(scope: CredentialScope<'_>) -> Value {
    object([
        ("accessKey", Some(scope.access_key().into())),
        ("region", scope.region().map(Value::from)),
        ("service", Some(scope.service().into())),
    ])
}

fn entry(view: &EntryView<'_>) -> Value {
    let EntryView { entry, outcome, mark, also_in } = view;
    let error = outcome.and_then(Outcome::error);
    let resources: Vec<&str> = entry.resources().collect();
    object([
        ("mark", Some(mark.name().into())),
        ("source", entry.source().map(Value::from)),
        ("detailType", entry.detail_type().map(Value::from)),
        ("detail", entry.detail().map(Value::from)),
        ("bus", entry.event_bus.is_some().then(|| entry.event_bus().into())),
        ("time", entry.time_as_sent().map(Value::from)),
        ("resources", some(&resources, |resource| (*resource).into())),
        ("trace", entry.trace_header().map(Value::from)),
        ("eventId", outcome.and_then(Outcome::event_id).map(|id| id.to_string().into())),
        ("code", error.map(|error| error.code().into())),
        ("message", error.map(|error| error.message().into())),
        ("isInjected", yes(*mark == Mark::FailedInjected)),
        ("alsoIn", few(also_in, place)),
    ])
}

fn place(place: &Place) -> Value {
    json!({ "attempt": place.attempt, "index": place.index, "mark": place.mark.name() })
}

fn reply(reply: &Reply) -> Value {
    message(&reply.status().to_string(), reply.headers(), reply.body())
}

/// A request or an answer. A header that is no text is written as Rust escapes it.
fn message(line: &str, headers: &HeaderMap, body: &[u8]) -> Value {
    let text =
        |bytes: &[u8]| std::str::from_utf8(bytes).map_or_else(|_| bytes.escape_ascii().to_string(), str::to_owned);
    let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| format!("{name}: {}", text(value.as_bytes()));
    let head: Vec<String> = headers.iter().map(header).collect();
    object([
        ("line", Some(line.into())),
        ("head", Some(head.join("\n").into())),
        ("body", as_text(body)),
        ("bodyHex", as_hex(body)),
    ])
}
