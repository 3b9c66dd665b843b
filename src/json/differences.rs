//! Where two JSON values differ.

use serde_json::Value;

use super::is_equal;

/// A place where two values differ; `None` stands for nothing at all.
pub(crate) struct Difference<'a> {
    /// A JSON pointer.
    pub(crate) path: String,
    pub(crate) one: Option<&'a Value>,
    pub(crate) other: Option<&'a Value>,
}

/// How many differences are looked for.
const MAX: usize = 1_000;

/// The places where two values differ, outermost first. Of very many the first thousand.
pub(crate) fn differences<'a>(one: &'a Value, other: &'a Value) -> Vec<Difference<'a>> {
    let mut differences = Vec::new();
    collect(one, other, String::new(), true, &mut differences);
    differences
}

/// The same where the other value may have members that the first one has not.
pub(crate) fn differences_of_common<'a>(one: &'a Value, other: &'a Value) -> Vec<Difference<'a>> {
    let mut differences = Vec::new();
    collect(one, other, String::new(), false, &mut differences);
    differences
}

fn collect<'a>(one: &'a Value, other: &'a Value, path: String, all: bool, differences: &mut Vec<Difference<'a>>) {
    if differences.len() >= MAX {
        return;
    }
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            for (key, value) in one {
                let path = format!("{path}/{}", escaped_key(key));
                match other.get(key) {
                    Some(other) => collect(value, other, path, all, differences),
                    None => differences.push(Difference { path, one: Some(value), other: None }),
                }
            }
            for (key, value) in other.iter().filter(|(key, _)| all && !one.contains_key(*key)) {
                let path = format!("{path}/{}", escaped_key(key));
                differences.push(Difference { path, one: None, other: Some(value) });
            }
        }
        (Value::Array(one), Value::Array(other)) => {
            for index in 0..one.len().max(other.len()) {
                let path = format!("{path}/{index}");
                match (one.get(index), other.get(index)) {
                    (Some(one), Some(other)) => collect(one, other, path, all, differences),
                    (one, other) => differences.push(Difference { path, one, other }),
                }
            }
        }
        _ if is_equal(one, other) => {}
        _ => differences.push(Difference { path, one: Some(one), other: Some(other) }),
    }
}

/// A key as a part of a JSON pointer.
pub(crate) fn escaped_key(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
