//! Journals as JSON: for fixtures, for other programs, and for snapshot tests.

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

/// The value of the member `putevents-mock`: the version of the format.
const FORMAT: &str = "journal 1";

impl Journal {
    /// Returns the whole journal as JSON, with the heads and bodies of requests and replies.
    ///
    /// The JSON can be [read](#impl-FromStr-for-Journal) again. All assertions then judge the journal as before. Of faults only
    /// their sentences and counts are kept. A detail that is nested deeper than 100 levels stands as a text under `DetailText`,
    /// because it would need more stack than the thread of a test may have.
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

    /// Returns the whole journal as JSON text. Details stand in it as they were sent, even if a [`Value`] cannot hold them:
    /// numbers beyond 64 bits, and half of a surrogate pair. The text can be read again as the same journal.
    pub fn to_json_text(&self) -> String {
        write::text(self, [], false)
    }

    /// Writes the journal into a file, as [`to_json_text`](Self::to_json_text), indented.
    ///
    /// The file is written whole or not at all. It is first written beside its place, under a name that begins with
    /// `.putevents-mock-`, and then renamed. If the disk is full or the process ends, the earlier file stays. A replaced file
    /// keeps its permissions, and a link stays a link. A pipe or a device is written directly.
    ///
    /// # Errors
    ///
    /// If the file cannot be written, or its folder takes no new file. The earlier file is then unchanged.
    pub fn save(&self, path: impl AsRef<Path>) -> io::Result<()> {
        whole_file::write(path.as_ref(), self.to_file_text([]))
    }

    /// The text of a saved journal, with more members.
    pub(crate) fn to_file_text<'a>(&self, more: impl IntoIterator<Item = (&'a str, Value)>) -> String {
        write::text(self, more, true) + "\n"
    }

    /// Reads a journal that was [saved](Self::save).
    ///
    /// ```
    /// # let journal = putevents_mock::Engine::new().journal();
    /// use putevents_mock::Journal;
    ///
    /// # let path = std::env::temp_dir().join(format!("putevents-mock-doc-{}.json", std::process::id()));
    /// journal.save(&path)?;
    /// let again = Journal::from_file(&path)?;
    /// again.ledger().expecting_none().assert_none_lost();
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the file cannot be read, is not JSON, or is not a journal. The error names the place.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, JournalError> {
        cursor::from_file(path.as_ref(), read::read).map_err(JournalError)
    }

    /// Returns the journal as JSON for a snapshot test: entries with parsed details, outcomes, errors, faults and problems.
    ///
    /// What differs between runs is left out or has a name: EventIds are `[event-1]`, `[event-2]`, ... in order, and times are
    /// `[time]`. Pass the value to `insta::assert_json_snapshot!`. For ids inside the details, use insta's own redactions.
    ///
    /// ```
    /// # let journal = putevents_mock::Engine::new().journal();
    /// assert_eq!(journal.redacted(), serde_json::json!({ "attempts": [], "problems": [] }));
    /// ```
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

/// The error of a journal that cannot be read. It prints itself as a sentence with the place, also with `{:?}`.
#[derive(Clone, PartialEq, Eq)]
pub struct JournalError(FormatError);

impl JournalError {
    /// Returns whether the file could not be read. Then [`source`](std::error::Error::source) returns the [`std::io::Error`], whose
    /// text is part of this error's text. If false, the file was read, and is not a journal.
    pub fn is_io(&self) -> bool {
        self.0.io.is_some()
    }

    /// Returns the place in the journal, such as `attempts[2].request`. Empty for the journal as a whole.
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
