//! A plan as JSON.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::delivery::{Cut, End};
use crate::error::{EntryError, Form, RequestError};
use crate::fault::effect::GARBAGE;
use crate::fault::{Counting, Effect, Fault, Latency, MalformedReply, Quota, Refusing, Series, Times};
use crate::matcher::{Condition, EntryMatcher, TextMatcher};

pub(super) fn write_fault(fault: &Fault) -> Result<Value, String> {
    let (name, value) = write_effect(&fault.effect)?;
    let mut members = Map::from_iter([(name.to_owned(), value)]);
    let when = &fault.when;
    let mut condition = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            members.insert(name.to_owned(), value);
        }
    };
    let is_choice = matches!(&fault.effect, Effect::Ending { end, accepted: true } if is_at_start(end));
    condition("afterAcceptance", is_choice.then_some(true.into()));
    condition("matching", when.matcher.as_ref().map(write_matcher).transpose()?);
    condition("atIndex", when.index.map(Value::from));
    condition("onAttempt", when.attempt.map(Value::from));
    condition("after", (when.after > 0).then_some(when.after.into()));
    condition("every", when.every.map(Value::from));
    condition(
        "times",
        when.times.map(|times| match times {
            Times { min, max } if min == max => max.into(),
            Times { min, max } => json!({ "min": min, "max": max }),
        }),
    );
    condition("probability", when.probability.map(Value::from));
    condition("keyedBy", when.keyed_by.clone().map(Value::from));
    Ok(Value::Object(members))
}

fn is_at_start(end: &End) -> bool {
    matches!(end, End::Reset(Cut::Start) | End::Closed(Cut::Start) | End::Stalled(_) | End::Garbage(_))
}

fn write_effect(effect: &Effect) -> Result<(&'static str, Value), String> {
    Ok(match effect {
        Effect::Entries(Series::Always(error)) => ("entry", write_entry_error(error)),
        Effect::Entries(Series::InTurn(errors)) => {
            ("entries", errors.iter().map(|error| error.as_ref().map_or(Value::Null, write_entry_error)).collect())
        }
        Effect::Requests(Series::Always(error)) => ("request", write_request_error(error)),
        Effect::Requests(Series::InTurn(errors)) => {
            ("requests", errors.iter().map(|error| error.as_ref().map_or(Value::Null, write_request_error)).collect())
        }
        Effect::Quota(quota) => ("quota", write_quota(quota)),
        Effect::Undelivered => ("undelivered", true.into()),
        Effect::RefuseConnections => ("refuseConnections", true.into()),
        Effect::ResetOnConnect => ("resetOnConnect", true.into()),
        Effect::LostReply(error) => ("lostReply", write_request_error(error)),
        Effect::Malformed(how) => ("malformedReply", write_malformed(how)),
        Effect::Latency(latency) => ("latencyMs", write_latency(latency)),
        Effect::Dribble { bytes, every } => ("dribble", json!({ "bytes": bytes, "everyMs": milliseconds(*every) })),
        Effect::Ending { end, .. } => match end {
            End::Reset(Cut::Head(bytes)) => ("resetInHead", (*bytes).into()),
            End::Reset(Cut::Body(bytes)) => ("resetInBody", (*bytes).into()),
            End::Reset(_) => ("reset", true.into()),
            End::Closed(Cut::Head(bytes)) => ("truncatedHead", (*bytes).into()),
            End::Closed(Cut::Body(bytes)) => ("truncatedBody", (*bytes).into()),
            End::Closed(Cut::End) | End::Whole => ("closeAfterReply", true.into()),
            End::Closed(Cut::Start) => ("emptyResponse", true.into()),
            End::Stalled(_) => ("stall", true.into()),
            End::Garbage(bytes) if *bytes == GARBAGE => ("garbage", true.into()),
            End::Garbage(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => ("garbage", text.into()),
                Err(_) => ("garbage", json!({ "bytes": bytes.to_vec() })),
            },
        },
        Effect::Hold { .. } => return Err("a gate is in the hands of the test and cannot be written as JSON".into()),
    })
}

pub(crate) fn write_entry_error(error: &EntryError) -> Value {
    if EntryError::documented(error.code()).as_ref() == Some(error) {
        return error.code().into();
    }
    json!({ "code": error.code(), "message": error.message() })
}

pub(crate) fn write_request_error(error: &RequestError) -> Value {
    if let Some(code) = error.code().filter(|code| RequestError::documented(code).as_ref() == Some(error)) {
        return code.into();
    }
    let mut members = Map::from_iter([("status".to_owned(), error.status().into())]);
    let mut member = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            members.insert(name.to_owned(), value.into());
        }
    };
    match error.form() {
        Form::Json { code, message } => {
            member("code", code.as_deref());
            member("message", message.as_deref());
        }
        Form::FrontEnd { content_type, body } => {
            member("contentType", content_type.as_deref());
            member("body", Some(body));
        }
        Form::Xml { code } => member("code", Some(code)),
    }
    if !error.headers().is_empty() {
        let headers = error.headers().iter().map(|(name, value)| (name.to_string(), Value::from(&**value)));
        members.insert("headers".into(), headers.collect::<Map<_, _>>().into());
    }
    members.into()
}

