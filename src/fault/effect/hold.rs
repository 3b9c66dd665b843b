//! Gates that hold requests or replies.

use std::fmt;

use serde_json::Value;

use super::{AtStep, Kind, Turn};
use crate::fault::gate::Gate;

/// Holds the request until the test releases it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HoldRequest(pub(in crate::fault) Gate);

/// Holds the reply until the test releases it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HoldReply(pub(in crate::fault) Gate);

const ONLY_IN_PROGRAMS: &str = "a gate belongs to a running test and cannot be written as JSON";

impl fmt::Display for HoldRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a gate that holds the request")
    }
}

impl fmt::Display for HoldReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a gate that holds the reply")
    }
}

impl Kind for HoldRequest {
    fn write(&self) -> Result<(&'static str, Value), String> {
        Err(ONLY_IN_PROGRAMS.into())
    }
}

impl Kind for HoldReply {
    fn write(&self) -> Result<(&'static str, Value), String> {
        Err(ONLY_IN_PROGRAMS.into())
    }
}

impl AtStep for HoldRequest {
    type Done = Gate;

    fn apply(&self, _: Turn<'_>) -> Option<Gate> {
        Some(self.0.clone())
    }
}

impl AtStep for HoldReply {
    type Done = Gate;

    fn apply(&self, _: Turn<'_>) -> Option<Gate> {
        Some(self.0.clone())
    }
}
