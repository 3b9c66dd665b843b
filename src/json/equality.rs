//! Equality of JSON by value: 100, 100.0 and 1e2 are the same number, and members may come in any order.

use std::hash::{Hash, Hasher};

use serde_json::{Number, Value};

/// Returns whether two values are equal by value.
pub(crate) fn is_equal(one: &Value, other: &Value) -> bool {
    ByValue(one) == ByValue(other)
}

/// A value with equality and hash by value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ByValue<'a>(pub(crate) &'a Value);

impl PartialEq for ByValue<'_> {
    fn eq(&self, other: &Self) -> bool {
        // Without recursion: a detail may be nested 1,000 levels deep.
        let mut pairs = vec![(self.0, other.0)];
        while let Some((one, other)) = pairs.pop() {
            match (one, other) {
                (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
                    pairs.extend(one.iter().zip(other));
                }
                (Value::Object(one), Value::Object(other)) if one.len() == other.len() => {
                    for (key, one) in one {
                        match other.get(key) {
                            Some(other) => pairs.push((one, other)),
                            None => return false,
                        }
                    }
                }
                (Value::Number(one), Value::Number(other)) => {
                    if one != other && digits(one) != digits(other) {
                        return false;
                    }
                }
                (Value::Null, Value::Null) => {}
                (Value::Bool(one), Value::Bool(other)) if one == other => {}
                (Value::String(one), Value::String(other)) if one == other => {}
                _ => return false,
            }
        }
        true
    }
}

impl Eq for ByValue<'_> {}

impl Hash for ByValue<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let mut rest = vec![self.0];
        while let Some(value) = rest.pop() {
            std::mem::discriminant(value).hash(state);
            match value {
                Value::Null => {}
                Value::Bool(value) => value.hash(state),
                Value::Number(number) => digits(number).hash(state),
                Value::String(text) => text.hash(state),
                Value::Array(items) => {
                    items.len().hash(state);
                    rest.extend(items);
                }
                Value::Object(members) => {
                    // With serde_json's feature `preserve_order` equal objects come in different orders.
                    let mut members: Vec<_> = members.iter().collect();
                    members.sort_unstable_by_key(|(key, _)| *key);
                    members.len().hash(state);
                    members.iter().for_each(|(key, _)| key.hash(state));
                    rest.extend(members.into_iter().map(|(_, member)| member));
                }
            }
        }
    }
}

fn digits(number: &Number) -> Option<Decimal> {
    decimal(&number.to_string())
}

/// Returns whether two numbers are equal, as they are written in JSON.
pub(crate) fn is_same_number(one: &str, other: &str) -> bool {
    one == other || decimal(one).zip(decimal(other)).is_some_and(|(one, other)| one == other)
}

/// The sign, the digits without zeros at either end, and the exponent of ten of the last digit.
pub(crate) type Decimal = (bool, String, i64);

/// Reads a number exactly, as it is written in JSON.
pub(crate) fn decimal(text: &str) -> Option<Decimal> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{}{fraction}", whole.trim_start_matches('-'));
    let significant = digits.trim_end_matches('0');
    if significant.is_empty() {
        return Some((false, String::new(), 0));
    }
    let zeros = i64::try_from(digits.len() - significant.len()).ok()?;
    let exponent =
        exponent.parse::<i64>().ok()?.checked_add(zeros)?.checked_sub(i64::try_from(fraction.len()).ok()?)?;
    Some((whole.starts_with('-'), significant.trim_start_matches('0').to_owned(), exponent))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::collections::hash_map::DefaultHasher;

    fn parsed(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    fn hash(value: &Value) -> u64 {
        let mut hasher = DefaultHasher::new();
        ByValue(value).hash(&mut hasher);
        hasher.finish()
    }

    #[test]
    fn numbers_are_equal_by_value_wherever_they_stand() {
        for (one, other) in [
            ("100", "100.0"),
            ("100", "1e2"),
            ("[0]", "[-0.0]"),
            (r#"{"a":[1,{"b":0.5}]}"#, r#"{"a":[1.0,{"b":5e-1}]}"#),
            (r#"{"a":1,"b":2}"#, r#"{"b":2,"a":1}"#),
        ] {
            let (one, other) = (parsed(one), parsed(other));
            assert!(is_equal(&one, &other), "{one} {other}");
            assert_eq!(hash(&one), hash(&other), "{one} {other}");
        }
        for (one, other) in [
            ("100", "100.5"),
            ("1", "-1"),
            ("1", r#""1""#),
            ("[1]", "[1,1]"),
            (r#"{"a":1}"#, r#"{"a":1,"b":1}"#),
            (r#"{"a":1}"#, r#"{"b":1}"#),
            ("9007199254740993", "9007199254740992"),
            ("null", "0"),
        ] {
            assert!(!is_equal(&parsed(one), &parsed(other)), "{one} {other}");
        }
        assert!(!is_equal(&json!(true), &json!(false)));
    }
}
