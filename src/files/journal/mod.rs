//! A journal as JSON: to keep a real conversation as a fixture, to look at it elsewhere, and for snapshot tests.

mod read;
mod redacted;
mod write;

use std::path::Path;
use std::str::FromStr;
use std::{fmt, io};

use serde_json::Value;

pub(crate) use self::write::fault_record;
use crate::journal::Journal;
use crate::json::{FormatError, cursor};
use crate::whole_file;
use crate::words::debug_is_display;

/// What the file says of itself.
const FORMAT: &str = "journal 1";

impl Journal {
    /// The journal as JSON with all that it holds, raw heads and bodies included. It can be
    /// [read](#impl-FromStr-for-Journal) again; what is judged of a journal is then judged as before, though its faults are
    /// only remembered as sentences. A detail that is nested deeper than 100 levels, which would need more stack than the thread of
    /// a test may have, is there as a text, under `DetailText`.
    ///
    /// ```
    /// # let journal = putevents_mock::Engine::new().journal();
    /// use putevents_mock::Journal;
    ///
    /// let text = journal.to_json().to_string();
    /// let again: Journal = text.parse()?;
    /// assert_eq!(again.to_json(), journal.to_json());
    /// # Ok::<_, putevents_mock::files::JournalError>(())
    /// ```
    pub fn to_json(&self) -> Value {
        write::write(self)
    }

    /// The same as text, in which details are as they were sent also where a [`Value`] cannot hold them: digits beyond 64
    /// bits, and half of a surrogate pair. Read again, it is the same journal.
    pub fn to_json_text(&self) -> String {
        write::text(self, [], false)
    }

    /// Writes the journal into a file, as [`to_json_text`](Self::to_json_text), indented.
    ///
    /// The file is written whole or not at all: beside its place first, under a name that begins with `.putevents-mock-`, and then
    /// put there. A disk that is full, or the end of the process, leaves what was there before. The permissions of a file
    /// that is replaced stay, and a link to it stays a link. What is no file, such as a pipe, is written straight.
    ///
    /// # Errors
    ///
    /// Those of the file, and where its folder takes no new file; what was there before is then there still.
    pub fn save(&self, path: impl AsRef<Path>) -> io::Result<()> {
        whole_file::write(path.as_ref(), self.to_file_text([]))
    }

    /// The text of such a file, with members that the journal itself knows nothing of.
    pub(crate) fn to_file_text<'a>(&self, more: impl IntoIterator<Item = (&'a str, Value)>) -> String {
        write::text(self, more, true) + "\n"
    }

    /// Reads a journal that was [saved](Self::save).
    ///
    /// # Errors
    ///
    /// Where the file cannot be read, is not JSON, or holds something that no journal can; the error names the place.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, JournalError> {
        cursor::from_file(path.as_ref(), read::read).map_err(JournalError)
    }

    /// What a snapshot test wants to see of the conversation: entries with parsed details, outcomes, errors, faults and
    /// problems. Whatever is different in each run is left out or has a name instead: EventIds are `[event-1]`,
    /// `[event-2]`, ... in the order in which they were given, times are `[time]`.
    ///
    /// It is a `serde_json::Value`, as `insta::assert_json_snapshot!` takes it, with insta's own redactions for ids inside
    /// the details.
    pub fn redacted(&self) -> Value {
        redacted::redacted(self)
    }
}

impl FromStr for Journal {
    type Err = JournalError;

    fn from_str(text: &str) -> Result<Self, JournalError> {
        read::read(text).map_err(JournalError)
    }
}

/// Why a journal cannot be read, and where. It prints itself as a sentence, also with `{:?}`.
#[derive(Clone, PartialEq, Eq)]
pub struct JournalError(FormatError);

impl JournalError {
    /// Whether the file could not be read. Then [`source`](std::error::Error::source) is the [`std::io::Error`], whose text is part of
    /// this error's. Otherwise the file is no journal.
    pub fn is_io(&self) -> bool {
        self.0.io.is_some()
    }

    /// Where in the journal, such as `attempts[2].request`; empty for the journal as a whole.
    pub fn place(&self) -> &str {
        &self.0.place
    }
}

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

debug_is_display!(JournalError, source: |error| error.0.io.as_deref());
