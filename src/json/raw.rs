//! JSON text as it was sent, for what a value cannot hold: digits beyond 64 bits, a zero at the end of a fraction, half of a
//! surrogate pair.

use std::collections::BTreeMap;

use serde::ser::{Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Container, Decimal, Token, Tokens, decimal, escaped_key};

/// Removes the white space between the tokens of a valid text. Numbers and strings stay as they were written.
pub(crate) fn compact(valid: &str) -> String {
    let mut compact = String::with_capacity(valid.len());
    let (mut is_text, mut is_escaped) = (false, false);
    for c in valid.chars() {
        match c {
            ' ' | '\t' | '\n' | '\r' if !is_text => continue,
            '"' if !is_escaped => is_text = !is_text,
            _ => {}
        }
        is_escaped = is_text && c == '\\' && !is_escaped;
        compact.push(c);
    }
    compact
}

/// Returns whether a [`Value`] holds everything that a valid text says.
pub(crate) fn is_held_by_a_value(valid: &str) -> bool {
    Tokens::of(valid).all(|token| match token {
        Token::Open(_) | Token::Close => true,
        Token::Text(raw) => !raw.contains("\\u") || serde_json::from_str::<String>(raw).is_ok(),
        Token::Scalar(raw) => serde_json::from_str::<Value>(raw).is_ok_and(|value| {
            let written = value.to_string();
            written == raw
        }),
    })
}

/// Returns the numbers at a JSON pointer of a valid text, and inside, that a [`Value`] rounds: exact and sorted. Two texts with
/// equal values are equal if these numbers are equal as well.
pub(crate) fn rounded_numbers(valid: &str, pointer: &str) -> Vec<Decimal> {
    if !may_round(valid) {
        return Vec::new();
    }
    let wanted: Vec<&str> = pointer.split('/').skip(1).collect();
    // For each open container the place of the next value: an index, or the key that was read last.
    let mut open: Vec<(Option<usize>, Option<String>)> = Vec::new();
    let mut found = Vec::new();
    for token in Tokens::of(valid) {
        if let (Token::Text(raw), Some((None, key @ None))) = (token, open.last_mut()) {
            let text: String = super::parse(raw, 1).and_then(|text| text.as_str().map(escaped_key)).unwrap_or_default();
            *key = Some(text);
            continue;
        }
        let place = |(index, key): &(Option<usize>, Option<String>)| {
            index.map_or_else(|| key.clone().unwrap_or_default(), |index| index.to_string())
        };
        let is_within = open.len() >= wanted.len() && wanted.iter().zip(&open).all(|(key, at)| *key == place(at));
        match token {
            Token::Open(container) => {
                // If a name is repeated, only its last value counts.
                if is_within && open.len() == wanted.len() {
                    found.clear();
                }
                open.push(((container == Container::Array).then_some(0), None));
                continue;
            }
            Token::Close => drop(open.pop()),
            Token::Scalar(raw) if is_within => {
                if open.len() == wanted.len() {
                    found.clear();
                }
                found.extend(rounded(raw));
            }
            Token::Text(_) if is_within && open.len() == wanted.len() => found.clear(),
            Token::Text(_) | Token::Scalar(_) => {}
        }
        if let Some((index, key)) = open.last_mut() {
            *index = index.map(|index| index + 1);
            *key = None;
        }
    }
    found.sort_unstable();
    found
}

/// Returns whether a text has enough digits for a number that a value rounds, or an exponent. A `true` may be wrong.
fn may_round(valid: &str) -> bool {
    let mut digits = 0;
    valid.bytes().any(|byte| match byte {
        b'0'..=b'9' => {
            digits += 1;
            digits > 15
        }
        b'.' => false,
        b'e' | b'E' if digits > 0 => true,
        _ => {
            digits = 0;
            false
        }
    })
}

/// Returns a number that a value rounds.
fn rounded(raw: &str) -> Option<Decimal> {
    let exact = decimal(raw)?;
    let held = serde_json::from_str::<Value>(raw).ok().and_then(|value| decimal(&value.to_string()));
    (held.as_ref() != Some(&exact)).then_some(exact)
}

/// Writes an object of members whose values are JSON text already.
pub(crate) fn object_of_texts<'a>(members: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let members = members.into_iter().map(|(name, text)| format!("{}:{text}", Value::from(name)));
    let members: Vec<String> = members.collect();
    format!("{{{}}}", members.join(","))
}

/// A value that is written with other valid text at some JSON pointers.
pub(crate) struct WithRaw<'a> {
    value: &'a Value,
    raw: BTreeMap<String, Box<RawValue>>,
}

