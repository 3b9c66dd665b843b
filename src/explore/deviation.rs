//! Deviations: the faults of one try of one event, and their letters in a schedule.

use std::fmt;
use std::time::Duration;

use crate::fault::{Fault, Lasting, MalformedReply};
use crate::matcher::EntryMatcher;
use crate::service::{EntryError, RequestError};

/// The delay of a late reply: longer than any client waits.
const LATE: Duration = Duration::from_secs(300);

/// A fault of a try, and how long it lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Deviation {
    pub(crate) lasts: Lasts,
    pub(crate) letter: Letter,
}

/// How long a fault lasts. The shortest comes first: it is the simplest explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Lasts {
    Once,
    /// For all tries of an SDK within the same call.
    Call,
    /// For all later tries of the event if the fault is about an entry, else for all later requests.
    Ever,
}

macro_rules! letters {
    ($($(#[$doc:meta])* $name:ident $letter:literal $level:ident $words:literal => $fault:expr;)*) => {
        /// A kind of fault. The simplest comes first.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub(crate) enum Letter {
            $($(#[$doc])* $name,)*
        }

        impl Letter {
            pub(crate) const ALL: &[Self] = &[$(Self::$name),*];

            pub(crate) fn char(self) -> char {
                match self { $(Self::$name => $letter,)* }
            }

            pub(crate) fn level(self) -> Level {
                match self { $(Self::$name => Level::$level,)* }
            }

            /// The fault in words, as a part of a sentence.
            pub(crate) fn words(self) -> &'static str {
                match self { $(Self::$name => $words,)* }
            }

            fn fault(self) -> Fault {
                match self { $(Self::$name => $fault,)* }
            }
        }
    };
}

letters! {
    /// The error is retryable.
    Throttled 'R' Entry "ThrottlingException for the entry" => Fault::entry(EntryError::throttling());
    /// The error is permanent.
    Permanent 'P' Entry "NotAuthorizedForSourceException for the entry"
        => Fault::entry(EntryError::not_authorized_for_source());
    /// The error is retryable.
    Internal 'I' Entry "InternalFailure for the entry" => Fault::entry(EntryError::internal_failure());
    ServerError '5' Request "500 InternalException" => Fault::request(RequestError::internal_exception());
    /// The entries are accepted.
    Lost 'L' Request "the reply is lost after acceptance" => Fault::lost_reply();
    RequestThrottled 'T' Request "400 ThrottlingException" => Fault::request(RequestError::throttling());
    Reset 'X' Request "the connection is reset before acceptance" => Fault::reset();
    /// The entries are accepted.
    Late 'W' Request "the reply comes after five minutes" => Fault::latency(LATE);
    TooLarge 'B' Request "413 RequestEntityTooLarge" => Fault::request(RequestError::payload_too_large());
    Expired 'E' Request "400 ExpiredTokenException" => Fault::request(RequestError::expired_token());
    Denied 'D' Request "400 AccessDeniedException" => Fault::request(RequestError::access_denied());
    /// The entries are accepted.
    Short 'S' Request "a reply with one result too few" => Fault::malformed_reply(MalformedReply::FewerResults);
    /// The entries are accepted.
    NoIds 'N' Request "a reply without EventIds" => Fault::malformed_reply(MalformedReply::NoEventIds);
    /// The entries are accepted.
    Empty 'M' Request "a reply with an empty body" => Fault::malformed_reply(MalformedReply::EmptyBody);
}

/// What a deviation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Level {
    /// The request that the event comes in.
    Request,
    /// The entry itself.
    Entry,
}

impl Deviation {
    pub(crate) const fn new(letter: Letter, lasts: Lasts) -> Self {
        Self { lasts, letter }
    }

    /// The fault that applies to this event at the try of this number.
    pub(crate) fn fault(self, event: &EntryMatcher, try_number: usize, identify_by: Option<&str>) -> Fault {
        let fault = self.letter.fault().matching(event.clone());
        let fault = match identify_by {
            Some(pointer) => fault.on_try_by(pointer, try_number),
            None => fault.on_try(try_number),
        };
        match (self.letter.level(), self.lasts) {
            (_, Lasts::Once) => fault.times(1),
            (_, Lasts::Call) => fault.lasting(Lasting::Call),
            (Level::Entry, Lasts::Ever) => fault.lasting(Lasting::Event),
            (Level::Request, Lasts::Ever) => fault.lasting(Lasting::Ever),
        }
    }

    /// Whether it can last this long. An SDK retries whole requests within a call, and never entries.
    pub(crate) fn may_last(self, lasts: Lasts) -> bool {
        lasts != Lasts::Call || self.letter.level() == Level::Request
    }

    fn suffix(self) -> &'static str {
        match self.lasts {
            Lasts::Once => "",
            Lasts::Call => "+",
            Lasts::Ever => "*",
        }
    }

    /// The simpler deviations of the same level, the simplest first.
    pub(crate) fn simpler(self) -> impl Iterator<Item = Self> {
        let level = self.letter.level();
        let letters = Letter::ALL.iter().copied().filter(move |letter| letter.level() == level);
        let all =
            letters.flat_map(|letter| [Lasts::Once, Lasts::Call, Lasts::Ever].map(|lasts| Self::new(letter, lasts)));
        let mut simpler: Vec<Self> = all.filter(|other| *other < self && other.may_last(other.lasts)).collect();
        simpler.sort_unstable();
        simpler.into_iter()
    }
}

/// `R`, `5+`, `R*`.
impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.letter.char(), self.suffix())
    }
}
