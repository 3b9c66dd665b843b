//! What becomes of an answer on its way.

use std::time::Duration;

use bytes::Bytes;

use crate::gate::Gate;

/// What the transport does with an answer. The default is to send it whole and at once.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Delivery {
    /// Held at this gate first.
    pub hold: Option<Gate>,
    /// Then delayed by this much.
    pub delay: Duration,
    /// Written in pieces of so many bytes, with a pause after each.
    pub pace: Option<(usize, Duration)>,
    /// How it ends.
    pub end: End,
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
    #[cfg(feature = "server")]
    pub(crate) fn offset(self, head: usize, body: usize) -> usize {
        match self {
            Self::Start => 0,
            Self::Head(bytes) => bytes.min(head),
            Self::Body(bytes) => head + bytes.min(body),
            Self::End => head + body,
        }
    }
}
