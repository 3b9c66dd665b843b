//! The entry that is nearest to a matcher, and how it differs.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::Value;

use super::condition::within_detail;
use super::{Condition, EntryMatcher, TextMatcher, detail_at};
use crate::json::{Difference, differences, differences_of_common, escaped_key};
use crate::pattern::EventPattern;
use crate::service::{Entry, envelope_of};

/// How many differences inside a detail a report shows.
const MAX_DIFFERENCES: usize = 3;

/// Returns the entry that is nearest to a matcher: the first one, if several are equally near.
pub(crate) fn nearest<'a, T>(
    matcher: &EntryMatcher,
    candidates: impl Iterator<Item = (T, &'a Entry)>,
) -> Option<(T, &'a Entry)> {
    let mut best: Option<(f64, (T, &'a Entry))> = None;
    for (what, entry) in candidates {
        let distance: f64 = matcher.conditions.iter().map(|condition| distance(condition, entry)).sum();
        if best.as_ref().is_none_or(|(least, _)| distance < *least) {
            best = Some((distance, (what, entry)));
        }
    }
    best.map(|(_, nearest)| nearest)
}

/// Returns in words why an entry does not match; `None` if it matches.
pub(crate) fn difference(matcher: &EntryMatcher, entry: &Entry) -> Option<String> {
    let broken = matcher.conditions.iter().filter(|condition| !holds(condition, entry));
    let broken: Vec<String> = broken.map(|condition| differs(condition, entry)).collect();
    (!broken.is_empty()).then(|| broken.join("; "))
}

/// Returns whether a condition holds. A closure that panics does not hold.
fn holds(condition: &Condition, entry: &Entry) -> bool {
    catch_unwind(AssertUnwindSafe(|| condition.holds(entry))).unwrap_or(false)
}

/// Returns 0 if the condition holds, 1 if nothing is alike, and something between for a near miss.
fn distance(condition: &Condition, entry: &Entry) -> f64 {
    if holds(condition, entry) {
        return 0.0;
    }
    match condition {
        Condition::Source(wanted) => text_distance(wanted, entry.source()),
        Condition::DetailType(wanted) => text_distance(wanted, entry.detail_type()),
        Condition::EventBus(wanted) => text_distance(wanted, Some(entry.event_bus())),
        Condition::DetailAt { pointer, value } => match detail_at(entry, pointer) {
            None => {
                if near_key(entry, pointer).is_some() {
                    0.5
                } else {
                    0.9
                }
            }
            Some(found) => value_distance(value, found),
        },
        Condition::DetailIncludes(wanted) => entry.detail_json().map_or(1.0, |found| value_distance(wanted, found)),
        Condition::Resource(_)
        | Condition::DetailContains(_)
        | Condition::Pattern(_)
        | Condition::DetailSatisfies { .. }
        | Condition::Satisfies(_)
        | Condition::Not(_)
        | Condition::AnyOf(_) => 1.0,
    }
}

fn text_distance(wanted: &TextMatcher, found: Option<&str>) -> f64 {
    let Some(found) = found else { return 1.0 };
    let alike = |wanted: &str| 1.0 - 0.8 * similarity(wanted, found);
    match wanted {
        TextMatcher::Exact(wanted) | TextMatcher::Prefix(wanted) => alike(wanted),
        TextMatcher::OneOf(texts) => texts.iter().map(|text| alike(text)).fold(1.0, f64::min),
    }
}

/// Returns the share of two texts that is equal at their beginnings and ends. Case is ignored.
fn similarity(one: &str, other: &str) -> f64 {
    let (one, other): (Vec<char>, Vec<char>) = (lower(one), lower(other));
    let longest = one.len().max(other.len());
    if longest == 0 {
        return 1.0;
    }
    let common = one.iter().zip(&other).take_while(|(a, b)| a == b).count();
    let rest = one.len().min(other.len()) - common;
    let at_end = one.iter().rev().zip(other.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    #[expect(clippy::cast_precision_loss, reason = "lengths of texts")]
    let similarity = (common + at_end) as f64 / longest as f64;
    similarity
}

fn lower(text: &str) -> Vec<char> {
    text.chars().take(200).flat_map(char::to_lowercase).collect()
}

fn value_distance(wanted: &Value, found: &Value) -> f64 {
    match (wanted, found) {
        (Value::Object(_), Value::Object(_)) | (Value::Array(_), Value::Array(_)) => {
            let differing = differences(wanted, found).len();
            #[expect(clippy::cast_precision_loss, reason = "a count")]
            let distance = differing as f64 / (differing as f64 + 2.0);
            distance
        }
        (Value::String(wanted), Value::String(found)) => 0.8 - 0.4 * similarity(wanted, found),
        (Value::String(text), other) | (other, Value::String(text)) if is_text_of(other, text) => 0.2,
        (Value::Number(wanted), Value::Number(found)) => {
            let between =
                wanted.as_f64().zip(found.as_f64()).map_or(f64::MAX, |(wanted, found)| (wanted - found).abs());
            0.8 - 0.2 / (1.0 + between)
        }
        (Value::Bool(_), Value::Bool(_)) => 0.7,
        _ => 0.9,
    }
}

/// Returns whether one value is the other one written as a string.
fn is_text_of(value: &Value, text: &str) -> bool {
    let written = value.to_string();
    written == text
}

fn differs(condition: &Condition, entry: &Entry) -> String {
    let quoted = |text: Option<&str>| text.map_or_else(|| "missing".to_owned(), |text| format!("{text:?}"));
    match condition {
        Condition::Source(wanted) => format!("source is {}, not {wanted}", quoted(entry.source())),
        Condition::DetailType(wanted) => format!("detail-type is {}, not {wanted}", quoted(entry.detail_type())),
        Condition::EventBus(wanted) => format!("event bus is {:?}, not {wanted}", entry.event_bus()),
        Condition::Resource(wanted) => format!("no resource is {wanted}"),
        Condition::DetailAt { pointer, value } => match detail_at(entry, pointer) {
            _ if entry.detail_json().is_none() => "detail is not JSON".to_owned(),
            None => match near_key(entry, pointer) {
                Some(near) if within_detail(pointer) == Some(&near) => {
                    format!("detail has nothing at {pointer:?}: a pointer begins inside the detail, so write {near:?}")
                }
                Some(near) => format!("detail has nothing at {pointer:?}, but at {near:?}"),
                None => format!("detail has nothing at {pointer:?}"),
            },
            Some(found) => told(pointer, &differences(value, found)),
        },
        Condition::DetailIncludes(wanted) => match entry.detail_json() {
            None => "detail is not JSON".to_owned(),
            Some(found) => told("", &differences_of_common(wanted, found)),
        },
        Condition::DetailContains(_) if entry.detail_json().is_none() => "detail is not JSON".to_owned(),
        Condition::DetailContains(wanted) => format!("detail holds {} nowhere", shown(wanted)),
        Condition::Pattern(pattern) => differs_from_pattern(pattern, entry),
        Condition::Not(matcher) => format!("it is one of {matcher}"),
        Condition::AnyOf(_) => format!("it is none of {condition}"),
        Condition::DetailSatisfies { .. } | Condition::Satisfies(_) => format!("it is not {condition}"),
    }
}

/// Returns in words which fields of a pattern the event does not match.
fn differs_from_pattern(pattern: &EventPattern, entry: &Entry) -> String {
    let envelope = envelope_of(entry);
    let members: Vec<(&str, &Value)> = envelope.iter().map(|(name, value)| (*name, &**value)).collect();
    let found_at = |keys: &[&str]| {
        let (first, rest) = keys.split_first()?;
        let (_, member) = members.iter().find(|(name, _)| name == first)?;
        rest.iter().try_fold(*member, |value, key| value.get(key))
    };
    let tell = |(keys, wanted): &(Vec<&str>, &Value)| {
        let place = keys.join(".");
        let wanted = shown(wanted);
        match found_at(keys) {
            Some(found) => format!("{place} is {}, and the pattern wants {wanted}", shown(found)),
            None => format!("{place} is missing, and the pattern wants {wanted}"),
        }
    };
    let unmet = pattern.unmet_fields(&members);
    if unmet.is_empty() {
        return format!("it does not match the event pattern {pattern}");
    }
    joined(unmet.iter().map(tell).collect())
}

fn told(pointer: &str, differences: &[Difference<'_>]) -> String {
    let tell = |Difference { path, one: wanted, other: found }: &Difference<'_>| {
        let place = if pointer.is_empty() && path.is_empty() { String::new() } else { format!(" {pointer}{path}") };
        match (wanted, found) {
            (Some(wanted), Some(found)) => format!("detail{place} is {}, not {}", shown(found), shown(wanted)),
            (Some(wanted), None) => format!("detail{place} is missing, not {}", shown(wanted)),
            (None, Some(found)) => format!("detail{place} is {}, and should not be there", shown(found)),
            (None, None) => String::new(),
        }
    };
    joined(differences.iter().map(tell).collect())
}

/// Joins differences for one line, at most a few of them.
fn joined(mut texts: Vec<String>) -> String {
    let hidden = texts.len().saturating_sub(MAX_DIFFERENCES);
    texts.truncate(MAX_DIFFERENCES);
    texts.extend((hidden > 0).then(|| format!("and {hidden} more differences")));
    texts.join("; ")
}

/// Formats a value, short enough for a line.
fn shown(value: &Value) -> String {
    const MAX: usize = 80;
    let text = value.to_string();
    match text.char_indices().nth(MAX) {
        None => text,
        Some((end, _)) => format!("{}... ({} characters)", &text[..end], text.chars().count()),
    }
}

/// Returns a pointer that leads somewhere and is nearly this one: with another case or one other letter in a key, or without
/// the leading `/detail`.
fn near_key(entry: &Entry, pointer: &str) -> Option<String> {
    if let Some(meant) = within_detail(pointer).filter(|meant| detail_at(entry, meant).is_some()) {
        return Some(meant.to_owned());
    }
    let (mut value, mut path, mut changed) = (entry.detail_json()?, String::new(), false);
    for key in pointer.split('/').skip(1) {
        let name = key.replace("~1", "/").replace("~0", "~");
        let next = match value {
            Value::Object(members) if members.contains_key(&name) => key.to_owned(),
            Value::Object(members) => {
                changed = true;
                escaped_key(members.keys().find(|other| is_near(other, &name))?)
            }
            _ => key.to_owned(),
        };
        value = value.pointer(&format!("/{next}"))?;
        path = format!("{path}/{next}");
    }
    changed.then_some(path)
}

/// Returns whether two keys are equal except for case, hyphens and underscores, or differ by one letter.
fn is_near(one: &str, other: &str) -> bool {
    let plain = |key: &str| -> Vec<char> { lower(key).into_iter().filter(|c| c.is_alphanumeric()).collect() };
    let (one, other) = (plain(one), plain(other));
    let common = one.iter().zip(&other).take_while(|(a, b)| a == b).count();
    let (one, other) = (one.get(common..).unwrap_or_default(), other.get(common..).unwrap_or_default());
    let without_first = |rest: &[char]| rest.get(1..).unwrap_or_default().to_vec();
    let is_one_off =
        without_first(one) == other || one == without_first(other) || without_first(one) == without_first(other);
    one == other || (common > 2 && is_one_off)
}
