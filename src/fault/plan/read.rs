//! A plan from JSON.

use serde_json::Value;

use crate::error::{EntryError, Form, RequestError, content_type_error, status_error};
use crate::fault::{Counting, Effect, Fault, Latency, MalformedReply, Quota, Refusing, Times, in_turn};
use crate::json_at::{At, Misfit};
use crate::matcher::{Condition, EntryMatcher, TextMatcher, pointer_error};
use crate::pattern::EventPattern;

const EFFECTS: [&str; 21] = [
    "entry",
    "entries",
    "request",
    "requests",
    "quota",
    "undelivered",
    "malformedReply",
    "refuseConnections",
    "resetOnConnect",
    "reset",
    "emptyResponse",
    "stall",
    "garbage",
    "truncatedHead",
    "truncatedBody",
    "resetInHead",
    "resetInBody",
    "closeAfterReply",
    "dribble",
    "latencyMs",
    "lostReply",
];
const CONDITIONS: [&str; 9] =
    ["afterAcceptance", "matching", "atIndex", "onAttempt", "after", "every", "times", "probability", "keyedBy"];

pub(crate) fn read_fault(at: &At<'_>) -> Result<Fault, Misfit> {
    at.allow(&[&EFFECTS[..], &CONDITIONS[..]].concat())?;
    let effects: Vec<At<'_>> = EFFECTS.iter().filter_map(|name| at.get(name)).collect();
    let mut fault = match &effects[..] {
        [effect] => read_effect(effect)?,
        [] => return Err(at.error(format!("nothing goes wrong: write one of {}", EFFECTS.join(", ")))),
        [first, second, ..] => {
            let message = format!("a fault does one thing: make {} and {} two faults", first.place, second.place);
            return Err(at.error(message));
        }
    };
    for name in CONDITIONS {
        let Some(condition) = at.get(name) else { continue };
        let set = match name {
            "afterAcceptance" => condition.yes().map(|()| fault.set_accepted(true)),
            "matching" => read_matcher(&condition).map(|matcher| fault.set_matcher(matcher)),
            "atIndex" => condition.whole_number().map(|index| fault.set_index(index)),
            "onAttempt" => condition.whole_number().map(|number| fault.set_attempt(number)),
            "after" => condition.whole_number().map(|candidates| fault.set_after(candidates)),
            "every" => condition.whole_number().map(|k| fault.set_every(k)),
            "times" => read_times(&condition).map(|times| fault.set_times(times)),
            "probability" => condition.number().map(|probability| fault.set_probability(probability)),
            _ => condition.text().map(|pointer| fault.set_keyed_by(pointer.to_owned())),
        };
        fault = condition.check(set?)?;
    }
    Ok(fault)
}

fn read_effect(at: &At<'_>) -> Result<Fault, Misfit> {
    let simple = |fault: Fault| at.yes().map(|()| fault);
    let name = at.place.rsplit('.').next().unwrap_or_default();
    match name {
        "entry" => Ok(Fault::entry(read_entry_error(at)?)),
        "entries" => {
            at.check(in_turn(read_series(at, read_entry_error)?)).map(|series| Fault::new(Effect::Entries(series)))
        }
        "request" => Ok(Fault::request(read_request_error(at)?)),
        "requests" => {
            at.check(in_turn(read_series(at, read_request_error)?)).map(|series| Fault::new(Effect::Requests(series)))
        }
        "quota" => read_quota(at).map(Fault::quota),
        "undelivered" => simple(Fault::undelivered()),
        "malformedReply" => read_malformed(at).map(|how| Fault::new(Effect::Malformed(how))),
        "refuseConnections" => simple(Fault::refuse_connections()),
        "resetOnConnect" => simple(Fault::reset_on_connect()),
        "reset" => simple(Fault::reset()),
        "emptyResponse" => simple(Fault::empty_response()),
        "stall" => simple(Fault::stall()),
        "garbage" => match at.value {
            Value::Bool(true) => Ok(Fault::garbage()),
            Value::String(text) => Ok(Fault::raw_answer(text.clone())),
            _ => {
                at.allow(&["bytes"])?;
                let bytes =
                    at.required("bytes")?.items()?.iter().map(At::whole_number).collect::<Result<Vec<u8>, _>>()?;
                Ok(Fault::raw_answer(bytes))
            }
        },
        "truncatedHead" => at.whole_number().map(Fault::truncated_head),
        "truncatedBody" => at.whole_number().map(Fault::truncated_body),
        "resetInHead" => at.whole_number().map(Fault::reset_in_head),
        "resetInBody" => at.whole_number().map(Fault::reset_in_body),
        "closeAfterReply" => simple(Fault::close_after_reply()),
        "dribble" => {
            at.allow(&["bytes", "everyMs"])?;
            let bytes = at.required("bytes")?;
            match bytes.whole_number()? {
                0 => bytes.is_wrong("a number of bytes that ever comes to an end: write 1 or more, or use stall"),
                bytes => Ok(Fault::dribble(bytes, at.required("everyMs")?.milliseconds()?)),
            }
        }
        "latencyMs" => read_latency(at).and_then(|latency| at.check(Fault::checked_latency(latency))),
        _ => match at.value {
            Value::Bool(true) => Ok(Fault::lost_reply()),
            _ => read_request_error(at).map(Fault::lost_reply_as),
        },
    }
}

