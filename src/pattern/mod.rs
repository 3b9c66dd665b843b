//! Event patterns, with the semantics of EventBridge.
//!
//! They are those of the matcher that AWS has published, event-ruler, including what elements of an array belong
//! together. Of the crate it uses the tokens of `json/` alone.

mod cidr;
mod compile;
mod condition;
mod error;
mod event;
mod folded;
mod matching;
mod node;
mod numbers;
mod wildcard;

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde_json::Value;

pub use error::PatternError;
pub(crate) use numbers::is_same_number;

use compile::Fields;
use node::Node;

use crate::json::take_apart;

/// An event pattern as rules of EventBridge have it: which events are meant.
///
/// ```
/// use putevents_mock::EventPattern;
/// use serde_json::json;
///
/// let large_orders = EventPattern::parse(
///     r#"{"source": [{"prefix": "shop."}], "detail": {"total": [{"numeric": [">=", 100]}]}}"#,
/// )?;
/// assert!(large_orders.matches(&json!({ "source": "shop.orders", "detail": { "total": 250.5 } })));
/// assert!(!large_orders.matches(&json!({ "source": "shop.orders", "detail": { "total": "250.5" } })));
/// # Ok::<(), putevents_mock::PatternError>(())
/// ```
///
/// A pattern is compiled once and can be matched with many events. Every operator is there: values as they are,
/// `prefix`, `suffix`, `equals-ignore-case`, `wildcard`, `anything-but`, `numeric`, `exists`, `cidr`, `exactly` and
/// `$or`. Two patterns are equal where they ask for the same in the same way, however their members are ordered.
///
/// # Numbers
///
/// Numbers are equal by value: `300`, `300.0` and `3e2`. What a 64-bit float cannot tell apart stays apart as long as
/// the event's [`Value`] knows its digits: those of integers up to 64 bits, and all with serde_json's feature
/// `arbitrary_precision`.
#[derive(Clone)]
pub struct EventPattern {
    written: Node,
    json: Value,
    paths: BTreeSet<Arc<str>>,
    alternatives: Vec<Fields>,
}

impl EventPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    ///
    /// If the text is not JSON, or not a pattern that EventBridge would accept.
    pub fn parse(json: &str) -> Result<Self, PatternError> {
        let written = Node::parse(json)?;
        let json = written.to_value();
        Self::compile(written, json)
    }

    /// Whether the pattern means this event, given as JSON with all of its fields: `source`, `detail` and so on.
    #[must_use]
    pub fn matches(&self, event: &Value) -> bool {
        matching::matches(&self.alternatives, &self.paths, event)
    }

    /// The pattern as it was given. Of members with the same key this has the last one only.
    #[must_use]
    pub fn as_json(&self) -> &Value {
        &self.json
    }

    fn compile(written: Node, json: Value) -> Result<Self, PatternError> {
        let alternatives = compile::compile(&written)?;
        let paths = alternatives.iter().flat_map(|fields| fields.keys().cloned()).collect();
        Ok(Self { written, json, paths, alternatives })
    }
}

impl FromStr for EventPattern {
    type Err = PatternError;

    fn from_str(json: &str) -> Result<Self, PatternError> {
        Self::parse(json)
    }
}

impl TryFrom<&str> for EventPattern {
    type Error = PatternError;

    fn try_from(json: &str) -> Result<Self, PatternError> {
        Self::parse(json)
    }
}

/// A [`Value`] does not tell in which order members were written, and where a field stands both in `$or` and beside it,
/// the later one counts. Here `$or` is the later one.
impl TryFrom<&Value> for EventPattern {
    type Error = PatternError;

    fn try_from(json: &Value) -> Result<Self, PatternError> {
        let written = Node::from_value(json)?;
        Self::compile(written, json.clone())
    }
}

/// As for `&Value`.
impl TryFrom<Value> for EventPattern {
    type Error = PatternError;

    fn try_from(json: Value) -> Result<Self, PatternError> {
        match Node::from_value(&json) {
            Ok(written) => Self::compile(written, json),
            Err(error) => {
                take_apart(json);
                Err(error)
            }
        }
    }
}

impl PartialEq for EventPattern {
    fn eq(&self, other: &Self) -> bool {
        self.alternatives == other.alternatives
    }
}

/// The pattern as compact JSON. Parsed again it is the same pattern.
impl fmt::Display for EventPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.written, f)
    }
}

impl fmt::Debug for EventPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EventPattern({self})")
    }
}
