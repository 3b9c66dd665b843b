//! Faults: what goes wrong on purpose, when, and how often.
//!
//! A [`Fault`] has one effect and any number of conditions. Its constructor names the effect, and its methods add the conditions:
//!
//! ```
//! use putevents_mock::{EntryError, Fault, entry};
//!
//! let fault = Fault::entry(EntryError::throttling()).matching(entry().detail_type("OrderPlaced")).times(2);
//! assert_eq!(fault.to_string(), r#"ThrottlingException for entries with detail-type "OrderPlaced", 2 times"#);
//! ```
//!
//! [`what_can_go_wrong`](crate::what_can_go_wrong) lists the faults with what the service does and what a good publisher does.

#![warn(clippy::indexing_slicing)]

// The documentation lists the methods of a fault in this order: constructors, conditions.
mod constructors;

mod active;
mod conditions;
pub(crate) mod delivery;
mod effect;
mod gate;
mod json;
pub(crate) mod reply;
mod when;

pub(crate) use self::active::{Decided, FaultCause, FaultRecord, Faults, Fired, Term};
pub(crate) use self::delivery::{Cut, Delivery, End, Pace};
pub(crate) use self::effect::{
    Dribble, EFFECTS, Effect, Ending, EntryEffect, HoldReply, HoldRequest, Latency, Level, ReplyEffect, RequestEffect,
    ResetOnConnect, Step, Undelivered, Unseen, read_whole_malformed, write_malformed, write_whole_malformed,
};
pub use self::effect::{MalformedReply, Quota};
pub use self::gate::Gate;
pub(crate) use self::json::{CONDITIONS, read_fault, write_fault};
pub(crate) use self::reply::Reply;
pub(crate) use self::when::{Candidate, OnTry, TryNumbers, When};
pub use self::when::{Lasting, Times};
use crate::json::or_panic;
pub use crate::service::{EntryError, ErrorClass, RequestError};

/// Something that goes wrong on purpose: an effect and its conditions.
///
/// A fault is a plain value. It can be compared, cloned, kept in a table of cases, written as JSON and read again. It prints
/// itself as a sentence. A fault without conditions applies whenever it can, until it is lifted.
///
/// ```
/// use putevents_mock::{EntryError, Fault, RequestError, entry};
///
/// let fault = Fault::entry(EntryError::throttling()).matching(entry().detail_type("OrderPlaced")).times(2);
/// assert_eq!(fault.to_string(), r#"ThrottlingException for entries with detail-type "OrderPlaced", 2 times"#);
///
/// let fault = Fault::request(RequestError::internal_exception()).on_attempt(1);
/// assert_eq!(fault.to_string(), "500 InternalException for the whole request, on attempt 1");
/// ```
///
/// # What one candidate is
///
/// [`after`](Self::after), [`nth`](Self::nth), [`every`](Self::every), [`times`](Self::times) and the series count the
/// candidates of the fault:
///
/// * Each entry is a candidate of [`entry`](Self::entry), [`entries`](Self::entries), [`undelivered`](Self::undelivered) and a
///   quota of entries.
/// * Each connection is a candidate of [`reset_on_connect`](Self::reset_on_connect).
/// * Each request is a candidate of all other faults.
///
/// Requests are requests for PutEvents, unless [`on_operation`](Self::on_operation) names another operation. What the other
/// conditions exclude is no candidate: with [`on_try(2)`](Self::on_try) only second tries are candidates, and `times(3)` then
/// applies to three events.
///
/// # The order
///
/// The mock consults faults at the steps of a request. At each step it asks them in the order of their injection. The first
/// fault that applies decides. The later faults are not asked, and do not count the candidate.
///
/// 1. The connection: [`refuse_connections`](Self::refuse_connections), then [`reset_on_connect`](Self::reset_on_connect).
/// 2. [`hold`](Self::hold) before acceptance.
/// 3. The faults that keep the request from the service: [`reset`](Self::reset), [`empty_response`](Self::empty_response),
///    [`stall`](Self::stall), [`garbage`](Self::garbage).
/// 4. The form of the request: size, method, path, content type, JSON, operation, authentication, types.
/// 5. The whole request: [`request`](Self::request), [`requests`](Self::requests), a [`quota`](Self::quota) of requests.
/// 6. The limits of the whole request.
/// 7. Each entry in order: first its limits, then [`entry`](Self::entry), [`entries`](Self::entries) and a quota of entries.
/// 8. Acceptance, with EventIds; [`undelivered`](Self::undelivered).
/// 9. The content of the reply: [`lost_reply_as`](Self::lost_reply_as), [`malformed_reply`](Self::malformed_reply),
///    [`answer_with`](Self::answer_with).
/// 10. [`hold`](Self::hold), and then the [latency](Self::latency).
/// 11. How the reply is written: [`dribble`](Self::dribble). At the same time, where it ends: [`lost_reply`](Self::lost_reply),
///     the truncations and resets inside the reply, [`close_after_reply`](Self::close_after_reply).
///
/// Steps 8 and 9 apply only to requests that were not refused before. So do the endings of step 11, except `close_after_reply`.
/// Gates, latencies and `dribble` apply to every reply that is sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    pub(crate) effect: Effect,
    pub(crate) when: When,
}

/// The id of an injected fault. It stays valid as long as its mock lives.
///
/// ```
/// use putevents_mock::{Engine, Fault, RequestError};
///
/// let mut engine = Engine::new();
/// let outage = engine.inject(Fault::request(RequestError::service_unavailable()));
/// engine.lift(outage);
/// assert_eq!(engine.fired(outage), 0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FaultId(pub(crate) usize);
