//! Values of any depth, without recursion.

use std::sync::OnceLock;

use serde_json::{Map, Value};

use super::{Container, Token, Tokens, depth_of_valid, syntax_error};

/// Parses JSON up to a depth. Returns `None` if the text is not JSON or is nested deeper.
///
/// The service takes JSON that a [`Value`] cannot hold. Half of a surrogate pair, as in a text that was cut inside an emoji, is
/// read as U+FFFD. A number beyond a 64-bit float is read as the largest float.
pub(crate) fn parse(text: &str, max_depth: usize) -> Option<Value> {
    if let Ok(value) = serde_json::from_str(text) {
        return Some(value);
    }
    if syntax_error(text).is_some() || depth_of_valid(text, max_depth) > max_depth {
        return None;
    }
    parse_valid(text)
}

/// A text that is parsed once, on demand. Unlike a bare [`Value`] it is dropped without recursion, and a clone parses again.
#[derive(Default)]
pub(crate) struct Parsed(OnceLock<Option<Box<Value>>>);

impl Parsed {
    /// Returns the value. The first call parses it, and reports to `grow` roughly how many bytes it takes.
    pub(crate) fn get_or_parse(
        &self,
        parse: impl FnOnce() -> Option<Value>,
        grow: impl FnOnce(usize),
    ) -> Option<&Value> {
        let value = self.0.get_or_init(|| {
            let value = parse()?;
            grow(size_of::<Value>() + memory(&value));
            Some(Box::new(value))
        });
        value.as_deref()
    }
}

impl Clone for Parsed {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Drop for Parsed {
    fn drop(&mut self) {
        if let Some(Some(value)) = self.0.take() {
            take_apart(*value);
        }
    }
}

/// Returns the bytes that a value keeps alive beside itself, as measured: a node of a map has room for eleven members and is
/// about half full.
fn memory(value: &Value) -> usize {
    const NODE: usize = 12 * (size_of::<String>() + size_of::<Value>());
    const ALLOCATION: usize = 16;
    let (mut bytes, mut open) = (0, vec![value]);
    while let Some(value) = open.pop() {
        bytes += match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => 0,
            Value::String(text) => text.capacity() + ALLOCATION,
            Value::Array(items) => {
                open.extend(items);
                items.capacity() * size_of::<Value>() + ALLOCATION
            }
            Value::Object(members) => {
                open.extend(members.values());
                let keys: usize = members.keys().map(|key| key.capacity() + ALLOCATION).sum();
                members.len().div_ceil(6) * NODE + keys
            }
        };
    }
    bytes
}

/// Drops a value of any depth without recursion.
pub(crate) fn take_apart(value: Value) {
    let mut rest = vec![value];
    while let Some(value) = rest.pop() {
        match value {
            Value::Array(items) => rest.extend(items),
            Value::Object(members) => rest.extend(members.into_iter().map(|(_, member)| member)),
            _ => {}
        }
    }
}

/// An open container, with the key under which it goes into its parent.
struct Open {
    key: Option<String>,
    container: Value,
}

pub(super) fn parse_valid(text: &str) -> Option<Value> {
    let mut open: Vec<Open> = Vec::new();
    let mut key: Option<String> = None;
    for token in Tokens::of(text) {
        let value = match token {
            Token::Open(container) => {
                let container = match container {
                    Container::Array => Value::Array(Vec::new()),
                    Container::Object => Value::Object(Map::new()),
                };
                open.push(Open { key: key.take(), container });
                continue;
            }
            Token::Text(raw)
                if key.is_none() && matches!(open.last(), Some(Open { container: Value::Object(_), .. })) =>
            {
                key = Some(text_of(raw));
                continue;
            }
            Token::Text(raw) => text_of(raw).into(),
            Token::Scalar(raw) => serde_json::from_str(raw).unwrap_or_else(|_| largest(raw)),
            Token::Close => {
                let closed = open.pop()?;
                key = closed.key;
                closed.container
            }
        };
        match open.last_mut().map(|parent| &mut parent.container) {
            None => return Some(value),
            Some(Value::Array(items)) => items.push(value),
            Some(Value::Object(members)) => {
                members.insert(key.take()?, value);
            }
            Some(_) => return None,
        }
    }
    None
}

/// Returns the float nearest to a number that is out of range.
fn largest(raw: &str) -> Value {
    if raw.starts_with('-') { f64::MIN.into() } else { f64::MAX.into() }
}

/// Returns the text of a string token, without its quotes and escapes.
fn text_of(raw: &str) -> String {
    serde_json::from_str(raw).unwrap_or_else(|_| with_replacements(raw))
}

/// Returns the text of a string token that has half of a surrogate pair.
fn with_replacements(raw: &str) -> String {
    let inner = raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"')).unwrap_or(raw);
    // Surrogates are collected until they form a character, or cannot.
    let mut units: Vec<u16> = Vec::new();
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner.chars();
    while let Some(c) = rest.next() {
        let escaped = if c == '\\' { rest.next() } else { None };
        if escaped == Some('u') {
            let digits: String = rest.by_ref().take(4).collect();
            units.push(u16::from_str_radix(&digits, 16).unwrap_or(0xfffd));
            continue;
        }
        text.push_str(&String::from_utf16_lossy(&units));
        units.clear();
        text.push(match escaped {
            None => c,
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some(other) => other,
        });
    }
    text + &String::from_utf16_lossy(&units)
}
