//! A pattern as it was written.
//!
//! A [`Value`] loses three facts that matter: the order of an object's members (a later member overrides what an earlier `$or`
//! said, and the other way round), repeated keys, and how a number was written.

use std::fmt;
use std::iter::Peekable;
use std::str::FromStr;

use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

use super::PatternError;
use super::error::quoted;
use crate::json::{Container, Token, Tokens};

/// The deepest nesting of a pattern: the limit of serde_json.
const MAX_DEPTH: usize = 127;

/// JSON that keeps everything of its text.
#[derive(Debug, Clone)]
pub(super) enum Node {
    Null,
    Bool(bool),
    Number { written: String, number: Number },
    Text(String),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

impl Node {
    pub(super) fn parse(text: &str) -> Result<Self, PatternError> {
        let raw: &RawValue =
            serde_json::from_str(text).map_err(|error| PatternError::new(format!("not JSON: {error}")))?;
        Reader(Tokens::of(raw.get()).peekable()).read(MAX_DEPTH)
    }

    /// Reads a `Value`, which has lost the order of its members. `$or` comes last, where people write it.
    pub(super) fn from_value(value: &Value) -> Result<Self, PatternError> {
        if is_deeper(value, MAX_DEPTH) { Err(too_deep()) } else { Ok(Self::of(value)) }
    }

    fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => Self::Number { written: number.to_string(), number: number.clone() },
            Value::String(text) => Self::Text(text.clone()),
            Value::Array(items) => Self::List(items.iter().map(Self::of).collect()),
            Value::Object(members) => {
                let mut members: Vec<_> = members.iter().map(|(key, value)| (key.clone(), Self::of(value))).collect();
                members.sort_by_key(|(key, _)| key == "$or");
                Self::Object(members)
            }
        }
    }

    pub(super) fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(*value),
            Self::Number { number, .. } => Value::Number(number.clone()),
            Self::Text(text) => Value::String(text.clone()),
            Self::List(items) => Value::Array(items.iter().map(Self::to_value).collect()),
            Self::Object(members) => {
                let members = members.iter().map(|(key, node)| (key.clone(), node.to_value()));
                Value::Object(members.collect::<Map<_, _>>())
            }
        }
    }

    /// Returns the error for a value that is not of the wanted kind.
    pub(super) fn is_not(&self, wanted: &str) -> PatternError {
        PatternError::new(format!("must be {wanted}, but is {}", self.described()))
    }

    /// Describes the node for a sentence that ends in "but is".
    pub(super) fn described(&self) -> String {
        match self {
            Self::List(items) if items.is_empty() => "an empty array".to_owned(),
            Self::List(_) => "an array".to_owned(),
            Self::Object(_) => "an object".to_owned(),
            Self::Text(text) if text.len() > 40 => "a string".to_owned(),
            scalar => scalar.to_string(),
        }
    }
}

/// Prints compact JSON.
impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number { written, .. } => f.write_str(written),
            Self::Text(text) => f.write_str(&quoted(text)),
            Self::List(items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if index == 0 { "" } else { "," })?;
                }
                f.write_str("]")
            }
            Self::Object(members) => {
                f.write_str("{")?;
                for (index, (key, node)) in members.iter().enumerate() {
                    write!(f, "{}{}:{node}", if index == 0 { "" } else { "," }, quoted(key))?;
                }
                f.write_str("}")
            }
        }
    }
}

fn too_deep() -> PatternError {
    PatternError::new(format!(
        "the pattern is nested more than {MAX_DEPTH} levels deep; no event pattern needs that many"
    ))
}

/// Returns whether a value is nested deeper, without recursion: the value may have any depth.
fn is_deeper(value: &Value, most: usize) -> bool {
    let mut open = vec![(value, 1)];
    while let Some((value, depth)) = open.pop() {
        match value {
            Value::Array(_) | Value::Object(_) if depth > most => return true,
            Value::Array(items) => open.extend(items.iter().map(|item| (item, depth + 1))),
            Value::Object(members) => open.extend(members.values().map(|member| (member, depth + 1))),
            _ => {}
        }
    }
    false
}

/// Reads the tokens of a text that is valid JSON.
struct Reader<'a>(Peekable<Tokens<'a>>);

impl Reader<'_> {
    fn read(&mut self, levels: usize) -> Result<Node, PatternError> {
        match self.0.next() {
            Some(Token::Open(_)) if levels == 0 => Err(too_deep()),
            Some(Token::Open(Container::Object)) => self.members(levels - 1),
            Some(Token::Open(Container::Array)) => self.items(levels - 1),
            Some(Token::Text(text)) => Ok(Node::Text(unescaped(text)?)),
            Some(Token::Scalar("true")) => Ok(Node::Bool(true)),
            Some(Token::Scalar("false")) => Ok(Node::Bool(false)),
            Some(Token::Scalar("null") | Token::Close) | None => Ok(Node::Null),
            Some(Token::Scalar(number)) => numbered(number),
        }
    }

    fn items(&mut self, levels: usize) -> Result<Node, PatternError> {
        let mut items = Vec::new();
        while !self.closes() {
            items.push(self.read(levels).map_err(|error| error.at(items.len()))?);
        }
        Ok(Node::List(items))
    }

    fn members(&mut self, levels: usize) -> Result<Node, PatternError> {
        let mut members = Vec::new();
        while !self.closes() {
            let Some(Token::Text(key)) = self.0.next() else { continue };
            let key = unescaped(key)?;
            let node = self.read(levels).map_err(|error| error.under(&key))?;
            members.push((key, node));
        }
        Ok(Node::Object(members))
    }

    /// Returns whether the array or object ends here, and consumes its closing bracket.
    fn closes(&mut self) -> bool {
        let closes = matches!(self.0.peek(), None | Some(Token::Close));
        if closes {
            self.0.next();
        }
        closes
    }
}

fn unescaped(text: &str) -> Result<String, PatternError> {
    serde_json::from_str(text)
        .map_err(|_| PatternError::new(format!("{text} holds half of a surrogate pair, so it is not a text")))
}

fn numbered(text: &str) -> Result<Node, PatternError> {
    match Number::from_str(text) {
        Ok(number) => Ok(Node::Number { written: text.to_owned(), number }),
        Err(_) => Err(PatternError::out_of_range(text)),
    }
}
