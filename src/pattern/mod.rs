//! Event patterns, with the semantics of EventBridge.
//!
//! They are those of the matcher that AWS has published, event-ruler, including what elements of an array belong
//! together. Of the crate it uses the tokens of `json/` alone.

mod arrays;
mod bits;
mod cidr;
mod compile;
mod complexity;
mod condition;
mod error;
mod event;
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
/// # Ok::<(), putevents_mock::pattern::PatternError>(())
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
///
/// # Limits
///
/// A pattern has up to 4,096 characters: as it was written, or as compact JSON where it came as a [`Value`]. Wildcards of a
/// field that are too much work are refused as EventBridge refuses them, by the measure of AWS's own matcher: at most 10 of
/// their beginnings may match one and the same value.
///
/// # Where it does not follow AWS's matcher
///
/// AWS's matcher compares addresses as texts of digits, so there a `cidr` that ends in `/0` also finds addresses of the other
/// family, and numbers. Here `0.0.0.0/0` is any IPv4 address and `::/0` any IPv6 address, as those who write it mean it.
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
        let value = written.to_value();
        Self::compile(written, value, json.chars().count())
    }

    /// Whether the pattern means this event, given as JSON with all of its fields: `source`, `detail` and so on.
    ///
    /// # Panics
    ///
    /// If that is undecided, which [`decide`](Self::decide) tells as an error.
    #[must_use]
    #[track_caller]
    pub fn matches(&self, event: &Value) -> bool {
        self.decide(event).unwrap_or_else(|undecided| panic!("{undecided}"))
    }

    /// The same, for events of which nothing is known. The time it takes grows with the event as a line does: for each alternative
    /// of the pattern every element of an array is looked at once, and every scalar at one of its paths once.
    ///
    /// # Errors
    ///
    /// If keys with dots in them lead to the same path in too many ways: see [`Undecided`].
    pub fn decide(&self, event: &Value) -> Result<bool, Undecided> {
        self.decide_counting(event, &mut 0)
    }

    /// The same for an event whose members do not stand in one value.
    pub(crate) fn decide_members<'e>(
        &self,
        members: impl Iterator<Item = (&'e str, &'e Value)>,
    ) -> Result<bool, Undecided> {
        matching::decide(&self.alternatives, &self.paths, members, &mut 0)
    }

    /// The same with the steps that it took.
    fn decide_counting(&self, event: &Value, steps: &mut u64) -> Result<bool, Undecided> {
        // Only an object has members.
        let Value::Object(members) = event else { return Ok(false) };
        let members = members.iter().map(|(name, value)| (name.as_str(), value));
        matching::decide(&self.alternatives, &self.paths, members, steps)
    }

    /// The pattern as it was given. Of members with the same key this has the last one only.
    #[must_use]
    pub fn as_json(&self) -> &Value {
        &self.json
    }

    fn compile(written: Node, json: Value, length: usize) -> Result<Self, PatternError> {
        if length > MAX_READ {
            check_length(length)?;
        }
        let alternatives = compile::compile(&written)?;
        // What is wrong at a place says more than what is wrong with the whole.
        check_length(length)?;
        complexity::check(&alternatives)?;
        let paths = alternatives.iter().flat_map(|fields| fields.keys().cloned()).collect();
        Ok(Self { written, json, paths, alternatives })
    }
}

/// The length of a pattern that EventBridge's API takes, in characters (service model, `EventPattern`). An account's quota may
/// be lower.
const MAX_LENGTH: usize = 4_096;

/// Up to this length mistakes at a place are looked for. A longer pattern is refused for its length alone, which bounds the work.
const MAX_READ: usize = 2 * MAX_LENGTH;

fn check_length(characters: usize) -> Result<(), PatternError> {
    if characters <= MAX_LENGTH {
        return Ok(());
    }
    Err(PatternError::new(format!(
        "the pattern has {characters} characters; EventBridge takes {MAX_LENGTH}, and less where the quota of an account says \
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

/// A [`Value`] does not tell in which order members were written, and where a field stands both in `$or` and beside it,
/// the later one counts. Here `$or` is the later one.
impl TryFrom<&Value> for EventPattern {
    type Error = PatternError;

    fn try_from(json: &Value) -> Result<Self, PatternError> {
        let written = Node::from_value(json)?;
        let length = written.to_string().chars().count();
        Self::compile(written, json.clone(), length)
    }
}

/// As for `&Value`.
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
/// [`EventPattern::decide`] with the number of its steps, for the fuzz targets.
///
/// # Errors
///
/// As of [`EventPattern::decide`].
#[doc(hidden)]
pub fn decide_counting(pattern: &EventPattern, event: &Value, steps: &mut u64) -> Result<bool, Undecided> {
    pattern.decide_counting(event, steps)
}
