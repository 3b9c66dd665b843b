//! Which entries are meant: one kind of matcher for faults and for questions to the journal.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use crate::entry::{Entry, bus_name};
use crate::envelope::envelope;
use crate::pattern::EventPattern;

/// A matcher for any entry; narrow it with the methods of [`EntryMatcher`].
///
/// ```
/// use putevents_mock::{entry, prefix};
///
/// let second_order = entry().source(prefix("shop.")).detail_type("OrderPlaced").detail_at("/orderId", 2);
/// assert_eq!(
///     second_order.to_string(),
///     r#"entries with source "shop."..., detail-type "OrderPlaced", detail /orderId = 2"#
/// );
/// ```
pub fn entry() -> EntryMatcher {
    EntryMatcher::default()
}

/// Any text that begins like this.
pub fn prefix(beginning: impl Into<String>) -> TextMatcher {
    TextMatcher::Prefix(beginning.into())
}

/// Any of these texts.
///
/// # Panics
///
/// If there are none: nothing would ever match.
#[track_caller]
pub fn one_of<S: Into<String>>(texts: impl IntoIterator<Item = S>) -> TextMatcher {
    let texts: Vec<String> = texts.into_iter().map(Into::into).collect();
    assert!(!texts.is_empty(), "one_of nothing matches nothing: name at least one text");
    TextMatcher::OneOf(texts)
}

/// Describes a text: exactly, by its [`prefix`], or as [`one_of`] several. A string is a description of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TextMatcher {
    /// Exactly this text.
    Exact(String),
    /// Any text that begins like this.
    Prefix(String),
    /// Any of these texts.
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

/// Describes entries. All of its conditions must hold; without any it matches every entry.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EntryMatcher {
    pub(crate) conditions: Vec<Condition>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Condition {
    Source(TextMatcher),
    DetailType(TextMatcher),
    EventBus(TextMatcher),
    Resource(TextMatcher),
    DetailAt { pointer: String, value: Value },
    DetailIncludes(Value),
    Pattern(EventPattern),
    DetailSatisfies { pointer: String, predicate: Predicate<Value> },
    Satisfies(Predicate<Entry>),
    Not(EntryMatcher),
    AnyOf(Vec<EntryMatcher>),
}

/// A closure of the test's, with the words for it. Equal where it is the same one.
#[derive(Clone)]
pub(crate) struct Predicate<T> {
    pub(crate) description: String,
    holds: Arc<dyn Fn(&T) -> bool + Send + Sync>,
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

impl From<&EntryMatcher> for EntryMatcher {
    fn from(matcher: &EntryMatcher) -> Self {
        matcher.clone()
    }
}

impl EntryMatcher {
    /// Entries with this `Source`.
    #[must_use]
    pub fn source(self, source: impl Into<TextMatcher>) -> Self {
        self.with(Condition::Source(source.into()))
    }

    /// Entries with this `DetailType`.
    #[must_use]
    pub fn detail_type(self, detail_type: impl Into<TextMatcher>) -> Self {
        self.with(Condition::DetailType(detail_type.into()))
    }

    /// Entries for this event bus, given by name or by ARN; `default` also stands for entries that name none. A name
    /// matches any ARN that ends in it.
    #[must_use]
    pub fn event_bus(self, name_or_arn: impl Into<TextMatcher>) -> Self {
        self.with(Condition::EventBus(name_or_arn.into()))
    }

    /// Entries that have this among their `Resources`.
    #[must_use]
    pub fn resource(self, resource: impl Into<TextMatcher>) -> Self {
        self.with(Condition::Resource(resource.into()))
    }

    /// Entries whose detail holds `value` at a JSON pointer (RFC 6901): `/order/items/0/sku`; `""` is the whole detail.
    ///
    /// # Panics
    ///
    /// If `pointer` is neither empty nor begins with `/`.
    #[must_use]
    #[track_caller]
    pub fn detail_at(self, pointer: impl Into<String>, value: impl Into<Value>) -> Self {
        let pointer = checked(pointer.into());
        self.with(Condition::DetailAt { pointer, value: value.into() })
    }

    /// Entries whose detail is equal to this: `detail(json!({ "orderId": 1 }))`.
    #[must_use]
    pub fn detail(self, detail: impl Into<Value>) -> Self {
        self.with(Condition::DetailAt { pointer: String::new(), value: detail.into() })
    }

    /// Entries whose detail has at least these members, and those inside them: `{"a": {"b": 1}}` is included in
    /// `{"a": {"b": 1, "c": 2}, "d": 3}`. Lists must be as long as these, item by item.
    #[must_use]
    pub fn detail_includes(self, members: impl Into<Value>) -> Self {
        self.with(Condition::DetailIncludes(members.into()))
    }

