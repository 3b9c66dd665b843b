//! The effects of faults: one file for each kind of effect, one row for each name in files.
//!
//! To add an effect: write its file, give it a place in [`Effect`] or in the effects of its step, and a row in [`EFFECTS`]. The
//! compiler asks for the rest. The tests ask for the schema and the documentation.

mod connections;
mod dribble;
mod ending;
mod failing;
mod hold;
mod latency;
mod malformed;
mod quota;
mod reply;
mod undelivered;

use std::fmt::{self, Debug, Display};
use std::time::Duration;

use serde_json::Value;

pub(crate) use self::connections::{RefuseConnections, ResetOnConnect};
pub(crate) use self::dribble::Dribble;
pub(crate) use self::ending::{Ending, Unseen};
pub(super) use self::ending::{GARBAGE, may_come_before_acceptance};
pub(crate) use self::failing::{EntryEffect, RequestEffect};
pub(super) use self::failing::{Series, in_turn};
pub(crate) use self::hold::{HoldReply, HoldRequest};
pub(crate) use self::latency::Latency;
pub use self::malformed::MalformedReply;
pub(crate) use self::malformed::{read_whole_malformed, write_malformed, write_whole_malformed};
pub(super) use self::quota::Bucket;
pub use self::quota::Quota;
pub(crate) use self::reply::ReplyEffect;
pub(crate) use self::undelivered::Undelivered;
use crate::json::{Cursor, FormatError};

/// What every effect knows about itself. It prints itself as the beginning of its fault's sentence.
pub(super) trait Kind: Display {
    /// Returns the effect as a member of a fault in a file. The error says why only a program can have it.
    fn write(&self) -> Result<(&'static str, Value), String>;

    /// Returns whether the effect can apply to the reply to a refused request. The other effects need entries that were
    /// checked.
    fn meets_refusals(&self) -> bool {
        true
    }

    /// Returns whether the effect is about the entries of PutEvents or their results. Such an effect cannot apply to another
    /// operation.
    fn needs_entries(&self) -> bool {
        false
    }

    /// Returns how often the effect must apply until all of it was seen, if that is known.
    fn must_fire(&self) -> Option<usize> {
        None
    }

    /// Returns whether the effect draws a random number.
    fn is_random(&self) -> bool {
        false
    }
}

/// Selects the effects of one step.
pub(crate) trait OfStep: Sized {
    fn of(effect: &Effect) -> Option<&Self>;
}

/// Applies the effects of one step, as the engine asks for them.
pub(crate) trait AtStep: OfStep {
    /// What the engine has to do when the effect applies.
    type Done;

