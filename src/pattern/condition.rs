//! The conditions on a single value.

use std::net::IpAddr;

use serde_json::Value;

use super::PatternError;
use super::cidr::{Network, address};
use super::error::quoted;
use super::folded::Folded;
use super::node::Node;
use super::numbers::{Number, Numeric, comparable, is_sign, with_numeric};
use super::wildcard::Wildcard;

const OPERATORS: &str = "anything-but, cidr, equals-ignore-case, exactly, exists, numeric, prefix, suffix, wildcard";
const IGNORE_CASE: &str = "equals-ignore-case";

/// One item of the array of a field.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Item {
    /// The field must not be there.
    Absent,
    /// The field must have a value that satisfies the condition.
    Value(Condition),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Condition {
    Any,
    Null,
    Bool(bool),
    Number(Number),
    Address(IpAddr),
    Text(Text),
    Numeric(Numeric),
    Network(Network),
    AnythingBut(Vec<Condition>),
}

/// A condition on a string. No other value satisfies it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Text {
    Exactly(String),
    Prefix(String),
    Suffix(String),
    Folded(Folded),
    FoldedPrefix(Folded),
    FoldedSuffix(Folded),
    Wildcard(Wildcard),
}

impl Text {
    fn matches(&self, text: &str) -> bool {
        match self {
            Self::Exactly(whole) => text == whole,
            Self::Prefix(prefix) => text.starts_with(prefix.as_str()),
            Self::Suffix(suffix) => text.ends_with(suffix.as_str()),
            Self::Folded(whole) => whole.equals(text),
            Self::FoldedPrefix(prefix) => prefix.begins(text),
            Self::FoldedSuffix(suffix) => suffix.ends(text),
            Self::Wildcard(wildcard) => wildcard.matches(text),
        }
    }
}

/// A scalar of an event, with the address that it may be.
pub(super) enum Scalar<'e> {
    Null,
    Bool(bool),
    Number(Number),
    Text { text: &'e str, address: Option<IpAddr> },
}

impl<'e> Scalar<'e> {
    /// Returns `None` for an array or an object.
    pub(super) fn new(value: &'e Value) -> Option<Self> {
        match value {
            Value::Null => Some(Self::Null),
            Value::Bool(value) => Some(Self::Bool(*value)),
            Value::Number(number) => Some(Self::Number(Number::new(number))),
            Value::String(text) => Some(Self::Text { text, address: address(text) }),
            Value::Array(_) | Value::Object(_) => None,
        }
    }
}

impl Condition {
    pub(super) fn matches(&self, scalar: &Scalar<'_>) -> bool {
        match (self, scalar) {
            (Self::Any, _) | (Self::Null, Scalar::Null) => true,
            (Self::Bool(wanted), Scalar::Bool(value)) => wanted == value,
            (Self::Number(wanted), Scalar::Number(number)) => wanted.equals(number),
            (Self::Address(wanted), Scalar::Text { address, .. }) => *address == Some(*wanted),
            (Self::Text(wanted), Scalar::Text { text, .. }) => wanted.matches(text),
            (Self::Numeric(range), Scalar::Number(number)) => number.value().is_some_and(|value| range.matches(value)),
            (Self::Network(network), Scalar::Text { address, .. }) => address.is_some_and(|ip| network.contains(ip)),
            (Self::AnythingBut(conditions), scalar) => !conditions.iter().any(|condition| condition.matches(scalar)),
            _ => false,
        }
    }
}

impl Condition {
    /// Returns the wildcards that a value is compared with together. The wildcards of one `anything-but` share their
    /// beginnings.
    pub(super) fn wildcards(&self) -> Option<Vec<Vec<u8>>> {
        let of = |condition: &Self| {
            if let Self::Text(Text::Wildcard(wildcard)) = condition { Some(wildcard.bytes()) } else { None }
        };
        let mut found: Vec<Vec<u8>> = match self {
            Self::AnythingBut(conditions) => conditions.iter().filter_map(of).collect(),
            _ => of(self).into_iter().collect(),
        };
        found.sort();
        (!found.is_empty()).then_some(found)
    }
}

impl Item {
    pub(super) fn parse(node: &Node) -> Result<Self, PatternError> {
        let condition = match node {
            Node::Null => Condition::Null,
            Node::Bool(value) => Condition::Bool(*value),
            Node::Number { number, .. } => Condition::Number(Number::new(number)),
            Node::Text(text) => match address(text) {
                Some(address) => Condition::Address(address),
                None => Condition::Text(Text::Exactly(text.clone())),
            },
            Node::List(_) => {
                return Err(PatternError::new("is an array within an array; write its values into the outer one"));
            }
            Node::Object(members) => {
                let (operator, operand) = only(members, &format!("one of {OPERATORS}"))?;
                return operation(operator, operand);
            }
        };
        Ok(Self::Value(condition))
    }
}

/// Returns the only member of an object.
fn only<'n>(members: &'n [(String, Node)], wanted: &str) -> Result<(&'n str, &'n Node), PatternError> {
    match members {
        [(key, node)] => Ok((key, node)),
        [] => Err(PatternError::new(format!("is an empty object; write an operator into it, {wanted}"))),
        [(first, _), (second, _), ..] => {
            let (first, second) = (quoted(first), quoted(second));
            Err(PatternError::new(format!("must hold one operator alone, but {second} stands beside {first}")))
        }
    }
}

