//! What may go wrong with one try of one event: the letters of which a schedule is written.

use std::fmt;
use std::time::Duration;

use crate::fault::{Fault, Lasting, MalformedReply};
use crate::matcher::EntryMatcher;
use crate::service::{EntryError, RequestError};

/// How late a late answer is: later than any client waits.
const LATE: Duration = Duration::from_secs(300);

/// What goes wrong, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Deviation {
    pub(crate) lasts: Lasts,
    pub(crate) letter: Letter,
}

/// For how long something goes wrong. The shortest comes first: it is the simplest explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Lasts {
    Once,
    /// For all tries that an SDK makes within the same call.
    Call,
    /// From then on: for the event, where it is about an entry, else for every request.
    Ever,
}

macro_rules! letters {
    ($($(#[$doc:meta])* $name:ident $letter:literal $level:ident $words:literal => $fault:expr;)*) => {
        /// What goes wrong. The simplest comes first.
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

            /// What happens, as a part of a sentence.
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
    /// The entry may pass later.
    Throttled 'R' Entry "ThrottlingException for the entry" => Fault::entry(EntryError::throttling());
    /// No other try can help.
    Permanent 'P' Entry "NotAuthorizedForSourceException for the entry"
        => Fault::entry(EntryError::not_authorized_for_source());
    /// The other retryable code.
    Internal 'I' Entry "InternalFailure for the entry" => Fault::entry(EntryError::internal_failure());
    ServerError '5' Request "500 InternalException" => Fault::request(RequestError::internal_exception());
    /// The entries are accepted.
    Lost 'L' Request "the answer is lost after acceptance" => Fault::lost_reply();
    RequestThrottled 'T' Request "400 ThrottlingException" => Fault::request(RequestError::throttling());
    Reset 'X' Request "the connection is reset before acceptance" => Fault::reset();
    /// The entries are accepted.
    Late 'W' Request "the answer comes after five minutes" => Fault::latency(LATE);
    TooLarge 'B' Request "413 RequestEntityTooLarge" => Fault::request(RequestError::payload_too_large());
    Expired 'E' Request "400 ExpiredTokenException" => Fault::request(RequestError::expired_token());
    Denied 'D' Request "400 AccessDeniedException" => Fault::request(RequestError::access_denied());
    /// The entries are accepted.
    Short 'S' Request "an answer with one result too few" => Fault::malformed_reply(MalformedReply::FewerResults);
    /// The entries are accepted.
    NoIds 'N' Request "an answer without EventIds" => Fault::malformed_reply(MalformedReply::NoEventIds);
    /// The entries are accepted.
    Empty 'M' Request "an answer with an empty body" => Fault::malformed_reply(MalformedReply::EmptyBody);
}

/// Whom a deviation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Level {
    /// The request with which the event comes.
    Request,
    /// The entry itself.
    Entry,
}

impl Deviation {
    pub(crate) const fn new(letter: Letter, lasts: Lasts) -> Self {
        Self { lasts, letter }
    }

    /// The fault that makes an event meet it at its try of this number.
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

    /// Whether it makes sense for so long: an SDK tries whole requests again within a call, and no entries.
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

    /// Simpler ones, the simplest first, that may show the same.
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