    /// Returns what a candidate meets after all conditions held. `None` lets the candidate pass.
    fn apply(&self, turn: Turn<'_>) -> Option<Self::Done>;
}

/// A candidate for which all conditions of a fault hold.
pub(crate) struct Turn<'a> {
    /// The number of the candidate, counted from 0 after the skipped candidates.
    pub(super) number: usize,
    /// How many entries the candidate has.
    pub(super) entries: usize,
    pub(super) random: u64,
    pub(super) now: Duration,
    pub(super) bucket: &'a mut Bucket,
}

macro_rules! steps {
    ($($(#[$doc:meta])* $step:ident: $effect:ty,)*) => {
        /// The places in a request at which faults are consulted.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Step {
            $($(#[$doc])* $step,)*
        }

        /// What a fault does, by the step of a request to which it belongs.
        #[derive(Debug, Clone, PartialEq)]
        pub(crate) enum Effect {
            $($(#[$doc])* $step($effect),)*
        }

        impl Effect {
            pub(crate) fn step(&self) -> Step {
                match self {
                    $(Self::$step(_) => Step::$step,)*
                }
            }

            pub(super) fn kind(&self) -> &dyn Kind {
                match self {
                    $(Self::$step(effect) => effect,)*
                }
            }
        }

        $(impl From<$effect> for Effect {
            fn from(effect: $effect) -> Self {
                Self::$step(effect)
            }
        }

        impl OfStep for $effect {
            fn of(effect: &Effect) -> Option<&Self> {
                if let Effect::$step(effect) = effect { Some(effect) } else { None }
            }
        })*
    };
}

steps! {
    /// Whether connections are accepted at all.
    Listen: RefuseConnections,
    /// A connection was accepted.
    Connect: ResetOnConnect,
    /// The request is held before it is read.
    HoldRequest: HoldRequest,
    /// The service never sees the request.
    BeforeAcceptance: Unseen,
    /// The whole request fails.
    Request: RequestEffect,
    /// One entry fails.
    Entry: EntryEffect,
    /// An accepted entry is delivered nowhere.
    Delivery: Undelivered,
    /// The reply does not say what happened.
    Reply: ReplyEffect,
    /// The reply is held.
    HoldReply: HoldReply,
    /// The reply comes late.
    Latency: Latency,
    /// The reply comes in small pieces.
    Pace: Dribble,
    /// The reply ends in a way that breaks HTTP.
    AfterAcceptance: Ending,
}

impl Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind().fmt(f)
    }
}

/// What one candidate of a fault is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    Listener,
    Connection,
    Request,
    Entry,
}

impl Effect {
    pub(crate) fn level(&self) -> Level {
        match self.step() {
            Step::Listen => Level::Listener,
            Step::Connect => Level::Connection,
            Step::Entry | Step::Delivery => Level::Entry,
            Step::HoldRequest
            | Step::BeforeAcceptance
            | Step::Request
            | Step::Reply
            | Step::HoldReply
            | Step::Latency
            | Step::Pace
            | Step::AfterAcceptance => Level::Request,
        }
    }
}

type Read = Result<Effect, FormatError>;

/// An effect as a member of a fault in a file.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    /// A value that the effect can have.
    pub(crate) example: &'static str,
    pub(super) read: fn(&Cursor<'_>) -> Read,
}

/// All effects.
pub(crate) const EFFECTS: [Row; 22] = [
    Row { name: "entry", example: r#""ThrottlingException""#, read: failing::read_entry },
    Row { name: "entries", example: r#"["ThrottlingException",null]"#, read: failing::read_entries },
    Row { name: "request", example: r#""InternalException""#, read: failing::read_request },
    Row { name: "requests", example: r#"[null,{"status":502,"body":""}]"#, read: failing::read_requests },
    Row { name: "quota", example: r#"{"entriesPerSecond":400,"burst":10}"#, read: failing::read_over_quota },
    Row { name: "undelivered", example: "true", read: undelivered::read },
    Row { name: "malformedReply", example: r#""fewerResults""#, read: reply::read_malformed_reply },
    Row { name: "answer", example: r#""{\"FailedEntryCount\":0,\"Entries\":[null]}""#, read: reply::read_answer },
    Row { name: "refuseConnections", example: "true", read: connections::read_refuse },
    Row { name: "resetOnConnect", example: "true", read: connections::read_reset },
    Row { name: "reset", example: "true", read: ending::read_reset },
    Row { name: "emptyResponse", example: "true", read: ending::read_empty_response },
    Row { name: "stall", example: "true", read: ending::read_stall },
    Row { name: "garbage", example: r#"{"bytes":[22,255]}"#, read: ending::read_garbage },
    Row { name: "truncatedHead", example: "17", read: ending::read_truncated_head },
    Row { name: "truncatedBody", example: "17", read: ending::read_truncated_body },
    Row { name: "resetInHead", example: "17", read: ending::read_reset_in_head },
    Row { name: "resetInBody", example: "17", read: ending::read_reset_in_body },
    Row { name: "closeAfterReply", example: "true", read: ending::read_close_after_reply },
    Row { name: "dribble", example: r#"{"bytes":10,"everyMs":5}"#, read: dribble::read },
    Row { name: "latencyMs", example: r#"{"from":10,"to":200}"#, read: latency::read },
    Row { name: "lostReply", example: r#""ServiceUnavailable""#, read: reply::read_lost_reply },
];
