//! Event patterns, with the semantics of EventBridge.
//!
//! An [`EventPattern`] decides whether an event matches, as a rule with that pattern does.
//! [`entry().matches_pattern(...)`](crate::EntryMatcher::matches_pattern) uses a pattern for entries.
//!
//! The semantics are those of event-ruler, the matcher that AWS has published, including the rule that conditions on an array
//! of objects must hold for the same element.

mod arrays;
mod bits;
mod cidr;
mod compile;
mod complexity;
mod condition;
mod error;
mod event;
mod fields;
mod folded;
mod found;
mod matching;
mod node;
mod numbers;
mod search;
mod wildcard;

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde_json::Value;

pub use error::{PatternError, Undecided};

use compile::Fields;
use node::Node;

use crate::json::take_apart;

/// An event pattern of a rule of EventBridge.
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
/// # Ok::<(), putevents_mock::pattern::PatternError>(())
/// ```
///
/// A pattern is compiled once and matches many events. It takes every operator: plain values, `prefix`, `suffix`,
/// `equals-ignore-case`, `wildcard`, `anything-but`, `numeric`, `exists`, `cidr`, `exactly` and `$or`. Two patterns are equal
/// if they have the same conditions, in any order of their members.
///
/// # Numbers
///
/// Numbers are equal by value: `300`, `300.0` and `3e2`. Two numbers that a 64-bit float cannot tell apart differ if the
/// event's [`Value`] has their digits: it has the digits of integers up to 64 bits, and all digits with serde_json's feature
/// `arbitrary_precision`.
///
/// # Limits
///
/// A pattern has up to 4,096 characters: as it was written, or as compact JSON for a [`Value`]. Wildcards that take too much
/// work are refused as EventBridge refuses them, by the measure of AWS's own matcher: at most 10 beginnings of the wildcards of
/// a field may match the same value.
///
/// # The difference from AWS's matcher
///
/// `0.0.0.0/0` matches every IPv4 address, and `::/0` every IPv6 address. AWS's matcher compares addresses as texts of digits:
/// there a `cidr` that ends in `/0` also matches addresses of the other family, and numbers.
#[derive(Clone)]
pub struct EventPattern {
    written: Node,
    json: Value,
    paths: BTreeSet<Arc<str>>,
    alternatives: Vec<Fields>,
}

impl EventPattern {
    /// Parses a pattern.
    ///
    /// # Errors
    ///
    /// If the text is not JSON, or is not a pattern that EventBridge accepts.
    pub fn parse(json: &str) -> Result<Self, PatternError> {
        let written = Node::parse(json)?;
        let value = written.to_value();
        Self::compile(written, value, json.chars().count())
    }

    /// Returns whether the pattern matches this event: JSON with all of its fields, `source`, `detail` and so on.
    ///
    /// # Panics
    ///
    /// If the pattern is [`Undecided`] for the event. [`decide`](Self::decide) returns that as an error.
    #[must_use]
    #[track_caller]
    pub fn matches(&self, event: &Value) -> bool {
        self.decide(event).unwrap_or_else(|undecided| panic!("{undecided}"))
    }

    /// Returns whether the pattern matches this event, without panics: for events from an unknown source.
    ///
    /// The time is linear in the size of the event. For each alternative of the pattern, every element of an array and every
    /// scalar at one of its paths is visited once.
    ///
    /// ```
    /// use putevents_mock::EventPattern;
    /// use serde_json::json;
    ///
    /// let pattern = EventPattern::parse(r#"{"source": ["shop"]}"#).unwrap();
    /// assert_eq!(pattern.decide(&json!({ "source": "shop" })), Ok(true));
    /// ```
    ///
    /// # Errors
    ///
    /// [`Undecided`], if keys with dots in them lead to the same path in too many ways.
    pub fn decide(&self, event: &Value) -> Result<bool, Undecided> {
        self.decide_counting(event, &mut 0)
    }

    /// Decides for an event whose members are not in one value.
    pub(crate) fn decide_members<'e>(
        &self,
        members: impl Iterator<Item = (&'e str, &'e Value)>,
    ) -> Result<bool, Undecided> {
        matching::decide(&self.alternatives, &self.paths, members, &mut 0)
    }

    /// Decides, and adds the number of steps to `steps`.
    fn decide_counting(&self, event: &Value, steps: &mut u64) -> Result<bool, Undecided> {
        // An event that is not an object has no members, and never matches.
        let Value::Object(members) = event else { return Ok(false) };
        let members = members.iter().map(|(name, value)| (name.as_str(), value));
        matching::decide(&self.alternatives, &self.paths, members, steps)
    }

    /// Returns the pattern as it was given. If a key is repeated, this has only its last member.
    #[must_use]
    pub fn as_json(&self) -> &Value {
        &self.json
    }

    fn compile(written: Node, json: Value, length: usize) -> Result<Self, PatternError> {
        if length > MAX_READ {
            check_length(length)?;
        }
        let alternatives = compile::compile(&written)?;
        // Checked after `compile`: a mistake at a place says more than the length.
        check_length(length)?;
        complexity::check(&alternatives)?;
        let paths = alternatives.iter().flat_map(|fields| fields.keys().cloned()).collect();
        Ok(Self { written, json, paths, alternatives })
    }
}

/// The length of a pattern that EventBridge's API takes, in characters (service model, `EventPattern`). The quota of an account
/// may be lower.
const MAX_LENGTH: usize = 4_096;

/// Up to this length an error names the place of a mistake. A longer pattern is refused for its length alone, which bounds the
/// work.
const MAX_READ: usize = 2 * MAX_LENGTH;

fn check_length(characters: usize) -> Result<(), PatternError> {
    if characters <= MAX_LENGTH {
        return Ok(());
    }
    Err(PatternError::new(format!(
        "the pattern has {characters} characters; EventBridge takes {MAX_LENGTH}, or fewer if the quota of an account says \
         so: write several patterns"
    )))
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

/// Compiles a pattern from a [`Value`], which has lost the order of its members. The order matters if a field stands both in
/// `$or` and beside it: the later one counts. Here `$or` counts as the later one.
impl TryFrom<&Value> for EventPattern {
    type Error = PatternError;

    fn try_from(json: &Value) -> Result<Self, PatternError> {
        let written = Node::from_value(json)?;
        let length = written.to_string().chars().count();
        Self::compile(written, json.clone(), length)
    }
}

/// Compiles a pattern as for `&Value`.
impl TryFrom<Value> for EventPattern {
    type Error = PatternError;

    fn try_from(json: Value) -> Result<Self, PatternError> {
        match Node::from_value(&json) {
            Ok(written) => {
                let length = written.to_string().chars().count();
                Self::compile(written, json, length)
            }
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

/// Prints the pattern as compact JSON, which parses to an equal pattern.
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
/// Returns what [`EventPattern::decide`] returns, and adds the number of steps to `steps`. For the fuzz targets.
///
/// # Errors
///
/// As [`EventPattern::decide`].
#[doc(hidden)]
pub fn decide_counting(pattern: &EventPattern, event: &Value, steps: &mut u64) -> Result<bool, Undecided> {
    pattern.decide_counting(event, steps)
}
