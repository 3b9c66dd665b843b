//! Faults, matchers and deliveries in words.

use std::fmt::{self, Display, Formatter};

use super::count;
use crate::delivery::{Cut, End};
use crate::fault::{Counting, Effect, Fault, Latency, Level, MalformedReply, Quota, Series, When};
use crate::matcher::{Condition, EntryMatcher, TextMatcher};

/// The fault as a sentence.
impl Display for Fault {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let When { index, matcher, attempt, after, every, times, probability, keyed_by } = &self.when;
        write!(f, "{}", self.effect)?;
        match (self.effect.level(), matcher) {
            (Level::Entry, None) => f.write_str(" for entries")?,
            (Level::Entry, Some(matcher)) => write!(f, " for {matcher}")?,
            (_, None) if matches!(self.effect, Effect::Requests(_)) => f.write_str(" for the whole request")?,
            (_, None) => {}
            (_, Some(matcher)) => write!(f, " for requests with {matcher}")?,
        }
        if let Some(index) = index {
            write!(f, " at index {index}")?;
        }
        if let Some(attempt) = attempt {
            write!(f, ", on attempt {attempt}")?;
        }
        if *after > 0 {
            write!(f, ", after the first {after}")?;
        }
        match every {
            None | Some(1) => {}
            Some(2) => f.write_str(", every other time")?,
            Some(k) => write!(f, ", every {k}{} time", ordinal_suffix(*k))?,
        }
        if let Some(probability) = probability {
            write!(f, ", with probability {probability}")?;
        }
        if let Some(pointer) = keyed_by {
            write!(f, " by detail {pointer}")?;
        }
        match times.map(|times| (times.min, times.max)) {
            None => Ok(()),
            Some((1, 1)) => f.write_str(", once"),
            Some((min, max)) if min == max => write!(f, ", {max} times"),
            Some((min, max)) => write!(f, ", {min} to {max} times"),
        }
    }
}

/// `3rd`, `11th`, `22nd`.
fn ordinal_suffix(number: usize) -> &'static str {
    match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    }
}

impl Display for Effect {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let acceptance = |accepted: bool| if accepted { "(after acceptance)" } else { "(before acceptance)" };
        match self {
            Self::Entries(Series::Always(error)) => f.write_str(error.code()),
            Self::Entries(Series::InTurn(errors)) => in_turn(f, errors, |error| error.code().to_owned()),
            Self::Requests(Series::Always(error)) => write!(f, "{error}"),
            Self::Requests(Series::InTurn(errors)) => in_turn(f, errors, ToString::to_string),
            Self::Quota(quota) => write!(f, "{quota}"),
            Self::Undelivered => f.write_str("acceptance without delivery"),
            Self::RefuseConnections => f.write_str("connections refused"),
            Self::ResetOnConnect => f.write_str("a reset on connect"),
            Self::Ending { end, accepted } => match end {
                End::Reset(Cut::Start) => write!(f, "a reset without an answer {}", acceptance(*accepted)),
                End::Closed(Cut::Start) => write!(f, "a close without an answer {}", acceptance(*accepted)),
                End::Stalled(_) => write!(f, "a stall without an answer {}", acceptance(*accepted)),
                End::Garbage(_) => write!(f, "garbage instead of an answer {}", acceptance(*accepted)),
                End::Reset(cut) => write!(f, "a reset {cut}"),
                End::Closed(cut) => write!(f, "a close {cut}"),
                End::Whole => f.write_str("a whole answer"),
            },
            Self::LostReply(error) => write!(f, "{error} (after acceptance)"),
            Self::Malformed(how) => write!(f, "an answer with {how}"),
            Self::Latency(latency) => write!(f, "{latency}"),
            Self::Dribble { bytes, every } => {
                write!(f, "an answer in pieces of {} every {every:?}", count(*bytes, "byte"))
            }
            Self::Hold { accepted: true, .. } => f.write_str("a gate that holds the answer"),
            Self::Hold { accepted: false, .. } => f.write_str("a gate that holds the request"),
        }
    }
}

fn in_turn<T>(f: &mut Formatter<'_>, errors: &[Option<T>], text: impl Fn(&T) -> String) -> fmt::Result {
    let texts: Vec<String> =
        errors.iter().map(|error| error.as_ref().map_or_else(|| "nothing".into(), &text)).collect();
    write!(f, "{} in turn", super::elided(texts, "more").join(", "))
}

