//! Connections that end before, inside or right after the reply.

use std::fmt;

use bytes::Bytes;
use serde_json::{Value, json};

use super::{AtStep, Kind, Read, Turn};
use crate::fault::delivery::{Cut, End};
use crate::json::Cursor;

/// The default bytes of [`End::Garbage`]. They are not HTTP.
pub(in crate::fault) const GARBAGE: Bytes =
    Bytes::from_static(b"\x15\x03\x01\x00\x02\x02\x16 this is not HTTP\r\n\r\n");

/// The connection ends like this. The service never sees the request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Unseen(pub(crate) End);

/// The reply ends like this.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ending(pub(crate) End);

/// Returns whether an end needs no reply, so that it can also come before the service sees the request.
pub(in crate::fault) fn may_come_before_acceptance(end: &End) -> bool {
    matches!(end, End::Reset(Cut::Start) | End::Closed(Cut::Start) | End::Stalled(_) | End::Garbage(_))
}

fn unseen(at: &Cursor<'_>, end: End) -> Read {
    at.yes().map(|()| Unseen(end).into())
}

fn after(at: &Cursor<'_>, end: impl Fn(usize) -> End) -> Read {
    at.whole_number().map(|bytes| Ending(end(bytes)).into())
}

pub(super) fn read_reset(at: &Cursor<'_>) -> Read {
    unseen(at, End::Reset(Cut::Start))
}

pub(super) fn read_empty_response(at: &Cursor<'_>) -> Read {
    unseen(at, End::Closed(Cut::Start))
}

pub(super) fn read_stall(at: &Cursor<'_>) -> Read {
    unseen(at, End::Stalled(Cut::Start))
}

/// `true`, a text, or `{"bytes": [...]}`.
pub(super) fn read_garbage(at: &Cursor<'_>) -> Read {
    let bytes: Bytes = match at.value {
        Value::Bool(true) => GARBAGE,
        Value::String(text) => text.clone().into(),
        _ => {
            at.object_or("true, a text or {\"bytes\": [...]}")?;
            at.allow(&["bytes"])?;
            at.required("bytes")?.each(Cursor::whole_number::<u8>)?.into()
        }
    };
    Ok(Unseen(End::Garbage(bytes)).into())
}

pub(super) fn read_truncated_head(at: &Cursor<'_>) -> Read {
    after(at, |bytes| End::Closed(Cut::Head(bytes)))
}

pub(super) fn read_truncated_body(at: &Cursor<'_>) -> Read {
    after(at, |bytes| End::Closed(Cut::Body(bytes)))
}

pub(super) fn read_reset_in_head(at: &Cursor<'_>) -> Read {
    after(at, |bytes| End::Reset(Cut::Head(bytes)))
}

pub(super) fn read_reset_in_body(at: &Cursor<'_>) -> Read {
    after(at, |bytes| End::Reset(Cut::Body(bytes)))
}

pub(super) fn read_close_after_reply(at: &Cursor<'_>) -> Read {
    at.yes().map(|()| Ending(End::Closed(Cut::End)).into())
}

fn write(end: &End) -> (&'static str, Value) {
    match end {
        End::Reset(Cut::Head(bytes)) => ("resetInHead", (*bytes).into()),
        End::Reset(Cut::Body(bytes)) => ("resetInBody", (*bytes).into()),
        End::Reset(Cut::Start | Cut::End) => ("reset", true.into()),
        End::Closed(Cut::Head(bytes)) => ("truncatedHead", (*bytes).into()),
        End::Closed(Cut::Body(bytes)) => ("truncatedBody", (*bytes).into()),
        End::Closed(Cut::End) | End::Whole => ("closeAfterReply", true.into()),
        End::Closed(Cut::Start) => ("emptyResponse", true.into()),
        End::Stalled(_) => ("stall", true.into()),
        End::Garbage(bytes) if *bytes == GARBAGE => ("garbage", true.into()),
        End::Garbage(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => ("garbage", text.into()),
            Err(_) => ("garbage", json!({ "bytes": bytes.to_vec() })),
        },
    }
}

fn say(end: &End, when: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match end {
        End::Reset(Cut::Start) => write!(f, "a reset without a reply ({when} acceptance)"),
        End::Closed(Cut::Start) => write!(f, "a close without a reply ({when} acceptance)"),
        End::Stalled(_) => write!(f, "a stall without a reply ({when} acceptance)"),
        End::Garbage(_) => write!(f, "garbage instead of a reply ({when} acceptance)"),
        End::Reset(cut) => write!(f, "a reset {cut}"),
        End::Closed(cut) => write!(f, "a close {cut}"),
        End::Whole => f.write_str("a whole reply"),
    }
}

impl fmt::Display for Unseen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        say(&self.0, "before", f)
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        say(&self.0, "after", f)
    }
}

impl Kind for Unseen {
    fn write(&self) -> Result<(&'static str, Value), String> {
        Ok(write(&self.0))
    }
}

impl Kind for Ending {
    fn write(&self) -> Result<(&'static str, Value), String> {
        Ok(write(&self.0))
    }

    fn meets_refusals(&self) -> bool {
        self.0 == End::Closed(Cut::End)
    }
}

impl AtStep for Unseen {
    type Done = End;

    fn apply(&self, _: Turn<'_>) -> Option<End> {
        Some(self.0.clone())
    }
}

impl AtStep for Ending {
    type Done = End;

    fn apply(&self, _: Turn<'_>) -> Option<End> {
        Some(self.0.clone())
    }
}