impl<'a> WithRaw<'a> {
    pub(crate) fn new(value: &'a Value, raw: impl IntoIterator<Item = (String, String)>) -> Self {
        let raw = raw.into_iter();
        let raw = raw.filter_map(|(pointer, text)| Some((pointer, RawValue::from_string(text).ok()?))).collect();
        Self { value, raw }
    }
}

impl Serialize for WithRaw<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Part { value: self.value, pointer: String::new(), raw: &self.raw }.serialize(serializer)
    }
}

/// What stands at a JSON pointer.
struct Part<'a> {
    value: &'a Value,
    pointer: String,
    raw: &'a BTreeMap<String, Box<RawValue>>,
}

impl Serialize for Part<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { value, pointer, raw } = self;
        let inside = |key: String, value| Part { value, pointer: format!("{pointer}/{key}"), raw };
        let has_raw = raw.range(pointer.clone()..).next().is_some_and(|(next, _)| next.starts_with(pointer.as_str()));
        match value {
            _ if raw.contains_key(pointer) => raw.get(pointer).serialize(serializer),
            Value::Object(members) if has_raw => {
                serializer.collect_map(members.iter().map(|(key, value)| (key, inside(escaped_key(key), value))))
            }
            Value::Array(items) if has_raw => {
                serializer.collect_seq(items.iter().enumerate().map(|(index, value)| inside(index.to_string(), value)))
            }
            value => value.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;
    use serde_json::json;

    #[test]
    fn white_space_goes_where_it_says_nothing() {
        for (text, compacted) in [
            ("{ \"a b\" : [ 1 , 2 ] }\n", r#"{"a b":[1,2]}"#),
            (r#"{"a": "\" x \\", "b" : " " }"#, r#"{"a":"\" x \\","b":" "}"#),
            ("[1.10,\t1e400 ]", "[1.10,1e400]"),
            (r#" "\ud83d \\\" " "#, r#""\ud83d \\\" ""#),
        ] {
            assert_eq!(compact(text), compacted);
        }
    }

    #[test]
    fn it_is_known_what_a_value_cannot_hold() {
        for text in ["{}", "[1,-2,0.5,true,null]", r#"{"a":"\u00e9\ud83d\ude00"}"#, "18446744073709551615"] {
            assert!(is_held_by_a_value(text), "{text}");
        }
        for text in ["12345678901234567890123", "1.10", "1e400", "[1e2]", r#"{"\ud83d":1}"#, r#""\ude00""#] {
            assert!(!is_held_by_a_value(text), "{text}");
        }
    }

    #[test]
    fn numbers_that_a_value_rounds_are_known_exactly() {
        let digits = |text: &str, pointer: &str| -> Vec<String> {
            rounded_numbers(text, pointer)
                .into_iter()
                .map(|(_, digits, exponent)| format!("{digits}e{exponent}"))
                .collect()
        };
        let text = r#"{"a":[12345678901234567890123,{"b/c":1e400}],"n":18446744073709551615,"z":0.1,"t":"1e400"}"#;
        assert_eq!(digits(text, ""), ["1e400", "12345678901234567890123e0"]);
        assert_eq!(digits(text, "/a/0"), ["12345678901234567890123e0"]);
        assert_eq!(digits(text, "/a/1/b~1c"), ["1e400"]);
        assert_eq!(digits(text, "/a/1"), ["1e400"]);
        for nothing in ["/n", "/z", "/t", "/a/2", "/b", "/a/1/b"] {
            assert_eq!(digits(text, nothing), [""; 0], "{nothing}");
        }
        assert_eq!(digits(r#"{"a":1e401,"a":1e402}"#, "/a"), ["1e402"]);
        assert_eq!(digits(r#"{"a":1e401,"a":"x"}"#, "/a"), [""; 0]);
        assert_eq!(digits("1e2", ""), [""; 0], "a hundred is held");
        assert_eq!(
            rounded_numbers("[100000000000000000000000001]", ""),
            rounded_numbers("[1.00000000000000000000000001e26]", "")
        );
    }

    #[test]
    fn raw_text_stands_where_its_pointer_leads() {
        let value = json!({ "a/b": [0, { "c": 0 }], "a": 0 });
        let raw = [("/a~1b/1/c".to_owned(), "1.10".to_owned()), ("/x".to_owned(), "2".to_owned())];
        let text = serde_json::to_string(&WithRaw::new(&value, raw)).unwrap();
        assert!(text.contains(r#""a/b":[0,{"c":1.10}]"#), "{text}");
        let without = WithRaw::new(&value, []);
        assert_eq!(serde_json::to_string(&without).unwrap(), value.to_string());
        assert_eq!(serde_json::to_string_pretty(&without).unwrap(), format!("{value:#}"));
    }
}
