//! Faults as data: the JSON of a plan, read with errors that name the place, and written back.
//!
//! Everything goes through `serde_json::Value`, by hand: each key is checked by the very function that a builder uses, so
//! that a plan can say nothing that code cannot, and is told the same when it tries.

use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Error as _, Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::effect::GARBAGE;
use super::{Counting, Effect, Fault, Latency, MalformedReply, Quota, Refusing, Series, Times, in_turn};
use crate::delivery::{Cut, End};
use crate::error::{EntryError, Form, RequestError, status_error};
use crate::matcher::{Condition, EntryMatcher, TextMatcher, pointer_error};

/// Faults with their seed, as a file can hold them. The JSON Schema is `fixtures/fault-plan.schema.json`.
///
/// ```
/// use putevents_mock::{EntryError, Fault, FaultPlan};
///
/// let plan: FaultPlan = r#"{"seed": 42, "faults": [{"entry": "ThrottlingException", "atIndex": 1, "times": 2}]}"#.parse()?;
/// assert_eq!(plan.faults(), [Fault::entry(EntryError::throttling()).at_index(1).times(2)]);
/// # Ok::<_, putevents_mock::PlanError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FaultPlan {
    seed: Option<u64>,
    faults: Vec<Fault>,
}

impl FaultPlan {
    /// A plan of these faults, in this order.
    pub fn new(faults: impl IntoIterator<Item = Fault>) -> Self {
        Self { seed: None, faults: faults.into_iter().collect() }
    }

    /// The same plan with a seed for what happens by chance.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Reads a plan from a JSON file.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read, is not JSON, or says something that no fault can be; the error names the place.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, PlanError> {
        let path = path.as_ref();
        let in_file = |PlanError { place, message, .. }| PlanError { file: path.display().to_string(), place, message };
        let text = std::fs::read_to_string(path).map_err(|error| in_file(PlanError::new("", error.to_string())))?;
        text.parse().map_err(in_file)
    }

    /// The seed, where the plan has one.
    pub fn seed(&self) -> Option<u64> {
        self.seed
    }

    /// The faults in their order.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// The plan as JSON, which can be read again.
    ///
    /// # Errors
    ///
    /// Where a fault holds a closure or a gate, which only a program can have.
    pub fn to_json(&self) -> Result<Value, PlanError> {
        let write =
            |(index, fault)| write_fault(fault).map_err(|error| PlanError::new(format!("faults[{index}]"), error));
        let faults = self.faults.iter().enumerate().map(write).collect::<Result<Vec<Value>, _>>()?;
        Ok(match self.seed {
            None => json!({ "faults": faults }),
            Some(seed) => json!({ "seed": seed, "faults": faults }),
        })
    }
}

impl FromStr for FaultPlan {
    type Err = PlanError;

    fn from_str(text: &str) -> Result<Self, PlanError> {
        let value: Value =
            serde_json::from_str(text).map_err(|error| PlanError::new("", format!("not JSON: {error}")))?;
        let plan = At::root(&value);
        plan.allow(&["seed", "faults", "$schema"])?;
        let seed = plan.get("seed").map(|seed| seed.whole_number()).transpose()?;
        let faults = plan.required("faults")?.items()?.iter().map(read_fault).collect::<Result<_, _>>()?;
        Ok(Self { seed, faults })
    }
}

/// The plan as JSON; or as sentences, where a fault in it holds something that only a program can have.
impl fmt::Display for FaultPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Ok(json) = self.to_json() {
            return write!(f, "{json:#}");
        }
        if let Some(seed) = self.seed {
            writeln!(f, "seed {seed}")?;
        }
        self.faults.iter().enumerate().try_for_each(|(index, fault)| writeln!(f, "{}. {fault}", index + 1))
    }
}

/// Why a plan cannot be read or written, and where. It prints itself as a sentence, also with `{:?}`.
#[derive(Clone, PartialEq, Eq)]
pub struct PlanError {
    pub(crate) file: String,
    pub(crate) place: String,
    pub(crate) message: String,
}

impl PlanError {
    fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { file: String::new(), place: place.into(), message: message.into() }
    }

    /// Where in the plan, such as `faults[2].times`; empty for the plan as a whole.
    pub fn place(&self) -> &str {
        &self.place
    }
}

impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write_fault(self).map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Fault {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_fault(&At::root(&Value::deserialize(deserializer)?)).map_err(D::Error::custom)
    }
}

/// A value and the way to it.
struct At<'a> {
    value: &'a Value,
    place: String,
}

impl<'a> At<'a> {
    fn root(value: &'a Value) -> Self {
        Self { value, place: String::new() }
    }

    fn error(&self, message: impl Into<String>) -> PlanError {
        PlanError::new(self.place.clone(), message)
    }

    /// The error of a builder, at this place.
    fn check<T>(&self, checked: Result<T, String>) -> Result<T, PlanError> {
        checked.map_err(|message| self.error(message))
    }

    fn is_wrong<T>(&self, wanted: &str) -> Result<T, PlanError> {
        Err(self.error(format!("{} is not {wanted}", self.value)))
    }