fn write_quota(quota: &Quota) -> Value {
    let name = if quota.counting == Counting::Requests { "requestsPerSecond" } else { "entriesPerSecond" };
    let mut members = Map::from_iter([(name.to_owned(), number(quota.per_second))]);
    #[expect(clippy::float_cmp, reason = "it is this very number where no burst was set")]
    if quota.burst != quota.per_second.max(1.0) {
        members.insert("burst".into(), number(quota.burst));
    }
    if quota.counting == Counting::Entries && quota.refusing == Refusing::Requests {
        members.insert("refusesWholeRequests".into(), true.into());
    }
    members.into()
}

pub(crate) fn write_malformed(how: &MalformedReply) -> Value {
    match how {
        MalformedReply::FewerResults => "fewerResults".into(),
        MalformedReply::MoreResults => "moreResults".into(),
        MalformedReply::ReorderedResults => "reorderedResults".into(),
        MalformedReply::FailedEntryCount(count) => json!({ "failedEntryCount": count }),
        MalformedReply::NoEventIds => "noEventIds".into(),
        MalformedReply::EventIdsWithErrorCodes => "eventIdsWithErrorCodes".into(),
        MalformedReply::BrokenJson => "brokenJson".into(),
        MalformedReply::EmptyBody => "emptyBody".into(),
        MalformedReply::ContentType(content_type) => json!({ "contentType": content_type }),
    }
}

fn write_latency(latency: &Latency) -> Value {
    match latency {
        Latency::Fixed(latency) => milliseconds(*latency),
        Latency::Between(from, to) => json!({ "from": milliseconds(*from), "to": milliseconds(*to) }),
        Latency::LogNormal { median, sigma } => json!({ "median": milliseconds(*median), "sigma": sigma }),
        Latency::Percentiles(percentiles) => {
            let pairs = percentiles.iter().map(|(percent, latency)| json!([number(*percent), milliseconds(*latency)]));
            json!({ "percentiles": pairs.collect::<Vec<_>>() })
        }
    }
}

pub(crate) fn milliseconds(duration: Duration) -> Value {
    number(duration.as_secs_f64() * 1_000.0)
}

/// A whole number without a fraction, where it is one.
fn number(number: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked by the condition")]
    if number.fract() == 0.0 && (0.0..9e15).contains(&number) { Value::from(number as u64) } else { number.into() }
}

/// Conditions in the order of the keys of a plan become one object; others a list of all that must hold.
fn write_matcher(matcher: &EntryMatcher) -> Result<Value, String> {
    let keys: Vec<_> = matcher.conditions.iter().map(sort_key).collect();
    if keys.windows(2).any(|pair| pair.first() >= pair.last()) {
        let one = |condition: &Condition| write_matcher(&EntryMatcher { conditions: vec![condition.clone()] });
        let all = matcher.conditions.iter().map(one).collect::<Result<Vec<Value>, _>>()?;
        return Ok(json!({ "allOf": all }));
    }
    let mut members = Map::new();
    for condition in &matcher.conditions {
        let (name, value) = match condition {
            Condition::Source(text) => ("source", write_text_matcher(text)),
            Condition::DetailType(text) => ("detailType", write_text_matcher(text)),
            Condition::EventBus(text) => ("eventBus", write_text_matcher(text)),
            Condition::Resource(text) => ("resource", write_text_matcher(text)),
            Condition::DetailAt { pointer, value } => {
                let detail = members.entry("detail").or_insert_with(|| json!({}));
                if let Value::Object(detail) = detail {
                    detail.insert(pointer.clone(), value.clone());
                }
                continue;
            }
            Condition::Pattern(pattern) => ("pattern", pattern.as_json().clone()),
            Condition::DetailIncludes(included) => ("detailIncludes", included.clone()),
            Condition::Not(matcher) => ("not", write_matcher(matcher)?),
            Condition::AnyOf(any) => ("anyOf", any.iter().map(write_matcher).collect::<Result<Vec<_>, _>>()?.into()),
            Condition::DetailSatisfies { predicate, .. } => return Err(closure(&predicate.description)),
            Condition::Satisfies(predicate) => return Err(closure(&predicate.description)),
        };
        members.insert(name.to_owned(), value);
    }
    Ok(members.into())
}

fn closure(description: &str) -> String {
    format!("the closure for {description:?} cannot be written as JSON")
}

fn sort_key(condition: &Condition) -> (usize, &str) {
    match condition {
        Condition::Source(_) => (0, ""),
        Condition::DetailType(_) => (1, ""),
        Condition::EventBus(_) => (2, ""),
        Condition::Resource(_) => (3, ""),
        Condition::DetailAt { pointer, .. } => (4, pointer),
        Condition::DetailIncludes(_) => (5, ""),
        Condition::Pattern(_) => (6, ""),
        Condition::DetailSatisfies { .. } | Condition::Satisfies(_) => (7, ""),
        Condition::Not(_) => (8, ""),
        Condition::AnyOf(_) => (9, ""),
    }
}

fn write_text_matcher(text: &TextMatcher) -> Value {
    match text {
        TextMatcher::Exact(text) => text.as_str().into(),
        TextMatcher::Prefix(prefix) => json!({ "prefix": prefix }),
        TextMatcher::OneOf(texts) => json!({ "oneOf": texts }),
    }
}
