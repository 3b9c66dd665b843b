//! Matchers: they say which entries a fault or an assertion is about.
//!
//! [`entry()`] matches every entry. Each method adds a condition:
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

/// Returns a matcher for every entry. The methods of [`EntryMatcher`] add conditions.
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

/// Matches every text with this beginning.
///
/// ```
/// use putevents_mock::entry;
/// use putevents_mock::matcher::prefix;
///
/// assert_eq!(entry().source(prefix("shop.")).to_string(), r#"entries with source "shop."..."#);
/// ```
pub fn prefix(beginning: impl Into<String>) -> TextMatcher {
    TextMatcher::Prefix(beginning.into())
}

/// Matches each of these texts.
///
/// ```
/// use putevents_mock::entry;
/// use putevents_mock::matcher::one_of;
///
/// let orders = entry().detail_type(one_of(["OrderPlaced", "OrderPaid"]));
/// assert_eq!(orders.to_string(), r#"entries with detail-type "OrderPlaced" or "OrderPaid""#);
/// ```
///
/// # Panics
///
/// If the list is empty: nothing would match.
#[track_caller]
pub fn one_of<S: Into<String>>(texts: impl IntoIterator<Item = S>) -> TextMatcher {
    let texts: Vec<String> = texts.into_iter().map(Into::into).collect();
    assert!(!texts.is_empty(), "one_of nothing matches nothing: name at least one text");
    TextMatcher::OneOf(texts)
}

