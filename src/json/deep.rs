//! Values of any depth, without recursion.

use std::sync::OnceLock;

use serde_json::{Map, Value};

use super::{Container, Token, Tokens, depth_of_valid, syntax_error};

/// Parses JSON up to a depth. `None` where the text is not JSON, is nested deeper, or holds what a [`Value`] cannot (a
/// lone surrogate, a number out of range).
pub(crate) fn parse(text: &str, max_depth: usize) -> Option<Value> {
    if let Ok(value) = serde_json::from_str(text) {
        return Some(value);
    }
    if syntax_error(text).is_some() || depth_of_valid(text, max_depth) > max_depth {
        return None;
    }
    parse_valid(text)
}

/// A text parsed on demand and once. Unlike a bare [`Value`] it needs no stack for its depth when it is dropped, and a
/// clone parses anew.
#[derive(Default)]
pub(crate) struct Parsed(OnceLock<Option<Value>>);

impl Parsed {
    pub(crate) fn get_or_parse(&self, parse: impl FnOnce() -> Option<Value>) -> Option<&Value> {
        self.0.get_or_init(parse).as_ref()
    }
}

impl Clone for Parsed {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Drop for Parsed {
    fn drop(&mut self) {
        if let Some(value) = self.0.take().flatten() {
            take_apart(value);
        }
    }
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

/// The containers that are still open, each with the key under which it goes into its parent.
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
                key = Some(serde_json::from_str(raw).ok()?);
                continue;
            }
            Token::Text(raw) | Token::Scalar(raw) => serde_json::from_str(raw).ok()?,
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
