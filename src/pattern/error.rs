//! Errors of event patterns.

use std::fmt;

/// The error of a text that is not an event pattern: the place, what is wrong there, and what to write instead.
///
/// ```
/// use putevents_mock::EventPattern;
///
/// let error = EventPattern::parse(r#"{"detail": {"state": [{"prefix": 3}]}}"#).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     r#"detail.state[0].prefix: must be a string or {"equals-ignore-case": a string}, but is 3"#
/// );
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct PatternError {
    place: String,
    reason: String,
}

impl PatternError {
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self { place: String::new(), reason: reason.into() }
    }

    /// The error of a whole field.
    pub(super) fn in_field(path: &str, reason: &str) -> Self {
        Self { place: path.to_owned(), reason: reason.to_owned() }
    }

    /// The error of a number that a 64-bit float cannot hold.
    pub(super) fn out_of_range(written: &str) -> Self {
        Self::new(format!("{written} is out of range; write a number of less than 1.8e308"))
    }

    /// Prefixes the place with the key of the object around it.
    pub(super) fn under(self, key: &str) -> Self {
        let dot = if self.place.is_empty() || self.place.starts_with('[') { "" } else { "." };
        Self { place: format!("{}{dot}{}", name(key), self.place), ..self }
    }

    /// Prefixes the place with the index in the array around it.
    pub(super) fn at(self, index: usize) -> Self {
        let dot = if self.place.is_empty() || self.place.starts_with('[') { "" } else { "." };
        Self { place: format!("[{index}]{dot}{}", self.place), ..self }
    }
}

/// Writes a key for a place: in quotes if it could be read as several keys.
fn name(key: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '$');
    if !key.is_empty() && key.chars().all(is_plain) { key.to_owned() } else { quoted(key) }
}

/// Writes a text as JSON.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place.as_str() {
            "" => f.write_str(&self.reason),
            place => write!(f, "{place}: {}", self.reason),
        }
    }
}

/// Prints the same as `Display`, so that `unwrap` reads well.
impl fmt::Debug for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for PatternError {}

/// The error of [`EventPattern::decide`](crate::EventPattern::decide): the mock cannot tell whether the pattern matches the
/// event.
///
/// It happens if several arrays of the event lead to the same path of the pattern. A key with a dot in it spells a path as an
/// object does: `{"a.b": [{"c": 1}], "a": {"b": [{"c": 2}]}}`. Choosing elements of such arrays is as hard as satisfying a
/// formula, so the search stops after 2,000,000 steps. Events without dots in their keys are always decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undecided {
    path: String,
}

impl Undecided {
    pub(super) fn new(path: &str) -> Self {
        Self { path: path.to_owned() }
    }
}

impl fmt::Display for Undecided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = quoted(&self.path);
        write!(
            f,
            "it is undecided whether the pattern matches: several arrays of the event lead to {path}, because a key with a dot in \
             it spells the path as an object does, and their elements can be chosen in too many ways; write the event without dots in \
             its keys"
        )
    }
}

impl std::error::Error for Undecided {}
