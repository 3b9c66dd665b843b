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

/// Why it cannot be said whether an [`EventPattern`](crate::EventPattern) means an event.
///
/// Several arrays of the event lead to one path of the pattern: a key with a dot in it spells the path as an object does, as in
/// `{"a.b": [{"c": 1}], "a": {"b": [{"c": 2}]}}`. To choose elements of such arrays is as hard as to satisfy a formula, so only
/// 2,000,000 steps are taken. Events whose keys have no dots are always decided.
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
            "it is undecided whether the pattern matches: several arrays of the event lead to {path}, since a key with a dot in it \
             spells the path as an object does, and their elements can be chosen in too many ways; write the event without dots in \
             its keys"
        )
    }
}

impl std::error::Error for Undecided {}
