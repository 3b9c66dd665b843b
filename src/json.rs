//! JSON that serde_json alone would refuse or recurse on: deep nesting.
//!
//! A `Detail` may be nested 1,000 levels deep. serde_json's own `Value` stops at 128 levels, and without that limit it
//! would recurse once a level and overflow the stack of a test's thread. Syntax is still serde_json's business (its
//! `IgnoredAny` does not recurse); only what needs a stack of open containers is done here, on the heap.

use std::sync::OnceLock;

use serde::de::IgnoredAny;
use serde_json::Value;

/// Why a text is not JSON, or `None` where it is.
pub(crate) fn syntax_error(text: &str) -> Option<serde_json::Error> {
    serde_json::from_str::<IgnoredAny>(text).err()
}

/// Whether `text` is a JSON object that opens at most `max_depth` objects and arrays inside each other, itself included.
pub(crate) fn is_object(text: &str, max_depth: usize) -> bool {
    first_byte(text) == Some(b'{') && syntax_error(text).is_none() && depth_of_valid(text, max_depth) <= max_depth
}

/// The first byte that is not JSON white space: it tells the kind of a valid value.
pub(crate) fn first_byte(text: &str) -> Option<u8> {
    text.bytes().find(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
}

fn depth_of_valid(text: &str, enough: usize) -> usize {
    let opened = text.bytes().filter(|byte| matches!(byte, b'{' | b'[')).count();
    if opened <= enough {
        return opened; // The nesting cannot be deeper, so nobody needs to know it exactly.
    }
    let (mut depth, mut deepest) = (0_usize, 0);
    for token in Tokens(text) {
        match token {
            Token::Open(_) => depth += 1,
            Token::Close => depth = depth.saturating_sub(1),
            Token::Text(_) | Token::Scalar(_) => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

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
        let mut rest: Vec<Value> = self.0.take().flatten().into_iter().collect();
        while let Some(value) = rest.pop() {
            match value {
                Value::Array(items) => rest.extend(items),
                Value::Object(members) => rest.extend(members.into_iter().map(|(_, value)| value)),
                _ => {}
            }
        }
    }
}

/// The containers that are still open, each with the key under which it goes into its parent.
struct Open {
    key: Option<String>,
    container: Value,
}

fn parse_valid(text: &str) -> Option<Value> {
    let mut open: Vec<Open> = Vec::new();
    let mut key: Option<String> = None;
    for token in Tokens(text) {
        let value = match token {
            Token::Open(container) => {
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

enum Token<'a> {
    Open(Value),
    Close,
    Text(&'a str),
    Scalar(&'a str),
}

/// The tokens of a text that is known to be valid JSON; commas and colons say nothing more and are skipped.
struct Tokens<'a>(&'a str);

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let start = self.0.find(|c: char| !matches!(c, ' ' | '\t' | '\n' | '\r' | ',' | ':'))?;
        let text = &self.0[start..];
        let length = match text.as_bytes().first()? {
            b'{' | b'[' | b'}' | b']' => 1,
            b'"' => length_of_text(text.as_bytes()),
            _ => text.find([',', ':', '}', ']', ' ', '\t', '\n', '\r']).unwrap_or(text.len()),
        };
        let (token, rest) = text.split_at_checked(length)?;
        self.0 = rest;
        Some(match token.as_bytes().first()? {
            b'{' => Token::Open(Value::Object(serde_json::Map::new())),
            b'[' => Token::Open(Value::Array(Vec::new())),
            b'}' | b']' => Token::Close,
            b'"' => Token::Text(token),
            _ => Token::Scalar(token),
        })
    }
}

fn length_of_text(bytes: &[u8]) -> usize {
    let mut escaped = false;
    for (index, byte) in bytes.iter().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return index + 1,
            _ => {}
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;
    use serde_json::json;

    fn nested(levels: usize) -> String {
        format!("{}{{}}{}", r#"{"a":"#.repeat(levels - 1), "}".repeat(levels - 1))
    }

    #[test]
    fn depth_counts_open_containers_and_not_brackets_inside_strings() {
        assert!(is_object(&nested(3), 3));
        assert!(!is_object(&nested(4), 3));
        assert!(is_object(r#"{"a":"[[[[{{{{","b":"\"[[[[","c":[[]]}"#, 3));
        assert!(is_object(r#" { "many" : [[],[],[],[],[],[]] } "#, 3));
    }

    #[test]
    fn only_objects_count_as_objects() {
        for text in ["[]", "\"{}\"", "null", "1", "", "{", "{}x", "{'a':1}", "{\"a\":1,}"] {
            assert!(!is_object(text, 10), "{text}");
        }
    }

    #[test]
    fn a_deep_value_is_parsed_read_and_dropped_on_a_small_stack() {
        let innermost = std::thread::Builder::new().stack_size(512 * 1024).spawn(|| {
            let parsed = Parsed::default();
            let value = parsed.get_or_parse(|| parse(&nested(1_000), 1_000));
            value.and_then(|value| value.pointer(&"/a".repeat(999)).cloned())
        });
        assert_eq!(innermost.unwrap().join().unwrap(), Some(json!({})));
    }

    #[test]
    fn a_text_that_is_nested_too_deep_is_not_parsed() {
        assert_eq!(parse(&nested(1_001), 1_000), None);
        assert_eq!(parse(&"[".repeat(1_000_000), 1_000), None);
        assert_eq!(parse(&format!("{}{}", "[".repeat(500_000), "]".repeat(500_000)), 1_000), None);
    }

    #[test]
    fn the_deep_parser_agrees_with_serde_json() {
        for text in [
            r#"{"a":[1,-2.5e3,true,false,null,"x\"y\u00e9\\"],"b":{"c":[[],{}]},"":{"":""}}"#,
            r#" { "a" : [ 1 , 2 ] , "a" : 3 } "#,
            "[]",
            "[[1],[2,[3]]]",
            "{}",
            "\"text\"",
            " 17 ",
            "null",
        ] {
            assert_eq!(parse_valid(text), Some(serde_json::from_str::<Value>(text).unwrap()), "{text}");
        }
    }

    #[test]
    fn what_is_not_json_is_not_parsed() {
        for text in ["", "{", "nul", "{\"a\"}", "[1,]", "\u{feff}{}"] {
            assert_eq!(parse(text, 10), None, "{text:?}");
        }
    }
}
