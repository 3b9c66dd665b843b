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
    differences_except(one, other, &[])
}

/// The same without what stands at these JSON pointers, and whatever is inside.
pub(crate) fn differences_except<'a>(one: &'a Value, other: &'a Value, except: &[String]) -> Vec<Difference<'a>> {
    let mut search = Search { all: true, except, found: Vec::new() };
    search.look(String::new(), Some(one), Some(other));
    search.found
}

/// The same where the other value may have members that the first one has not.
pub(crate) fn differences_of_common<'a>(one: &'a Value, other: &'a Value) -> Vec<Difference<'a>> {
    let mut search = Search { all: false, except: &[], found: Vec::new() };
    search.look(String::new(), Some(one), Some(other));
    search.found
}

struct Search<'a, 'e> {
    /// Whether members count that only the other value has.
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

/// A key as a part of a JSON pointer.
pub(crate) fn escaped_key(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
