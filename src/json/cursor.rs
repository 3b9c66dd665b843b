//! A JSON value with its path, for files that people write. An error names the place, and everything else that is wrong in the
//! file.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, io};

use serde_json::{Map, Value};

use super::near::did_you_mean;
use crate::printable::printable;

/// What is wrong with a value, and where: the file, if there is one, and the place in it, if there is one.
#[derive(Debug, Clone)]
pub(crate) struct FormatError {
    pub(crate) file: String,
    pub(crate) place: String,
    pub(crate) message: String,
    /// The other errors of the file.
    others: Vec<Self>,
    /// The reason why the file could not be read.
    pub(crate) io: Option<Arc<io::Error>>,
}

/// Two errors are equal if they say the same. An [`io::Error`] cannot be compared; its text is in the message.
impl PartialEq for FormatError {
    fn eq(&self, other: &Self) -> bool {
        (&self.file, &self.place, &self.message, &self.others)
            == (&other.file, &other.place, &other.message, &other.others)
    }
}

impl Eq for FormatError {}

impl FormatError {
    pub(crate) fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { file: String::new(), place: place.into(), message: message.into(), others: Vec::new(), io: None }
    }

    /// The error of a file that could not be read.
    fn unread(error: io::Error) -> Self {
        let message = error.to_string();
        Self { io: Some(Arc::new(error)), ..Self::new("", message) }
    }

    /// Adds the name of the file.
    pub(crate) fn in_file(mut self, file: &str) -> Self {
        self.others.iter_mut().for_each(|other| file.clone_into(&mut other.file));
        Self { file: file.to_owned(), ..self }
    }
}

/// Everything that was found wrong so far, by a reader that continues after an error.
#[derive(Default)]
pub(crate) struct Wrong(Option<FormatError>);

impl Wrong {
    /// Returns what was read, or notes the error.
    pub(crate) fn note<T>(&mut self, read: Result<T, FormatError>) -> Option<T> {
        let mut error = match read {
            Ok(value) => return Some(value),
            Err(error) => error,
        };
        match &mut self.0 {
            None => self.0 = Some(error),
            Some(first) => {
                let others = std::mem::take(&mut error.others);
                first.others.push(error);
                first.others.extend(others);
            }
        }
        None
    }

    pub(crate) fn is_any(&self) -> bool {
        self.0.is_some()
    }

    /// Returns the value, if nothing was wrong.
    pub(crate) fn unless<T>(self, value: T) -> Result<T, FormatError> {
        self.0.map_or(Ok(value), Err)
    }
}

/// What is wrong with a value that both programs and files can have, in the words of each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unfit {
    pub(crate) in_program: String,
    pub(crate) in_file: String,
}

impl Unfit {
    /// A sentence that ends with what to write instead: in Rust, or in JSON.
    pub(crate) fn new(what: impl fmt::Display, in_program: &str, in_file: &str) -> Self {
        Self { in_program: format!("{what}{in_program}"), in_file: format!("{what}{in_file}") }
    }
}

impl From<String> for Unfit {
    fn from(message: String) -> Self {
        Self { in_program: message.clone(), in_file: message }
    }
}

impl From<&str> for Unfit {
    fn from(message: &str) -> Self {
        message.to_owned().into()
    }
}

/// Returns the value, or panics at the caller's line in the words of programs.
#[track_caller]
pub(crate) fn or_panic<T, E: Into<Unfit>>(checked: Result<T, E>) -> T {
    match checked {
        Ok(value) => value,
        Err(error) => panic!("{}", error.into().in_program),
    }
}

/// Prints `plan.json: faults[2].times: ...`, one line for each error.
impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in [&self.file, &self.place] {
            if !part.is_empty() {
                write!(f, "{}: ", printable(part))?;
            }
        }
        f.write_str(&printable(&self.message))?;
        self.others.iter().try_for_each(|other| write!(f, "\n{other}"))
    }
}

