//! How the transport delivers a reply.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use super::Gate;
use crate::words::count;

/// How the transport delivers a reply. The default is to send it whole and at once.
///
/// A program with its own transport carries it out, in this order: hold, delay, pace, end.
///
/// ```
/// use putevents_mock::engine::{Cut, Delivery, End};
///
/// let delivery = Delivery::default();
/// assert_eq!((delivery.hold, delivery.pace, delivery.end), (None, None, End::Whole));
/// assert_eq!(End::Reset(Cut::Body(17)).to_string(), "reset after 17 bytes of the reply's body");
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Delivery {
    /// The gate that holds the reply first.
    pub hold: Option<Gate>,
    /// The delay after that.
    pub delay: Duration,
    /// The pieces in which the reply is written; `None` for the whole reply at once.
    pub pace: Option<Pace>,
    /// Where and how the reply ends.
    pub end: End,
}

/// The pieces in which a reply is written.
///
/// [`Fault::dribble`](crate::Fault::dribble) sets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pace {
    /// The length of a piece in bytes, 1 or more.
    pub bytes: usize,
    /// The pause after each piece.
    pub every: Duration,
}

/// How a reply ends.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub enum End {
    /// Complete. HTTP decides whether the connection stays open.
    #[default]
    Whole,
    /// The connection is closed cleanly (FIN) at this place.
    Closed(Cut),
    /// The connection is reset (RST) at this place.
    Reset(Cut),
    /// Nothing more is sent after this place. The connection stays open until the client gives up.
    Stalled(Cut),
    /// These bytes are sent instead of the reply, and the connection is closed.
    Garbage(Bytes),
}

/// A place in a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cut {
    /// Before its first byte.
    Start,
    /// After this many bytes of its status line and headers. A larger number is the end of the headers.
    Head(usize),
    /// After its headers and this many bytes of its body. A larger number is the end of the body.
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
    /// Returns how many bytes of a reply come before this place.
    pub(crate) fn offset(self, head: usize, body: usize) -> usize {
        match self {
            Self::Start => 0,
            Self::Head(bytes) => bytes.min(head),
            Self::Body(bytes) => head + bytes.min(body),
            Self::End => head + body,
        }
    }
}

/// Prints what became of a reply: `reset after 17 bytes of the reply's body`.
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
            Self::Start => f.write_str("without a reply"),
            Self::Head(bytes) => write!(f, "after {} of the reply's head", count(*bytes, "byte")),
            Self::Body(bytes) => write!(f, "after {} of the reply's body", count(*bytes, "byte")),
            Self::End => f.write_str("after the reply"),
        }
    }
}
