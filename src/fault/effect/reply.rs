//! Replies that do not say what happened.

use std::fmt;

use serde_json::Value;

use super::malformed::{MalformedReply, read_malformed, write_malformed};
use super::{AtStep, Ending, Kind, Read, Turn};
use crate::fault::delivery::{Cut, End};
use crate::json::Cursor;
use crate::service::{RequestError, read_request_error, write_request_error};

/// What the reply says instead of the outcomes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ReplyEffect {
    /// The request failed, although its entries were checked and accepted.
    Lost(RequestError),
    /// A reply that breaks the rules of the service.
    Malformed(MalformedReply),
}

/// Reads a lost reply: `true` is a reset after acceptance.
pub(super) fn read_lost_reply(at: &Cursor<'_>) -> Read {
    if *at.value == Value::Bool(true) {
        return Ok(Ending(End::Reset(Cut::Start)).into());
    }
    read_request_error(at).map(|error| ReplyEffect::Lost(error).into())
}

/// Reads the body of a reply. A string is the body as it is. An object or a list is written as JSON.
pub(super) fn read_answer(at: &Cursor<'_>) -> Read {
    let body = match at.value {
        Value::String(body) => body.clone(),
        Value::Object(_) | Value::Array(_) => at.value.to_string(),
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            return at.is_wrong("a body: write an object, a list, or any other body as a string");
        }
    };
    Ok(ReplyEffect::Malformed(MalformedReply::Body(body)).into())
}

pub(super) fn read_malformed_reply(at: &Cursor<'_>) -> Read {
    if let Some(body) = at.get("body") {
        return Err(
            body.error("a body that the test writes is another effect: write \"answer\" instead of \"malformedReply\"")
        );
    }
    read_malformed(at).map(|how| ReplyEffect::Malformed(how).into())
}

impl fmt::Display for ReplyEffect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost(error) => write!(f, "{error} (after acceptance)"),
            Self::Malformed(how) => write!(f, "a reply with {how}"),
        }
    }
}

impl Kind for ReplyEffect {
    fn write(&self) -> Result<(&'static str, Value), String> {
        Ok(match self {
            Self::Lost(error) => ("lostReply", write_request_error(error)),
            Self::Malformed(MalformedReply::Body(body)) => ("answer", body.as_str().into()),
            Self::Malformed(how) => ("malformedReply", write_malformed(how)),
        })
    }

    fn meets_refusals(&self) -> bool {
        false
    }

    fn needs_entries(&self) -> bool {
        matches!(self, Self::Malformed(how) if !how.is_about_any_answer())
    }
}

impl AtStep for ReplyEffect {
    type Done = Self;

    fn apply(&self, _: Turn<'_>) -> Option<Self> {
        Some(self.clone())
    }
}
