//! The places in which two JSON values differ.

use serde_json::Value;

use super::is_equal;

/// A place in which two values differ. `None` stands for an absent value.
pub(crate) struct Difference<'a> {
    /// The JSON pointer of the place.
    pub(crate) path: String,
    pub(crate) one: Option<&'a Value>,
    pub(crate) other: Option<&'a Value>,
}

/// How many differences are collected.
const MAX: usize = 1_000;

/// Returns the places in which two values differ, outermost first, and at most 1,000.
pub(crate) fn differences<'a>(one: &'a Value, other: &'a Value) -> Vec<Difference<'a>> {
    differences_except(one, other, &[])
}

/// Returns the differences without the values at these JSON pointers, and everything inside them.
pub(crate) fn differences_except<'a>(one: &'a Value, other: &'a Value, except: &[String]) -> Vec<Difference<'a>> {
    let mut search = Search { all: true, except, found: Vec::new() };
    search.look(String::new(), Some(one), Some(other));
    search.found
}

/// Returns the differences. Members that only the other value has do not count.
pub(crate) fn differences_of_common<'a>(one: &'a Value, other: &'a Value) -> Vec<Difference<'a>> {
    let mut search = Search { all: false, except: &[], found: Vec::new() };
    search.look(String::new(), Some(one), Some(other));
    search.found
}

struct Search<'a, 'e> {
    /// Whether members that only the other value has count.
    all: bool,
    except: &'e [String],
    found: Vec<Difference<'a>>,
}

impl<'a> Search<'a, '_> {
    fn look(&mut self, path: String, one: Option<&'a Value>, other: Option<&'a Value>) {
        if self.found.len() >= MAX || self.except.contains(&path) {
            return;
        }
        match (one, other) {
            (Some(Value::Object(one)), Some(Value::Object(other))) => {
                for (key, value) in one {
                    self.look(format!("{path}/{}", escaped_key(key)), Some(value), other.get(key));
                }
                let all = self.all;
                for (key, value) in other.iter().filter(|(key, _)| all && !one.contains_key(*key)) {
                    self.look(format!("{path}/{}", escaped_key(key)), None, Some(value));
                }
            }
            (Some(Value::Array(one)), Some(Value::Array(other))) => {
                for index in 0..one.len().max(other.len()) {
                    self.look(format!("{path}/{index}"), one.get(index), other.get(index));
                }
            }
            (Some(one), Some(other)) if is_equal(one, other) => {}
            _ => self.found.push(Difference { path, one, other }),
        }
    }
}

/// Escapes a key for a JSON pointer.
pub(crate) fn escaped_key(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