/// The deepest nesting of the JSON of a file that people write: serde_json's own limit.
const MAX_DEPTH: usize = 127;

/// Parses the JSON of a text, which may begin with a byte order mark. What a value cannot hold is read as in a detail.
pub(crate) fn parse(text: &str) -> Result<Value, FormatError> {
    parse_to(text, MAX_DEPTH)
}

/// Parses JSON that may be nested up to this depth.
pub(crate) fn parse_to(text: &str, max_depth: usize) -> Result<Value, FormatError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_json::from_str(text)
        .or_else(|error| super::parse(text, max_depth).ok_or(error))
        .map_err(|error| FormatError::new("", format!("not JSON: {error}")))
}

/// Reads a file. An error has the name of the file.
pub(crate) fn from_file<T>(path: &Path, read: impl FnOnce(&str) -> Result<T, FormatError>) -> Result<T, FormatError> {
    from_bytes(&path.display().to_string(), std::fs::read(path), read)
}

/// Reads the bytes of a file. An error has the name of the file.
pub(crate) fn from_bytes<T>(
    name: &str,
    bytes: io::Result<Vec<u8>>,
    read: impl FnOnce(&str) -> Result<T, FormatError>,
) -> Result<T, FormatError> {
    let bytes = bytes.map_err(FormatError::unread);
    let read = bytes.and_then(|bytes| read(utf8(&bytes).map_err(|message| FormatError::new("", message))?));
    read.map_err(|error| error.in_file(name))
}

/// Returns bytes as text, or what is wrong with them. Editors and shells on Windows often write UTF-16.
pub(crate) fn utf8(bytes: &[u8]) -> Result<&str, String> {
    if let [0xff, 0xfe, ..] | [0xfe, 0xff, ..] = bytes {
        return Err("this is UTF-16: save it as UTF-8".into());
    }
    std::str::from_utf8(bytes).map_err(|error| format!("not UTF-8: {error}"))
}

/// A value and its path.
pub(crate) struct Cursor<'a> {
    pub(crate) value: &'a Value,
    pub(crate) place: String,
}

impl<'a> Cursor<'a> {
    pub(crate) fn root(value: &'a Value) -> Self {
        Self { value, place: String::new() }
    }

    pub(crate) fn error(&self, message: impl Into<String>) -> FormatError {
        FormatError::new(self.place.clone(), message)
    }

    /// Turns the error of a builder into an error at this place, in the words of files.
    pub(crate) fn check<T, E: Into<Unfit>>(&self, checked: Result<T, E>) -> Result<T, FormatError> {
        checked.map_err(|error| self.error(error.into().in_file))
    }

    pub(crate) fn is_wrong<T>(&self, wanted: &str) -> Result<T, FormatError> {
        Err(self.error(format!("{} is not {wanted}", self.value)))
    }

    /// Returns the error for an unknown name of a thing.
    pub(crate) fn is_not_known<T>(&self, name: &str, thing: &str, known: &[&str]) -> Result<T, FormatError> {
        let near = did_you_mean(name, known.iter().copied());
        let (near, write) = if near.is_empty() { (";".to_owned(), "write") } else { (near, "Write") };
        Err(self.error(format!("{name:?} is not {thing}{near} {write} one of {}", known.join(", "))))
    }

    /// Refuses every value except an object. `wanted` names the other allowed forms.
    pub(crate) fn object_or(&self, wanted: &str) -> Result<(), FormatError> {
        if self.value.is_object() { Ok(()) } else { self.is_wrong(wanted) }
    }

