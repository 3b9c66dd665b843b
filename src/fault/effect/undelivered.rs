//! Entries that are accepted and never delivered.

use std::fmt;

use serde_json::Value;

use super::{AtStep, Kind, Read, Turn};
use crate::json::Cursor;

/// The accepted entry reaches no rule.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Undelivered;

pub(super) fn read(at: &Cursor<'_>) -> Read {
    at.yes().map(|()| Undelivered.into())
}

impl fmt::Display for Undelivered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("acceptance without delivery")
    }
}

impl Kind for Undelivered {
    fn write(&self) -> Result<(&'static str, Value), String> {
        Ok(("undelivered", true.into()))
    }
}

impl AtStep for Undelivered {
    type Done = ();

    fn apply(&self, _: Turn<'_>) -> Option<()> {
        Some(())
    }
}
