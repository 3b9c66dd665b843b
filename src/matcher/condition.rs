//! The conditions of a matcher.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use super::EntryMatcher;
use super::undecided::noted;
use crate::json::is_equal;
use crate::pattern::EventPattern;
use crate::service::{Entry, bus_name, envelope_of};

/// Describes a text: an exact text, a [`prefix`](crate::matcher::prefix), or [`one_of`](crate::matcher::one_of) several texts.
///
/// A string converts into a matcher for exactly that string.
///
/// ```
/// use putevents_mock::matcher::{TextMatcher, one_of, prefix};
///
/// assert_eq!(TextMatcher::from("shop"), TextMatcher::Exact("shop".to_owned()));
/// assert_eq!(prefix("shop.").to_string(), r#""shop."..."#);
/// assert_eq!(one_of(["a", "b"]).to_string(), r#""a" or "b""#);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TextMatcher {
    /// Exactly this text.
    Exact(String),
    /// Every text with this beginning.
    Prefix(String),
    /// Each of these texts.
    OneOf(Vec<String>),
}

impl TextMatcher {
    fn matches(&self, text: &str) -> bool {
        match self {
            Self::Exact(exact) => text == exact,
            Self::Prefix(prefix) => text.starts_with(prefix.as_str()),
            Self::OneOf(texts) => texts.iter().any(|one| one == text),
        }
    }
}

impl From<&str> for TextMatcher {
    fn from(text: &str) -> Self {
        Self::Exact(text.to_owned())
    }
}

impl From<String> for TextMatcher {
    fn from(text: String) -> Self {
        Self::Exact(text)
    }
}

impl From<&String> for TextMatcher {
    fn from(text: &String) -> Self {
        Self::Exact(text.clone())
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Condition {
    Source(TextMatcher),
    DetailType(TextMatcher),
    EventBus(TextMatcher),
    Resource(TextMatcher),
    DetailAt { pointer: String, value: Value },
    DetailIncludes(Value),
    DetailContains(Value),
    Pattern(EventPattern),
    DetailSatisfies { pointer: String, predicate: Predicate<Value> },
    Satisfies(Predicate<Entry>),
    Not(EntryMatcher),
    AnyOf(Vec<EntryMatcher>),
}

/// A closure of the test, with its description. Two predicates are equal if they share the closure.
#[derive(Clone)]
pub(crate) struct Predicate<T> {
    pub(crate) description: String,
    pub(super) holds: Arc<dyn Fn(&T) -> bool + Send + Sync>,
}

impl<T> fmt::Debug for Predicate<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Predicate").field(&self.description).finish()
    }
}

impl<T> PartialEq for Predicate<T> {
    fn eq(&self, other: &Self) -> bool {
        self.description == other.description && Arc::ptr_eq(&self.holds, &other.holds)
    }
}

impl Condition {
    pub(crate) fn holds(&self, entry: &Entry) -> bool {
        match self {
            Self::Source(source) => entry.source().is_some_and(|text| source.matches(text)),
            Self::DetailType(detail_type) => entry.detail_type().is_some_and(|text| detail_type.matches(text)),
            Self::EventBus(bus) => bus.matches(entry.event_bus()) || bus.matches(bus_name(entry.event_bus())),
            Self::Resource(resource) => entry.resources().any(|text| resource.matches(text)),
            Self::DetailAt { pointer, value } => detail_at(entry, pointer).is_some_and(|found| is_equal(found, value)),
            Self::Pattern(pattern) => {
                let envelope = envelope_of(entry);
                noted(pattern.decide_members(envelope.iter().map(|(name, value)| (*name, &**value))))
            }
            Self::DetailIncludes(members) => entry.detail_json().is_some_and(|detail| includes(detail, members)),
            Self::DetailContains(value) => entry.detail_json().is_some_and(|detail| contains(detail, value)),
            Self::DetailSatisfies { pointer, predicate } => {
                detail_at(entry, pointer).is_some_and(|value| (predicate.holds)(value))
            }
            Self::Satisfies(predicate) => (predicate.holds)(entry),
            Self::Not(matcher) => !matcher.means(entry),
            Self::AnyOf(matchers) => matchers.iter().any(|matcher| matcher.means(entry)),
        }
    }
}

fn includes(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            part.iter().all(|(key, part)| whole.get(key).is_some_and(|whole| includes(whole, part)))
        }
        (Value::Array(whole), Value::Array(part)) => {
            whole.len() == part.len() && whole.iter().zip(part).all(|(whole, part)| includes(whole, part))
        }
        _ => is_equal(whole, part),
    }
}

/// Returns whether a value is somewhere in another value, or equal to it.
fn contains(whole: &Value, wanted: &Value) -> bool {
    let mut open = vec![whole];
    while let Some(value) = open.pop() {
        match value {
            _ if is_equal(value, wanted) => return true,
            Value::Array(items) => open.extend(items),
            Value::Object(members) => open.extend(members.values()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    false
}

pub(crate) fn detail_at<'a>(entry: &'a Entry, pointer: &str) -> Option<&'a Value> {
    entry.detail_json()?.pointer(pointer)
}

/// Returns what is wrong with a JSON pointer, and what to write instead.
pub(crate) fn pointer_error(pointer: &str) -> Option<String> {
    if !pointer.is_empty() && !pointer.starts_with('/') {
        return Some(format!("a JSON pointer begins with a slash: write \"/{pointer}\" instead of {pointer:?}"));
    }
    let bad_escape = pointer.split('~').skip(1).any(|rest| !rest.starts_with(['0', '1']));
    bad_escape.then(|| format!("{pointer:?} is not a JSON pointer: write ~0 for a ~, and ~1 for a slash in a key"))
}

/// Returns the part after `/detail`, with which a pointer may begin by mistake: pointers begin inside the detail.
pub(crate) fn within_detail(pointer: &str) -> Option<&str> {
    pointer.strip_prefix("/detail").filter(|rest| rest.starts_with('/'))
}

/// Returns what to write instead of a pointer that begins with `/detail` by mistake. Returns `None` if the pointer leads
/// somewhere in one of these entries, because that detail has a member of this name.
pub(crate) fn misplaced<'a>(pointer: &str, entries: impl Iterator<Item = &'a Entry> + Clone) -> Option<String> {
    let meant = within_detail(pointer)?;
    let leads_somewhere = |pointer: &str| entries.clone().any(|entry| detail_at(entry, pointer).is_some());
    let is_misplaced = !leads_somewhere(pointer) && leads_somewhere(meant);
    is_misplaced.then(|| {
        format!("{pointer:?} leads nowhere in any detail: a pointer begins inside the detail, so write {meant:?}")
    })
}

#[track_caller]
pub(crate) fn checked(pointer: String) -> String {
    match pointer_error(&pointer) {
        None => pointer,
        Some(error) => panic!("{error}"),
    }
}