    pub(crate) fn members(&self) -> Result<&'a Map<String, Value>, FormatError> {
        self.value.as_object().map_or_else(|| self.is_wrong("an object"), Ok)
    }

    pub(crate) fn get(&self, name: &str) -> Option<Cursor<'a>> {
        let place = if self.place.is_empty() { name.to_owned() } else { format!("{}.{name}", self.place) };
        self.value.get(name).map(|value| Cursor { value, place })
    }

    pub(crate) fn required(&self, name: &str) -> Result<Cursor<'a>, FormatError> {
        self.members()?;
        self.get(name).map_or_else(|| Err(self.error(format!("there is no {name:?}"))), Ok)
    }

    /// Reads a member, if it is there.
    pub(crate) fn optional<T>(
        &self,
        name: &str,
        read: impl FnOnce(&Cursor<'a>) -> Result<T, FormatError>,
    ) -> Result<Option<T>, FormatError> {
        self.get(name).map(|at| read(&at)).transpose()
    }

    /// Refuses all members except these.
    pub(crate) fn allow(&self, known: &[&str]) -> Result<(), FormatError> {
        let mut wrong = Wrong::default();
        for name in self.members()?.keys().filter(|name| !known.contains(&name.as_str())) {
            wrong.note::<()>(Err(self.error(match did_you_mean(name, known.iter().copied()) {
                none if none.is_empty() => format!("{name:?} is not known here; write one of {}", known.join(", ")),
                near => format!("{name:?} is not known here{near} Write one of {}", known.join(", ")),
            })));
        }
        wrong.unless(())
    }

    /// Returns the rows whose names are members here, each with its member.
    pub(crate) fn present<'r, R>(&self, rows: &'r [R], name: impl Fn(&R) -> &str) -> Vec<(&'r R, Cursor<'a>)> {
        rows.iter().filter_map(|row| Some((row, self.get(name(row))?))).collect()
    }

    pub(crate) fn items(&self) -> Result<Vec<Cursor<'a>>, FormatError> {
        let Some(items) = self.value.as_array() else { return self.is_wrong("a list") };
        let at = |(index, value)| Cursor { value, place: format!("{}[{index}]", self.place) };
        Ok(items.iter().enumerate().map(at).collect())
    }

    /// Reads each item of a list.
    pub(crate) fn each<T>(&self, read: impl Fn(&Cursor<'a>) -> Result<T, FormatError>) -> Result<Vec<T>, FormatError> {
        let mut wrong = Wrong::default();
        let all = self.items()?.iter().filter_map(|item| wrong.note(read(item))).collect();
        wrong.unless(all)
    }

    pub(crate) fn text(&self) -> Result<&'a str, FormatError> {
        self.value.as_str().map_or_else(|| self.is_wrong("a string"), Ok)
    }

    pub(crate) fn number(&self) -> Result<f64, FormatError> {
        self.value.as_f64().map_or_else(|| self.is_wrong("a number"), Ok)
    }

    pub(crate) fn whole_number<T: TryFrom<u64>>(&self) -> Result<T, FormatError> {
        let number = self.value.as_u64().and_then(|number| T::try_from(number).ok());
        number.map_or_else(|| self.is_wrong("a whole number from 0 up"), Ok)
    }

    /// Reads a duration, to the nanosecond.
    pub(crate) fn milliseconds(&self) -> Result<Duration, FormatError> {
        if let Some(whole) = self.value.as_u64() {
            return Ok(Duration::from_millis(whole));
        }
        let number = self.number()?;
        let Ok(duration) = Duration::try_from_secs_f64(number / 1_000.0) else {
            return self.is_wrong("a number of milliseconds from 0 up");
        };
        // Below 1e12 ms the nanoseconds are computed without the rounding of the division. Above, a nanosecond does not matter.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked by the condition")]
        let nanoseconds = (number < 1e12).then(|| Duration::from_nanos((number * 1e6).round() as u64));
        Ok(nanoseconds.unwrap_or(duration))
    }

    /// Reads a member whose only value is `true`.
    pub(crate) fn yes(&self) -> Result<(), FormatError> {
        if *self.value == Value::Bool(true) { Ok(()) } else { self.is_wrong("true; write true, or leave it out") }
    }

    pub(crate) fn boolean(&self) -> Result<bool, FormatError> {
        self.value.as_bool().map_or_else(|| self.is_wrong("true or false"), Ok)
    }
}