impl Display for Quota {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let what = if self.counting == Counting::Requests { "requests" } else { "entries" };
        write!(f, "ThrottlingException over {} {what} a second (burst {})", self.per_second, self.burst)
    }
}

impl Display for Latency {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(latency) => write!(f, "a latency of {latency:?}"),
            Self::Between(from, to) => write!(f, "a latency from {from:?} to {to:?}"),
            Self::LogNormal { median, sigma } => write!(f, "a latency around {median:?} (log-normal, sigma {sigma})"),
            Self::Percentiles(percentiles) => {
                let texts = percentiles.iter().map(|(percent, latency)| format!("{percent} % below {latency:?}"));
                write!(f, "a latency with {}", texts.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

impl Display for MalformedReply {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::FewerResults => f.write_str("one result too few"),
            Self::MoreResults => f.write_str("one result too many"),
            Self::ReorderedResults => f.write_str("results in the opposite order"),
            Self::FailedEntryCount(count) => write!(f, "a FailedEntryCount of {count}"),
            Self::NoEventIds => f.write_str("no EventIds"),
            Self::EventIdsWithErrorCodes => f.write_str("both EventIds and ErrorCodes"),
            Self::BrokenJson => f.write_str("broken JSON"),
            Self::EmptyBody => f.write_str("an empty body"),
            Self::ContentType(content_type) => write!(f, "the Content-Type {content_type:?}"),
        }
    }
}

/// What became of an answer: `reset after 17 bytes of the body`.
impl Display for End {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => f.write_str("answered"),
            Self::Closed(cut) => write!(f, "closed {cut}"),
            Self::Reset(cut) => write!(f, "reset {cut}"),
            Self::Stalled(cut) => write!(f, "stalled {cut}"),
            Self::Garbage(bytes) => write!(f, "closed after {} of garbage", count(bytes.len(), "byte")),
        }
    }
}

impl Display for Cut {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start => f.write_str("without an answer"),
            Self::Head(bytes) => write!(f, "after {} of the answer's head", count(*bytes, "byte")),
            Self::Body(bytes) => write!(f, "after {} of the answer's body", count(*bytes, "byte")),
            Self::End => f.write_str("after the answer"),
        }
    }
}

impl Display for EntryMatcher {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.conditions[..] {
            [] => f.write_str("any entries"),
            [Condition::AnyOf(matchers)] => {
                let texts: Vec<String> = matchers.iter().map(ToString::to_string).collect();
                f.write_str(&texts.join(" or "))
            }
            [Condition::Not(matcher)] => write!(f, "entries other than {matcher}"),
            conditions => {
                let texts: Vec<String> = conditions.iter().map(ToString::to_string).collect();
                write!(f, "entries with {}", texts.join(", "))
            }
        }
    }
}

impl Display for Condition {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source(text) => write!(f, "source {text}"),
            Self::DetailType(text) => write!(f, "detail-type {text}"),
            Self::EventBus(text) => write!(f, "event bus {text}"),
            Self::Resource(text) => write!(f, "resource {text}"),
            Self::DetailAt { pointer, value } if pointer.is_empty() => write!(f, "detail = {value}"),
            Self::DetailAt { pointer, value } => write!(f, "detail {pointer} = {value}"),
            Self::Pattern(pattern) => write!(f, "event pattern {pattern}"),
            Self::DetailIncludes(members) => write!(f, "detail including {members}"),
            Self::DetailSatisfies { pointer, predicate } if pointer.is_empty() => {
                write!(f, "detail {}", predicate.description)
            }
            Self::DetailSatisfies { pointer, predicate } => write!(f, "detail {pointer} {}", predicate.description),
            Self::Satisfies(predicate) => f.write_str(&predicate.description),
            Self::Not(matcher) => write!(f, "not ({matcher})"),
            Self::AnyOf(matchers) => {
                let texts: Vec<String> = matchers.iter().map(ToString::to_string).collect();
                write!(f, "({})", texts.join(" or "))
            }
        }
    }
}

impl Display for TextMatcher {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(text) => write!(f, "{text:?}"),
            Self::Prefix(prefix) => write!(f, "{prefix:?}..."),
            Self::OneOf(texts) => {
                let texts: Vec<String> = texts.iter().map(|text| format!("{text:?}")).collect();
                f.write_str(&texts.join(" or "))
            }
        }
    }
}
