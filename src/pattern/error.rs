//! Why something is no event pattern.

use std::fmt;

/// Why something is no event pattern: the place, what is wrong there, and what to write instead.
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

    /// The error of a field as a whole.
    pub(super) fn in_field(path: &str, reason: &str) -> Self {
        Self { place: path.to_owned(), reason: reason.to_owned() }
    }

    /// A number that no 64-bit float holds.
    pub(super) fn out_of_range(written: &str) -> Self {
        Self::new(format!("{written} is out of range; write a number of less than 1.8e308"))
    }

    /// The same error, seen from the object that holds the place under `key`.
    pub(super) fn under(self, key: &str) -> Self {
        let dot = if self.place.is_empty() || self.place.starts_with('[') { "" } else { "." };
        Self { place: format!("{}{dot}{}", name(key), self.place), ..self }
    }

    /// The same error, seen from the array that holds the place at `index`.
    pub(super) fn at(self, index: usize) -> Self {
        let dot = if self.place.is_empty() || self.place.starts_with('[') { "" } else { "." };
        Self { place: format!("[{index}]{dot}{}", self.place), ..self }
    }
}

/// A key as it stands in a place: in quotes where it could be mistaken for several.
fn name(key: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '$');
    if !key.is_empty() && key.chars().all(is_plain) { key.to_owned() } else { quoted(key) }
}

/// A text as JSON writes it.
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

/// The same as `Display`, so that `unwrap` reads well.
impl fmt::Debug for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for PatternError {}
