//! JSON on which serde_json alone would fail or recurse too deep, and JSON that people write.
//!
//! A `Detail` may be nested 1,000 levels deep. serde_json's own `Value` stops at 128 levels. Without that limit it would
//! recurse once for each level and overflow the stack of a test's thread. serde_json still checks the syntax (its `IgnoredAny`
//! does not recurse). Only what needs a stack of open containers is done here, on the heap.

mod bytes;
pub(crate) mod cursor;
mod deep;
mod differences;
mod equality;
mod near;
mod raw;
mod times;
mod tokens;

use serde::de::IgnoredAny;
use serde_json::{Map, Value};

pub(crate) use self::bytes::{as_hex, as_text, read_bytes, read_hex, read_text};
pub(crate) use self::cursor::{Cursor, FormatError, Unfit, Wrong, or_panic};
pub(crate) use self::deep::{Parsed, parse, take_apart};
pub(crate) use self::differences::{Difference, differences, differences_except, differences_of_common, escaped_key};
pub(crate) use self::equality::{ByValue, Decimal, decimal, is_equal, is_same_number};
pub(crate) use self::near::{did_you_mean, near};
pub(crate) use self::raw::{WithRaw, compact, is_held_by_a_value, object_of_texts, rounded_numbers};
pub(crate) use self::times::{milliseconds, nanoseconds, read_time, read_time_if_any};
pub(crate) use self::tokens::{Container, Token, Tokens};

/// Returns why a text is not JSON; `None` if it is.
pub(crate) fn syntax_error(text: &str) -> Option<serde_json::Error> {
    serde_json::from_str::<IgnoredAny>(text).err()
}

/// Returns whether `text` is a JSON object with at most `max_depth` levels of objects and arrays, including itself.
pub(crate) fn is_object(text: &str, max_depth: usize) -> bool {
    first_byte(text) == Some(b'{') && syntax_error(text).is_none() && depth_of_valid(text, max_depth) <= max_depth
}

/// Returns the first byte that is not JSON white space. It tells the kind of a valid value.
pub(crate) fn first_byte(text: &str) -> Option<u8> {
    text.bytes().find(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
}

/// Returns the depth. If the depth is at most `enough`, the result may be larger, but not above `enough`.
fn depth_of_valid(text: &str, enough: usize) -> usize {
    // Each level takes two bytes.
    if text.len() / 2 <= enough {
        return text.len() / 2;
    }
    let opened = text.bytes().filter(|byte| matches!(byte, b'{' | b'[')).count();
    if opened <= enough {
        return opened; // It cannot be deeper.
    }
    let (mut depth, mut deepest) = (0_usize, 0);
    for token in Tokens::of(text) {
        match token {
            Token::Open(_) => depth += 1,
            Token::Close => depth = depth.saturating_sub(1),
            Token::Text(_) | Token::Scalar(_) => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// Makes an object of the members that are there.
pub(crate) fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect::<Map<_, _>>().into()
}

/// Writes a number, without a fraction if it is whole.
pub(crate) fn number(number: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked by the condition")]
    if number.fract() == 0.0 && (0.0..9e15).contains(&number) { Value::from(number as u64) } else { number.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;
    use serde_json::{Value, json};

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
            let value = parsed.get_or_parse(|| parse(&nested(1_000), 1_000), |_| {});
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
            assert_eq!(deep::parse_valid(text), Some(serde_json::from_str::<Value>(text).unwrap()), "{text}");
        }
    }

    #[test]
    fn whatever_is_valid_is_parsed_also_what_a_value_cannot_hold() {
        for (text, value) in [
            (r#"{"title":"Great \ud83d"}"#, json!({ "title": "Great \u{fffd}" })),
            (r#"["\ude00 \ud83d\ude00 \"\n\/\u0041"]"#, json!(["\u{fffd} \u{1f600} \"\n/A"])),
            (r#"{"\ud83d":1}"#, json!({ "\u{fffd}": 1 })),
            ("[1e400,-1e400,1e-400]", json!([f64::MAX, f64::MIN, 0.0])),
            (r#"{"deep":{"id":7,"cut":"\ud83d"}}"#, json!({ "deep": { "id": 7, "cut": "\u{fffd}" } })),
        ] {
            assert!(syntax_error(text).is_none(), "{text}");
            assert_eq!(parse(text, 10), Some(value), "{text}");
        }
    }

    #[test]
    fn what_is_not_json_is_not_parsed() {
        for text in ["", "{", "nul", "{\"a\"}", "[1,]", "\u{feff}{}"] {
            assert_eq!(parse(text, 10), None, "{text:?}");
        }
    }
}
