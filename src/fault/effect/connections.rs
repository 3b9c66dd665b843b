//! Connections that fail before a request.

use std::fmt;

use serde_json::Value;

use super::{AtStep, Kind, Read, Turn};
use crate::json::Cursor;

/// No connection is accepted.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RefuseConnections;

/// A connection is accepted and reset at once.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ResetOnConnect;

pub(super) fn read_refuse(at: &Cursor<'_>) -> Read {
    at.yes().map(|()| RefuseConnections.into())
}

pub(super) fn read_reset(at: &Cursor<'_>) -> Read {
    at.yes().map(|()| ResetOnConnect.into())
}

impl fmt::Display for RefuseConnections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("connections refused")
    }
}

impl fmt::Display for ResetOnConnect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a reset on connect")
    }
}

impl Kind for RefuseConnections {
    fn write(&self) -> Result<(&'static str, Value), String> {
        Ok(("refuseConnections", true.into()))
    }
}

impl Kind for ResetOnConnect {
    fn write(&self) -> Result<(&'static str, Value), String> {
        Ok(("resetOnConnect", true.into()))
    }
}

impl AtStep for ResetOnConnect {
    type Done = ();

    fn apply(&self, _: Turn<'_>) -> Option<()> {
        Some(())
    }
}
