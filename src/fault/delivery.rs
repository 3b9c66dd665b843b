//! What becomes of an answer on its way.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use super::Gate;
use crate::words::count;

/// What the transport does with an answer. The default is to send it whole and at once.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Delivery {
    /// Held at this gate first.
    pub hold: Option<Gate>,
    /// Then delayed by this much.
    pub delay: Duration,
    /// Written in small pieces.
    pub pace: Option<Pace>,
    /// How it ends.
    pub end: End,
}

/// The pieces in which an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pace {
    /// The length of a piece, in bytes: 1 or more.
    pub bytes: usize,
    /// The pause after each piece.
    pub every: Duration,
}

/// How an answer ends.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub enum End {
    /// Complete, and the connection stays as HTTP has it.
    #[default]
    Whole,
    /// There the connection is closed in order (FIN).
    Closed(Cut),
    /// There the connection is reset (RST).
    Reset(Cut),
    /// There nothing more comes, and the connection stays open until the client gives up.
    Stalled(Cut),
    /// These bytes come instead of the answer, and the connection is closed.
    Garbage(Bytes),
}

/// A place in an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cut {
    /// Before its first byte.
    Start,
    /// After so many bytes of its status line and headers, or at the end of them.
    Head(usize),
    /// After its headers and so many bytes of its body, or at the end of it.
    Body(usize),
    /// After its last byte.
    End,
}

impl Delivery {
    pub(crate) fn ending(end: End) -> Self {
        Self { end, ..Self::default() }
    }
}

impl Cut {
    /// How many bytes of an answer come before this place.
    pub(crate) fn offset(self, head: usize, body: usize) -> usize {
        match self {
            Self::Start => 0,
            Self::Head(bytes) => bytes.min(head),
            Self::Body(bytes) => head + bytes.min(body),
            Self::End => head + body,
        }
    }
}

/// What became of an answer: `reset after 17 bytes of the body`.
impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => f.write_str("answered"),
            Self::Closed(cut) => write!(f, "closed {cut}"),
            Self::Reset(cut) => write!(f, "reset {cut}"),
            Self::Stalled(cut) => write!(f, "stalled {cut}"),
            Self::Garbage(bytes) => write!(f, "closed after {} of garbage", count(bytes.len(), "byte")),
        }
    }
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start => f.write_str("without an answer"),
            Self::Head(bytes) => write!(f, "after {} of the answer's head", count(*bytes, "byte")),
            Self::Body(bytes) => write!(f, "after {} of the answer's body", count(*bytes, "byte")),
            Self::End => f.write_str("after the answer"),
        }
    }
}
