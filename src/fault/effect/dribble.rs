//! Replies in small pieces.

use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

use super::{AtStep, Kind, Read, Turn};
use crate::fault::delivery::Pace;
use crate::json::{Cursor, milliseconds};
use crate::words::count;

/// Sends the reply in pieces of this many bytes, with a pause after each piece.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Dribble {
    pub(in crate::fault) bytes: usize,
    pub(in crate::fault) every: Duration,
}

pub(super) fn read(at: &Cursor<'_>) -> Read {
    at.object_or("{\"bytes\": ..., \"everyMs\": ...}")?;
    at.allow(&["bytes", "everyMs"])?;
    let bytes = at.required("bytes")?;
    match bytes.whole_number()? {
        0 => bytes.is_wrong("a number of bytes in a piece: write 1 or more, or use stall"),
        number => Ok(Dribble { bytes: number, every: at.required("everyMs")?.milliseconds()? }.into()),
    }
}

impl fmt::Display for Dribble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a reply in pieces of {} every {:?}", count(self.bytes, "byte"), self.every)
    }
}

impl Kind for Dribble {
    fn write(&self) -> Result<(&'static str, Value), String> {
        Ok(("dribble", json!({ "bytes": self.bytes, "everyMs": milliseconds(self.every) })))
    }
}

impl AtStep for Dribble {
    type Done = Pace;

    fn apply(&self, _: Turn<'_>) -> Option<Pace> {
        Some(Pace { bytes: self.bytes, every: self.every })
    }
}