fn read_series<T>(at: &At<'_>, read: impl Fn(&At<'_>) -> Result<T, Misfit>) -> Result<Vec<Option<T>>, Misfit> {
    at.items()?.iter().map(|item| if item.value.is_null() { Ok(None) } else { read(item).map(Some) }).collect()
}

pub(crate) fn read_entry_error(at: &At<'_>) -> Result<EntryError, Misfit> {
    if let Value::String(code) = at.value {
        let error = EntryError::documented(code);
        return error.map_or_else(|| at.is_wrong("a documented code; write {\"code\": ..., \"message\": ...}"), Ok);
    }
    at.allow(&["code", "message"])?;
    let text = |name| Ok(at.required(name)?.text()?.to_owned());
    Ok(EntryError::new(text("code")?, text("message")?))
}

pub(crate) fn read_request_error(at: &At<'_>) -> Result<RequestError, Misfit> {
    if let Value::String(code) = at.value {
        let error = RequestError::documented(code);
        return error
            .map_or_else(|| at.is_wrong("a known code; write {\"status\": ..., \"code\": ..., \"message\": ...}"), Ok);
    }
    at.allow(&["status", "code", "message", "contentType", "body", "headers"])?;
    let text = |name| at.get(name).map(|at: At<'_>| at.text().map(str::to_owned)).transpose();
    let status = at.required("status")?;
    let number: u16 = status.whole_number()?;
    if let Some(error) = status_error(number) {
        return Err(status.error(error));
    }
    let (code, message, content_type, body) = (
        text("code")?,
        text("message")?,
        at.get("contentType").as_ref().map(read_content_type).transpose()?,
        text("body")?,
    );
    if (code.is_some() || message.is_some()) && (content_type.is_some() || body.is_some()) {
        return Err(at.error("a body of its own has no code and no message: write either the one or the other"));
    }
    let form = match body {
        Some(body) => Form::FrontEnd { content_type: content_type.map(Into::into), body: body.into() },
        None => Form::Json { code: code.map(Into::into), message: message.map(Into::into) },
    };
    let mut error = RequestError::formed(number, form);
    if let Some(headers) = at.get("headers") {
        for name in headers.members()?.keys() {
            let value = headers.required(name)?;
            error = value.check(error.checked_header(name.clone().into(), value.text()?.to_owned().into()))?;
        }
    }
    Ok(error)
}

fn read_content_type(at: &At<'_>) -> Result<String, Misfit> {
    let content_type = at.text()?;
    content_type_error(content_type).map_or_else(|| Ok(content_type.to_owned()), |error| Err(at.error(error)))
}

fn read_quota(at: &At<'_>) -> Result<Quota, Misfit> {
    at.allow(&["requestsPerSecond", "entriesPerSecond", "burst", "refusesWholeRequests"])?;
    let (rate, counting) = match (at.get("requestsPerSecond"), at.get("entriesPerSecond")) {
        (Some(rate), None) => (rate, Counting::Requests),
        (None, Some(rate)) => (rate, Counting::Entries),
        _ => return Err(at.error("a quota counts one thing: write either requestsPerSecond or entriesPerSecond")),
    };
    let whole = at.get("refusesWholeRequests").map(|whole| whole.yes()).transpose()?.is_some();
    let refusing = if whole || counting == Counting::Requests { Refusing::Requests } else { Refusing::Entries };
    let quota = rate.check(Quota::checked(rate.number()?, counting, refusing))?;
    match at.get("burst") {
        None => Ok(quota),
        Some(burst) => match burst.whole_number::<u32>()? {
            0 => burst.is_wrong("a burst that lets anything pass: write 1 or more"),
            tokens => Ok(quota.burst(tokens)),
        },
    }
}

pub(crate) fn read_malformed(at: &At<'_>) -> Result<MalformedReply, Misfit> {
    let known = "one of fewerResults, moreResults, reorderedResults, noEventIds, eventIdsWithErrorCodes, brokenJson, \
                 emptyBody, {\"failedEntryCount\": ...} and {\"contentType\": ...}";
    match at.value.as_str() {
        Some("fewerResults") => Ok(MalformedReply::FewerResults),
        Some("moreResults") => Ok(MalformedReply::MoreResults),
        Some("reorderedResults") => Ok(MalformedReply::ReorderedResults),
        Some("noEventIds") => Ok(MalformedReply::NoEventIds),
        Some("eventIdsWithErrorCodes") => Ok(MalformedReply::EventIdsWithErrorCodes),
        Some("brokenJson") => Ok(MalformedReply::BrokenJson),
        Some("emptyBody") => Ok(MalformedReply::EmptyBody),
        Some(_) => at.is_wrong(known),
        None => match (at.get("failedEntryCount"), at.get("contentType")) {
            (Some(count), None) => count.whole_number().map(MalformedReply::FailedEntryCount),
            (None, Some(content_type)) => read_content_type(&content_type).map(MalformedReply::ContentType),
            _ => at.is_wrong(known),
        },
    }
}

fn read_latency(at: &At<'_>) -> Result<Latency, Misfit> {
    if at.value.is_number() {
        return at.milliseconds().map(Latency::Fixed);
    }
    at.allow(&["from", "to", "median", "sigma", "percentiles"])?;
    if let Some(percentiles) = at.get("percentiles") {
        let pair = |item: &At<'_>| match &item.items()?[..] {
            [percent, latency] => Ok((percent.number()?, latency.milliseconds()?)),
            _ => item.is_wrong("a pair of a percentage and a number of milliseconds"),
        };
        return percentiles.items()?.iter().map(pair).collect::<Result<_, _>>().map(Latency::Percentiles);
    }
    if at.get("median").is_some() {
        return Ok(Latency::LogNormal {
            median: at.required("median")?.milliseconds()?,
            sigma: at.required("sigma")?.number()?,
        });
    }
    Ok(Latency::Between(at.required("from")?.milliseconds()?, at.required("to")?.milliseconds()?))
}

