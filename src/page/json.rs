//! The view as JSON. The script calls it `View`; the description of the API has its schema.

use std::time::SystemTime;

use serde_json::{Map, Value, json};

use super::attempt::{AttemptView, EntryView, Lint, Place, entry_named};
use super::common::Common;
use super::event::{EventView, TryView};
use super::expected::{Expected, UnmetView};
use super::few::Few;
use super::mark::Mark;
use super::naming::{Carried, Name};
use super::times::Wait;
use super::view::{Facts, FaultView, Found, View};
use crate::fault::{End, FaultId, Reply};
use crate::journal::Received;
use crate::json::{as_hex, as_text, milliseconds, object};
use crate::service::{CredentialScope, Outcome, Problem, RequestHead, fields_of};

pub(super) fn write(view: &View<'_>) -> Value {
    let marks = Mark::ALL.map(|mark| (mark.name().to_owned(), mark.words().into()));
    object([
        ("facts", Some(facts(&view.facts))),
        ("expected", view.expected.as_ref().map(expected)),
        ("common", Some(common(&view.common))),
        ("marks", Some(Map::from_iter(marks).into())),
        ("findings", Some(list(&view.findings, found))),
        ("faults", Some(list(&view.faults, fault))),
        ("attempts", Some(list(&view.attempts, attempt))),
        ("events", Some(list(&view.events, event))),
    ])
}

fn expected(expected: &Expected) -> Value {
    json!({ "words": expected.words, "tone": expected.tone.name(), "unmet": list(&expected.unmet, unmet) })
}

fn unmet(unmet: &UnmetView) -> Value {
    object([
        ("place", unmet.place.as_deref().map(Value::from)),
        ("expectation", unmet.expectation.as_deref().map(Value::from)),
        ("report", Some(unmet.report.as_str().into())),
        ("attempts", Some(unmet.attempts.as_slice().into())),
    ])
}

fn common(common: &Common<'_>) -> Value {
    object([
        ("source", common.source.map(Value::from)),
        ("userAgent", common.user_agent.map(Value::from)),
        ("accessKey", common.access_key.map(Value::from)),
        ("region", common.region.map(Value::from)),
        ("host", common.host.map(Value::from)),
        ("client", common.client.as_deref().map(Value::from)),
    ])
}

fn list<T>(items: &[T], write: impl Fn(&T) -> Value) -> Value {
    items.iter().map(write).collect()
}

/// A list, if it is not empty.
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
    object([
        ("tag", Some(found.tag.words().into())),
        ("isAlarm", Some(found.tag.is_alarm().into())),
        ("message", Some(found.message.as_str().into())),
        ("attempts", Some(found.attempts.as_slice().into())),
        ("entry", found.entry.map(Value::from)),
    ])
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
        ("isAlarm", Some(fault.is_alarm.into())),
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
        ("noteEntry", view.note.as_deref().and_then(entry_named).map(Value::from)),
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
        ("carries", few(&view.carries, carried)),
        ("entries", Some(list(&view.entries, entry))),
        ("request", Some(message(&format!("{} {}", head.method, head.uri()), head.fields(), body.bytes()))),
        ("reply", attempt.reply().map(reply)),
    ])
}

fn wait(wait: &Wait) -> Value {
    json!({ "ms": milliseconds(wait.time), "overlaps": wait.overlaps, "words": wait.words })
}

fn problem(problem: &Problem) -> Value {
    object([
        ("kind", Some(problem.kind().name().into())),
        ("message", Some(problem.message().into())),
        ("entry", entry_named(problem.message()).map(Value::from)),
    ])
}

fn lint(lint: &Lint) -> Value {
    object([
        ("rule", Some(lint.rule.name().into())),
        ("message", Some(lint.message.as_str().into())),
        ("entry", entry_named(&lint.message).map(Value::from)),
    ])
}

fn credential(scope: CredentialScope<'_>) -> Value {
    object([
        ("accessKey", Some(scope.access_key().into())),
        ("region", scope.region().map(Value::from)),
        ("service", Some(scope.service().into())),
    ])
}

fn entry(view: &EntryView<'_>) -> Value {
    let EntryView { entry, outcome, mark, event, also_in } = view;
    let error = outcome.and_then(Outcome::error);
    let resources: Vec<&str> = entry.resources().collect();
    object([
        ("mark", Some(mark.name().into())),
        ("source", entry.source().map(Value::from)),
        ("detailType", entry.detail_type().map(Value::from)),
        ("detail", entry.detail().map(Value::from)),
        ("bus", entry.named_bus().map(Value::from)),
        ("time", entry.time_as_sent().map(Value::from)),
        ("resources", some(&resources, |resource| (*resource).into())),
        ("trace", entry.trace_header().map(Value::from)),
        ("eventId", outcome.and_then(Outcome::event_id).map(|id| id.to_string().into())),
        ("code", error.map(|error| error.code().into())),
        ("message", error.map(|error| error.message().into())),
        ("isInjected", yes(*mark == Mark::FailedInjected)),
        ("event", event.map(Value::from)),
        ("alsoIn", few(also_in, place)),
    ])
}

/// Some events of one kind.
fn carried(carried: &Carried<'_>) -> Value {
    object([
        ("source", carried.source.map(Value::from)),
        ("detailType", carried.detail_type.map(Value::from)),
        ("by", carried.by.as_deref().map(Value::from)),
        ("values", Some(carried.values.first.as_slice().into())),
        ("more", Some(carried.values.more.into())),
    ])
}

fn event(view: &EventView<'_>) -> Value {
    let Name { source, detail_type, by, value } = &view.name;
    object([
        ("number", Some(view.number.into())),
        ("source", source.map(Value::from)),
        ("detailType", detail_type.map(Value::from)),
        ("by", by.as_deref().map(Value::from)),
        ("value", value.as_deref().map(Value::from)),
        ("mark", Some(view.mark.name().into())),
        ("fate", Some(view.fate.as_str().into())),
        ("note", view.note.as_deref().map(Value::from)),
        ("isFailure", Some(view.is_failure.into())),
        ("isFinding", Some(view.is_finding.into())),
        ("isInjected", Some(view.is_injected.into())),
        ("tries", few(&view.tries, one_try)),
    ])
}

fn one_try(view: &TryView<'_>) -> Value {
    let attempt = view.one.attempt();
    object([
        ("attempt", Some(attempt.number().into())),
        ("index", Some(view.one.index().into())),
        ("atMs", Some(milliseconds(attempt.at()))),
        ("mark", Some(view.mark.name().into())),
        ("code", view.code.map(Value::from)),
        ("isTold", Some(attempt.is_told().into())),
    ])
}

fn place(place: &Place) -> Value {
    json!({ "attempt": place.attempt, "index": place.index, "mark": place.mark.name() })
}

fn reply(reply: &Reply) -> Value {
    message(&reply.status().to_string(), fields_of(&reply.header_map()), reply.body())
}

/// A request or a reply. A header that is not text is written with Rust's escapes.
fn message<'a>(line: &str, headers: impl Iterator<Item = (&'a [u8], &'a [u8])>, body: &[u8]) -> Value {
    let text =
        |bytes: &[u8]| std::str::from_utf8(bytes).map_or_else(|_| bytes.escape_ascii().to_string(), str::to_owned);
    let head: Vec<String> = headers.map(|(name, value)| format!("{}: {}", text(name), text(value))).collect();
    object([
        ("line", Some(line.into())),
        ("head", Some(head.join("\n").into())),
        ("body", as_text(body)),
        ("bodyHex", as_hex(body)),
    ])
}