    fn members(&self) -> Result<&'a Map<String, Value>, PlanError> {
        self.value.as_object().map_or_else(|| self.is_wrong("an object"), Ok)
    }

    fn get(&self, name: &str) -> Option<At<'a>> {
        let place = if self.place.is_empty() { name.to_owned() } else { format!("{}.{name}", self.place) };
        self.value.get(name).map(|value| At { value, place })
    }

    fn required(&self, name: &str) -> Result<At<'a>, PlanError> {
        self.members()?;
        self.get(name).map_or_else(|| Err(self.error(format!("there is no {name:?}"))), Ok)
    }

    /// Refuses other members than these.
    fn allow(&self, known: &[&str]) -> Result<(), PlanError> {
        match self.members()?.keys().find(|name| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some(name) => Err(self.error(format!("{name:?} is not known here; there are {}", known.join(", ")))),
        }
    }

    fn items(&self) -> Result<Vec<At<'a>>, PlanError> {
        let Some(items) = self.value.as_array() else { return self.is_wrong("a list") };
        let at = |(index, value)| At { value, place: format!("{}[{index}]", self.place) };
        Ok(items.iter().enumerate().map(at).collect())
    }

    fn text(&self) -> Result<&'a str, PlanError> {
        self.value.as_str().map_or_else(|| self.is_wrong("a string"), Ok)
    }

    fn number(&self) -> Result<f64, PlanError> {
        self.value.as_f64().map_or_else(|| self.is_wrong("a number"), Ok)
    }

    fn whole_number<T: TryFrom<u64>>(&self) -> Result<T, PlanError> {
        let number = self.value.as_u64().and_then(|number| T::try_from(number).ok());
        number.map_or_else(|| self.is_wrong("a whole number from 0 up"), Ok)
    }

    fn milliseconds(&self) -> Result<Duration, PlanError> {
        let duration = Duration::try_from_secs_f64(self.number()? / 1_000.0);
        duration.or_else(|_| self.is_wrong("a number of milliseconds from 0 up"))
    }

    /// Members that are there or not: only `true` makes sense.
    fn yes(&self) -> Result<(), PlanError> {
        if *self.value == Value::Bool(true) {
            Ok(())
        } else {
            self.is_wrong("true; leave it out where it is not meant")
        }
    }
}

// --- Reading ------------------------------------------------------------------------------------------------------

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

fn read_fault(at: &At<'_>) -> Result<Fault, PlanError> {
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

fn read_effect(at: &At<'_>) -> Result<Fault, PlanError> {
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

fn read_series<T>(at: &At<'_>, read: impl Fn(&At<'_>) -> Result<T, PlanError>) -> Result<Vec<Option<T>>, PlanError> {
    at.items()?.iter().map(|item| if item.value.is_null() { Ok(None) } else { read(item).map(Some) }).collect()
}

fn read_entry_error(at: &At<'_>) -> Result<EntryError, PlanError> {
    if let Value::String(code) = at.value {
        let error = EntryError::documented(code);
        return error.map_or_else(|| at.is_wrong("a documented code; write {\"code\": ..., \"message\": ...}"), Ok);
    }
    at.allow(&["code", "message"])?;
    let text = |name| Ok(at.required(name)?.text()?.to_owned());
    Ok(EntryError::new(text("code")?, text("message")?))
}

fn read_request_error(at: &At<'_>) -> Result<RequestError, PlanError> {
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
    let (code, message, content_type, body) = (text("code")?, text("message")?, text("contentType")?, text("body")?);
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

fn read_quota(at: &At<'_>) -> Result<Quota, PlanError> {
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

fn read_malformed(at: &At<'_>) -> Result<MalformedReply, PlanError> {
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
            (None, Some(content_type)) if http::HeaderValue::try_from(content_type.text()?).is_ok() => {
                Ok(MalformedReply::ContentType(content_type.text()?.to_owned()))
            }
            (None, Some(content_type)) => content_type.is_wrong("a content type: HTTP allows visible ASCII characters"),
            _ => at.is_wrong(known),
        },
    }
}

fn read_latency(at: &At<'_>) -> Result<Latency, PlanError> {
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

fn read_times(at: &At<'_>) -> Result<Times, PlanError> {
    if at.value.is_number() {
        return at.whole_number::<usize>().map(Times::from);
    }
    at.allow(&["min", "max"])?;
    Ok(Times { min: at.required("min")?.whole_number()?, max: at.required("max")?.whole_number()? })
}

fn read_matcher(at: &At<'_>) -> Result<EntryMatcher, PlanError> {
    at.allow(&["source", "detailType", "eventBus", "resource", "detail", "not", "anyOf", "allOf"])?;
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

fn read_text_matcher(at: &At<'_>) -> Result<TextMatcher, PlanError> {
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

// --- Writing ------------------------------------------------------------------------------------------------------

fn write_fault(fault: &Fault) -> Result<Value, String> {
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

fn write_entry_error(error: &EntryError) -> Value {
    if EntryError::documented(error.code()).as_ref() == Some(error) {
        return error.code().into();
    }
    json!({ "code": error.code(), "message": error.message() })
}

fn write_request_error(error: &RequestError) -> Value {
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

fn write_malformed(how: &MalformedReply) -> Value {
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

fn milliseconds(duration: Duration) -> Value {
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
        Condition::DetailSatisfies { .. } | Condition::Satisfies(_) => (5, ""),
        Condition::Not(_) => (6, ""),
        Condition::AnyOf(_) => (7, ""),
    }
}

fn write_text_matcher(text: &TextMatcher) -> Value {
    match text {
        TextMatcher::Exact(text) => text.as_str().into(),
        TextMatcher::Prefix(prefix) => json!({ "prefix": prefix }),
        TextMatcher::OneOf(texts) => json!({ "oneOf": texts }),
    }
}
