//! Matchers: which entries are meant, for faults and for assertions.
//!
//! [`entry()`] matches every entry, and its methods narrow it:
//!
//! ```
//! use putevents_mock::entry;
//!
//! let order = entry().source("shop.orders").detail_type("OrderPlaced").detail_at("/orderId", 17);
//! assert_eq!(
//!     order.to_string(),
//!     r#"entries with source "shop.orders", detail-type "OrderPlaced", detail /orderId = 17"#
//! );
//! ```

mod condition;
mod entry_of;
mod hashed;
mod identity;
mod json;
mod list;
mod meant;
mod nearest;
mod undecided;
mod words;

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use self::condition::Predicate;
pub use self::condition::TextMatcher;
pub(crate) use self::condition::{Condition, checked, detail_at, misplaced, pointer_error};
#[doc(hidden)]
pub use self::entry_of::entry_of;
pub(crate) use self::identity::Identity;
pub(crate) use self::json::{CONDITIONS, read_matcher, read_matchers, read_pointer, write_matcher};
pub use self::list::IntoMatchers;
pub(crate) use self::meant::{Candidate, Matchers};
pub(crate) use self::nearest::{difference, nearest};
pub(crate) use self::undecided::with_undecided;
use crate::pattern::EventPattern;
use crate::service::Entry;

/// A matcher for any entry; narrow it with the methods of [`EntryMatcher`].
///
/// ```
/// use putevents_mock::matcher::prefix;
/// use putevents_mock::entry;
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

/// Describes entries. All of its conditions must hold; without any it matches every entry.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EntryMatcher {
    pub(crate) conditions: Vec<Condition>,
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

    /// Entries whose detail holds `value` at a JSON pointer (RFC 6901), which begins inside the detail: `/order/items/0/sku`,
    /// and not `/detail/order`; `""` is the whole detail.
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

    /// Entries whose detail holds this value somewhere: as a member or an item at any depth, or as the whole detail. Numbers
    /// are the same where their values are: `100` and `100.0`. Texts must be equal, and not only parts of each other.
    #[must_use]
    pub fn detail_contains(self, value: impl Into<Value>) -> Self {
        self.with(Condition::DetailContains(value.into()))
    }

    /// Entries whose event an EventBridge event pattern means, as a rule with that pattern would:
    /// `matches_pattern(json!({ "source": [{ "prefix": "shop." }], "detail": { "total": [{ "numeric": [">", 100] }] } }))`.
    ///
    /// The event is as in [`Event::envelope`](crate::journal::Event::envelope), with the account and region that the mock has, but without an `id`, and without a `time` where the
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
    /// Where the closure panics, the mock reports a [problem](crate::journal::ProblemKind::Panic) and answers HTTP 500.
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
    pub fn and(mut self, other: impl Into<Self>) -> Self {
        self.conditions.extend(other.into().conditions);
        self
    }

    /// Entries that this or the other one describes.
    #[must_use]
    pub fn or(mut self, other: impl Into<Self>) -> Self {
        let other = other.into();
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
    ///
    /// # Panics
    ///
    /// If that depends on an event pattern that is [undecided](crate::pattern::Undecided) for this entry.
    #[track_caller]
    pub fn matches(&self, entry: &Entry) -> bool {
        let (means, undecided) = with_undecided(|| self.means(entry));
        undecided.map_or(means, |undecided| panic!("{undecided}"))
    }

    /// The same for a question that is asked within [`with_undecided`].
    pub(crate) fn means(&self, entry: &Entry) -> bool {
        self.conditions.iter().all(|condition| condition.holds(entry))
    }

    fn with(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }
}