fn read_times(at: &At<'_>) -> Result<Times, Misfit> {
    if at.value.is_number() {
        return at.whole_number::<usize>().map(Times::from);
    }
    at.allow(&["min", "max"])?;
    Ok(Times { min: at.required("min")?.whole_number()?, max: at.required("max")?.whole_number()? })
}

pub(crate) fn read_matcher(at: &At<'_>) -> Result<EntryMatcher, Misfit> {
    at.allow(&[
        "source",
        "detailType",
        "eventBus",
        "resource",
        "detail",
        "detailIncludes",
        "pattern",
        "not",
        "anyOf",
        "allOf",
    ])?;
    let text = |name| at.get(name).map(|at| read_text_matcher(&at)).transpose();
    let mut conditions: Vec<Condition> = Vec::new();
    conditions.extend(text("source")?.map(Condition::Source));
    conditions.extend(text("detailType")?.map(Condition::DetailType));
    conditions.extend(text("eventBus")?.map(Condition::EventBus));
    conditions.extend(text("resource")?.map(Condition::Resource));
    if let Some(detail) = at.get("detail") {
        for (pointer, value) in detail.members()? {
            if let Some(error) = pointer_error(pointer) {
                return Err(detail.error(error));
            }
            conditions.push(Condition::DetailAt { pointer: pointer.clone(), value: value.clone() });
        }
    }
    if let Some(included) = at.get("detailIncludes") {
        conditions.push(Condition::DetailIncludes(included.value.clone()));
    }
    if let Some(pattern) = at.get("pattern") {
        let compiled = EventPattern::try_from(pattern.value);
        conditions.push(Condition::Pattern(pattern.check(compiled.map_err(|error| error.to_string()))?));
    }
    if let Some(not) = at.get("not") {
        conditions.push(Condition::Not(read_matcher(&not)?));
    }
    if let Some(any_of) = at.get("anyOf") {
        conditions.push(Condition::AnyOf(any_of.items()?.iter().map(read_matcher).collect::<Result<_, _>>()?));
    }
    if let Some(all_of) = at.get("allOf") {
        for matcher in all_of.items()? {
            conditions.extend(read_matcher(&matcher)?.conditions);
        }
    }
    Ok(EntryMatcher { conditions })
}

fn read_text_matcher(at: &At<'_>) -> Result<TextMatcher, Misfit> {
    if let Value::String(exact) = at.value {
        return Ok(TextMatcher::Exact(exact.clone()));
    }
    at.allow(&["prefix", "oneOf"])?;
    match (at.get("prefix"), at.get("oneOf")) {
        (Some(prefix), None) => Ok(TextMatcher::Prefix(prefix.text()?.to_owned())),
        (None, Some(one_of)) => {
            let texts: Vec<String> =
                one_of.items()?.iter().map(|at| at.text().map(str::to_owned)).collect::<Result<_, _>>()?;
            if texts.is_empty() { one_of.is_wrong("a list that anything is in") } else { Ok(TextMatcher::OneOf(texts)) }
        }
        _ => at.is_wrong("a string, {\"prefix\": ...} or {\"oneOf\": [...]}"),
    }
}