fn operation(operator: &str, operand: &Node) -> Result<Item, PatternError> {
    let condition = match operator {
        "anything-but" => anything_but(operand),
        "cidr" => text(operand, "a string").and_then(Network::parse).map(Condition::Network),
        IGNORE_CASE => text(operand, "a string").map(|text| Condition::Text(Text::Folded(Folded::new(text)))),
        "exactly" => text(operand, "a string").map(|text| Condition::Text(Text::Exactly(text.to_owned()))),
        "exists" => match operand {
            Node::Bool(true) => Ok(Condition::Any),
            Node::Bool(false) => return Ok(Item::Absent),
            other => Err(other.is_not("true or false")),
        },
        "numeric" => Numeric::parse(operand).map(Condition::Numeric),
        "prefix" => affix(operand, Text::Prefix, Text::FoldedPrefix),
        "suffix" => affix(operand, Text::Suffix, Text::FoldedSuffix),
        "wildcard" => text(operand, "a string").and_then(Wildcard::parse).map(|it| Condition::Text(Text::Wildcard(it))),
        sign if is_sign(sign) => {
            return Err(PatternError::new(format!("{} is not an operator; {}", quoted(sign), with_numeric(sign))));
        }
        other => {
            return Err(PatternError::new(format!("{} is not an operator; write one of {OPERATORS}", quoted(other))));
        }
    };
    condition.map(Item::Value).map_err(|error| error.under(operator))
}

fn text<'n>(node: &'n Node, wanted: &str) -> Result<&'n str, PatternError> {
    match node {
        Node::Text(text) => Ok(text),
        Node::List(_) => {
            Err(PatternError::new(format!("must be {wanted}, but is an array; write an object for each string")))
        }
        other => Err(other.is_not(wanted)),
    }
}

/// Reads a prefix or a suffix, exact or without regard to case.
fn affix(node: &Node, exact: fn(String) -> Text, folded: fn(Folded) -> Text) -> Result<Condition, PatternError> {
    let Node::Object(members) = node else {
        let text = text(node, r#"a string or {"equals-ignore-case": a string}"#)?;
        return Ok(Condition::Text(exact(text.to_owned())));
    };
    match only(members, IGNORE_CASE)? {
        (IGNORE_CASE, operand) => {
            let text = text(operand, "a string").map_err(|error| error.under(IGNORE_CASE))?;
            Ok(Condition::Text(folded(Folded::new(text))))
        }
        (other, _) => Err(PatternError::new(format!("{} cannot stand here; write {IGNORE_CASE}", quoted(other)))),
    }
}

fn anything_but(node: &Node) -> Result<Condition, PatternError> {
    let conditions = match node {
        Node::Object(members) => return anything_but_operation(members),
        Node::List(items) => several(items, excluded)?,
        single => vec![excluded(single)?],
    };
    let is_number = |condition: &Condition| matches!(condition, Condition::Number(_));
    if conditions.iter().any(is_number) && !conditions.iter().all(is_number) {
        return Err(PatternError::new("must hold only strings or only numbers, but holds both"));
    }
    Ok(Condition::AnythingBut(conditions))
}

/// Reads a plain value that is excluded. An address is a string here.
fn excluded(node: &Node) -> Result<Condition, PatternError> {
    match node {
        Node::Text(text) => Ok(Condition::Text(Text::Exactly(text.clone()))),
        Node::Number { number, .. } => comparable(node).map(|_| Condition::Number(Number::new(number))),
        other => Err(other.is_not("a string or a number")),
    }
}

fn anything_but_operation(members: &[(String, Node)]) -> Result<Condition, PatternError> {
    let allowed = "one of equals-ignore-case, prefix, suffix and wildcard";
    let (operator, operand) = only(members, allowed)?;
    let build: fn(&str) -> Result<Text, PatternError> = match operator {
        IGNORE_CASE => |text| Ok(Text::Folded(Folded::new(text))),
        "prefix" => |text| not_empty(text).map(Text::Prefix),
        "suffix" => |text| not_empty(text).map(Text::Suffix),
        "wildcard" => |text| Wildcard::parse(text).map(Text::Wildcard),
        other => {
            return Err(PatternError::new(format!("{} cannot stand here; write {allowed}", quoted(other))));
        }
    };
    let one = |node: &Node| text(node, "a string").and_then(build).map(Condition::Text);
    let conditions = match operand {
        Node::List(items) => several(items, one),
        Node::Text(_) => one(operand).map(|condition| vec![condition]),
        other => Err(other.is_not("a string or an array of strings")),
    };
    conditions.map(Condition::AnythingBut).map_err(|error| error.under(operator))
}

fn not_empty(text: &str) -> Result<String, PatternError> {
    match text {
        "" => Err(PatternError::new("must not be empty, because that would exclude every string")),
        text => Ok(text.to_owned()),
    }
}

fn several(
    items: &[Node],
    one: impl Fn(&Node) -> Result<Condition, PatternError>,
) -> Result<Vec<Condition>, PatternError> {
    if items.is_empty() {
        return Err(PatternError::new("is an empty array; write at least one value into it"));
    }
    items.iter().enumerate().map(|(index, item)| one(item).map_err(|error| error.at(index))).collect()
}