    /// Entries whose event an EventBridge event pattern means, as a rule with that pattern would:
    /// `matches_pattern(json!({ "source": [{ "prefix": "shop." }], "detail": { "total": [{ "numeric": [">", 100] }] } }))`.
    ///
    /// The event is as in [`Event::envelope`](crate::Event::envelope), but without an `id`, and without a `time` where the
    /// entry gave none.
    ///
    /// # Panics
    ///
    /// If it is no valid pattern.
    #[must_use]
    #[track_caller]
    pub fn matches_pattern<P: TryInto<EventPattern>>(self, pattern: P) -> Self
    where
        P::Error: fmt::Display,
    {
        match pattern.try_into() {
            Ok(pattern) => self.with(Condition::Pattern(pattern)),
            Err(error) => panic!("this is no event pattern: {error}"),
        }
    }

    /// Entries whose detail holds a value at a JSON pointer that satisfies a condition, which `description` puts in
    /// words: `detail_at_satisfies("/total", "over 100", |total| total.as_f64() > Some(100.0))`.
    ///
    /// # Panics
    ///
    /// If `pointer` is neither empty nor begins with `/`.
    #[must_use]
    #[track_caller]
    pub fn detail_at_satisfies(
        self,
        pointer: impl Into<String>,
        description: impl Into<String>,
        holds: impl Fn(&Value) -> bool + Send + Sync + 'static,
    ) -> Self {
        let predicate = Predicate { description: description.into(), holds: Arc::new(holds) };
        let pointer = checked(pointer.into());
        self.with(Condition::DetailSatisfies { pointer, predicate })
    }

    /// Entries that satisfy a condition of your own, which `description` puts in words: `"larger than 1 kB"`.
    ///
    /// Where the closure panics, the mock reports a [problem](crate::ProblemKind::Panic) and answers HTTP 500.
    #[must_use]
    pub fn satisfies(
        self,
        description: impl Into<String>,
        holds: impl Fn(&Entry) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.with(Condition::Satisfies(Predicate { description: description.into(), holds: Arc::new(holds) }))
    }

    /// Entries that this and the other one describe.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.conditions.extend(other.conditions);
        self
    }

    /// Entries that this or the other one describes.
    #[must_use]
    pub fn or(mut self, other: Self) -> Self {
        if let [Condition::AnyOf(_)] = self.conditions[..] {
            if let Some(Condition::AnyOf(any)) = self.conditions.first_mut() {
                any.push(other);
            }
            return self;
        }
        Self { conditions: vec![Condition::AnyOf(vec![self, other])] }
    }

    /// Entries that this one does not describe.
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "`entry().source(\"a\").not()` reads as it is meant")]
    pub fn not(self) -> Self {
        Self { conditions: vec![Condition::Not(self)] }
    }

    /// Whether all conditions hold for `entry`.
    pub fn matches(&self, entry: &Entry) -> bool {
        self.conditions.iter().all(|condition| condition.holds(entry))
    }

    fn with(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }
}

/// What is wrong with a JSON pointer, and what to write instead.
pub(crate) fn pointer_error(pointer: &str) -> Option<String> {
    if !pointer.is_empty() && !pointer.starts_with('/') {
        return Some(format!("a JSON pointer begins with a slash: write \"/{pointer}\" instead of {pointer:?}"));
    }
    let bad_escape = pointer.split('~').skip(1).any(|rest| !rest.starts_with(['0', '1']));
    bad_escape
        .then(|| format!("{pointer:?} is no JSON pointer: a ~ is written as ~0 there, and a slash in a key as ~1"))
}

#[track_caller]
pub(crate) fn checked(pointer: String) -> String {
    match pointer_error(&pointer) {
        None => pointer,
        Some(error) => panic!("{error}"),
    }
}

impl Condition {
    pub(crate) fn holds(&self, entry: &Entry) -> bool {
        match self {
            Self::Source(source) => entry.source().is_some_and(|text| source.matches(text)),
            Self::DetailType(detail_type) => entry.detail_type().is_some_and(|text| detail_type.matches(text)),
            Self::EventBus(bus) => bus.matches(entry.event_bus()) || bus.matches(bus_name(entry.event_bus())),
            Self::Resource(resource) => entry.resources().any(|text| resource.matches(text)),
            Self::DetailAt { pointer, value } => detail_at(entry, pointer) == Some(value),
            Self::Pattern(pattern) => pattern.matches(&envelope(entry, None, None, entry.time())),
            Self::DetailIncludes(members) => entry.detail_json().is_some_and(|detail| includes(detail, members)),
            Self::DetailSatisfies { pointer, predicate } => {
                detail_at(entry, pointer).is_some_and(|value| (predicate.holds)(value))
            }
            Self::Satisfies(predicate) => (predicate.holds)(entry),
            Self::Not(matcher) => !matcher.matches(entry),
            Self::AnyOf(matchers) => matchers.iter().any(|matcher| matcher.matches(entry)),
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
        _ => whole == part,
    }
}

pub(crate) fn detail_at<'a>(entry: &'a Entry, pointer: &str) -> Option<&'a Value> {
    entry.detail_json()?.pointer(pointer)
}