/// Describes entries, for faults and for assertions. An entry matches if all conditions hold. A matcher without conditions
/// matches every entry.
///
/// [`entry()`] returns a matcher without conditions. [`entry_of!`](crate::entry_of) makes a matcher from an entry of the AWS
/// SDK.
///
/// ```
/// use putevents_mock::{EntryMatcher, entry};
/// use serde_json::json;
///
/// fn order(id: u64) -> EntryMatcher {
///     entry().detail_type("OrderPlaced").detail_at("/orderId", id)
/// }
///
/// let large = entry().matches_pattern(json!({ "detail": { "total": [{ "numeric": [">", 100] }] } }));
/// let matcher = order(1).or(order(2)).and(large).not();
/// assert!(!matcher.to_string().is_empty());
/// ```
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
    /// Matches entries with this `Source`.
    #[must_use]
    pub fn source(self, source: impl Into<TextMatcher>) -> Self {
        self.with(Condition::Source(source.into()))
    }

    /// Matches entries with this `DetailType`.
    #[must_use]
    pub fn detail_type(self, detail_type: impl Into<TextMatcher>) -> Self {
        self.with(Condition::DetailType(detail_type.into()))
    }

    /// Matches entries for this event bus, given by its name or its ARN.
    ///
    /// A name also matches every ARN that ends with it. `default` also matches entries without a bus.
    #[must_use]
    pub fn event_bus(self, name_or_arn: impl Into<TextMatcher>) -> Self {
        self.with(Condition::EventBus(name_or_arn.into()))
    }

    /// Matches entries that have this resource among their `Resources`.
    #[must_use]
    pub fn resource(self, resource: impl Into<TextMatcher>) -> Self {
        self.with(Condition::Resource(resource.into()))
    }

    /// Matches entries whose detail has `value` at this JSON pointer (RFC 6901).
    ///
    /// The pointer begins inside the detail: `/order/items/0/sku`, not `/detail/order`. `""` is the whole detail. Numbers are
    /// equal by value: `100` and `100.0`.
    ///
    /// # Panics
    ///
    /// If `pointer` is not a JSON pointer: empty, or beginning with `/`.
    #[must_use]
    #[track_caller]
    pub fn detail_at(self, pointer: impl Into<String>, value: impl Into<Value>) -> Self {
        let pointer = checked(pointer.into());
        self.with(Condition::DetailAt { pointer, value: value.into() })
    }

    /// Matches entries whose detail is equal to this value: `detail(json!({ "orderId": 1 }))`.
    #[must_use]
    pub fn detail(self, detail: impl Into<Value>) -> Self {
        self.with(Condition::DetailAt { pointer: String::new(), value: detail.into() })
    }

    /// Matches entries whose detail has at least these members, at every depth.
    ///
    /// `{"a": {"b": 1}}` matches the detail `{"a": {"b": 1, "c": 2}, "d": 3}`. A list must have the same length, and its items
    /// are compared one by one.
    #[must_use]
    pub fn detail_includes(self, members: impl Into<Value>) -> Self {
        self.with(Condition::DetailIncludes(members.into()))
    }

    /// Matches entries whose detail has this value somewhere: as a member or an item at any depth, or as the whole detail.
    ///
    /// Numbers are equal by value: `100` and `100.0`. A string must be equal as a whole; a part of a longer string does not
    /// match.
    #[must_use]
    pub fn detail_contains(self, value: impl Into<Value>) -> Self {
        self.with(Condition::DetailContains(value.into()))
    }

    /// Matches entries whose event an EventBridge event pattern matches, as a rule with that pattern would.
    ///
    /// The event is the [`Event::envelope`](crate::journal::Event::envelope), with the account and region of the mock. It has
    /// no `id`. It has a `time` only if the entry has one.
    ///
    /// ```
    /// use putevents_mock::entry;
    /// use serde_json::json;
    ///
    /// let large = entry().matches_pattern(json!({ "detail": { "total": [{ "numeric": [">", 100] }] } }));
    /// assert_eq!(large.to_string(), r#"entries with event pattern {"detail":{"total":[{"numeric":[">",100]}]}}"#);
    /// ```
    ///
    /// # Panics
    ///
    /// If the pattern is not valid.
    #[must_use]
    #[track_caller]
    pub fn matches_pattern<P: TryInto<EventPattern>>(self, pattern: P) -> Self
    where
        P::Error: fmt::Display,
    {
        match pattern.try_into() {
            Ok(pattern) => self.with(Condition::Pattern(pattern)),
            Err(error) => panic!("this is not an event pattern: {error}"),
        }
    }

    /// Matches entries whose detail has a value at this JSON pointer that satisfies a closure. Reports show `description`.
    ///
    /// ```
    /// use putevents_mock::entry;
    ///
    /// let large = entry().detail_at_satisfies("/total", "over 100", |total| total.as_f64() > Some(100.0));
    /// assert_eq!(large.to_string(), "entries with detail /total over 100");
    /// ```
    ///
    /// # Panics
    ///
    /// If `pointer` is not a JSON pointer: empty, or beginning with `/`.
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

    /// Matches entries that satisfy a closure. Reports show `description`.
    ///
    /// If the closure panics during a request, the mock replies HTTP 500 and reports a
    /// [problem](crate::journal::ProblemKind::Panic).
    ///
    /// ```
    /// use putevents_mock::entry;
    ///
    /// let large = entry().satisfies("more than 1,000 bytes", |entry| entry.size() > 1_000);
    /// assert_eq!(large.to_string(), "entries with more than 1,000 bytes");
    /// ```
    #[must_use]
    pub fn satisfies(
        self,
        description: impl Into<String>,
        holds: impl Fn(&Entry) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.with(Condition::Satisfies(Predicate { description: description.into(), holds: Arc::new(holds) }))
    }

    /// Matches entries that both matchers match.
    #[must_use]
    pub fn and(mut self, other: impl Into<Self>) -> Self {
        self.conditions.extend(other.into().conditions);
        self
    }

    /// Matches entries that at least one of the two matchers matches.
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

    /// Matches entries that this matcher does not match.
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "`entry().source(\"a\").not()` reads as it is meant")]
    pub fn not(self) -> Self {
        Self { conditions: vec![Condition::Not(self)] }
    }

    /// Returns whether all conditions hold for `entry`.
    ///
    /// # Panics
    ///
    /// If the answer depends on an event pattern that is [undecided](crate::pattern::Undecided) for this entry.
    #[track_caller]
    pub fn matches(&self, entry: &Entry) -> bool {
        let (means, undecided) = with_undecided(|| self.means(entry));
        undecided.map_or(means, |undecided| panic!("{undecided}"))
    }

    /// Returns whether all conditions hold, for questions inside [`with_undecided`].
    pub(crate) fn means(&self, entry: &Entry) -> bool {
        self.conditions.iter().all(|condition| condition.holds(entry))
    }

    fn with(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }
}
