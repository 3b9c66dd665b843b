//! Which entries are meant: one kind of matcher for faults and for questions to the journal.

use serde_json::Value;

use crate::entry::{Entry, bus_name};

/// A matcher for any entry; narrow it with the methods of [`EntryMatcher`].
///
/// ```
/// use putevents_mock::entry;
///
/// let second_order = entry().source("shop.orders").detail_type("OrderPlaced").detail_at("/orderId", 2);
/// assert_eq!(
///     second_order.to_string(),
///     r#"entries with source "shop.orders", detail-type "OrderPlaced", detail /orderId = 2"#
/// );
/// ```
pub fn entry() -> EntryMatcher {
    EntryMatcher::default()
}

/// Describes entries. All of its conditions must hold; without any it matches every entry.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EntryMatcher {
    conditions: Vec<Condition>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Condition {
    Source(String),
    DetailType(String),
    EventBus(String),
    DetailAt { pointer: String, value: Value },
}

impl EntryMatcher {
    /// Entries with exactly this `Source`.
    #[must_use]
    pub fn source(self, source: impl Into<String>) -> Self {
        self.and(Condition::Source(source.into()))
    }

    /// Entries with exactly this `DetailType`.
    #[must_use]
    pub fn detail_type(self, detail_type: impl Into<String>) -> Self {
        self.and(Condition::DetailType(detail_type.into()))
    }

    /// Entries for this event bus, given by name or by ARN; `default` also stands for entries that name none. A name
    /// matches any ARN that ends in it.
    #[must_use]
    pub fn event_bus(self, name_or_arn: impl Into<String>) -> Self {
        self.and(Condition::EventBus(name_or_arn.into()))
    }

    /// Entries whose detail holds `value` at a JSON pointer (RFC 6901): `/order/items/0/sku`; `""` is the whole detail.
    ///
    /// # Panics
    ///
    /// If `pointer` is neither empty nor begins with `/`.
    #[must_use]
    #[track_caller]
    pub fn detail_at(self, pointer: impl Into<String>, value: impl Into<Value>) -> Self {
        let pointer = pointer.into();
        assert!(
            pointer.is_empty() || pointer.starts_with('/'),
            "a JSON pointer begins with a slash: write \"/{pointer}\" instead of {pointer:?}"
        );
        self.and(Condition::DetailAt { pointer, value: value.into() })
    }

    /// Whether all conditions hold for `entry`.
    pub fn matches(&self, entry: &Entry) -> bool {
        self.conditions.iter().all(|condition| condition.holds(entry))
    }

    fn and(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }

    pub(crate) fn conditions(&self) -> &[Condition] {
        &self.conditions
    }
}

impl Condition {
    fn holds(&self, entry: &Entry) -> bool {
        match self {
            Self::Source(source) => entry.source() == Some(source),
            Self::DetailType(detail_type) => entry.detail_type() == Some(detail_type),
            Self::EventBus(bus) if bus_name(bus) == bus => entry.event_bus_name() == bus,
            Self::EventBus(arn) => entry.event_bus() == arn,
            Self::DetailAt { pointer, value } => {
                entry.detail_json().and_then(|detail| detail.pointer(pointer)) == Some(value)
            }
        }
    }
}
