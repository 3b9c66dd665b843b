//! The constructors of faults: one for each effect.

use std::time::Duration;

use bytes::Bytes;

use super::effect::{
    Dribble, Ending, EntryEffect, GARBAGE, HoldReply, Latency, RefuseConnections, ReplyEffect, RequestEffect,
    ResetOnConnect, Series, Undelivered, Unseen, in_turn,
};
use super::{Cut, Effect, End, Fault, Gate, MalformedReply, Quota, When};
use crate::json::or_panic;
use crate::service::{EntryError, RequestError, content_type_error};

/// # Errors of the service
impl Fault {
    /// Fails single entries with this error. The other entries of the request get their own results.
    ///
    /// Each entry that passed the limits and meets the conditions is one candidate.
    pub fn entry(error: EntryError) -> Self {
        Self::new(EntryEffect::Fails(Series::Always(error)))
    }

    /// Fails entries with these errors in turn: the first candidate gets the first error, the second candidate the second.
    ///
    /// `None` lets its candidate pass. After the last error the fault does nothing more.
    ///
    /// # Panics
    ///
    /// If the list has no error.
    #[track_caller]
    pub fn entries(errors: impl IntoIterator<Item = Option<EntryError>>) -> Self {
        Self::new(EntryEffect::Fails(or_panic(in_turn(errors))))
    }

    /// Fails whole requests with this error.
    ///
    /// An AWS SDK retries such a request by itself, by default twice within one call. So `times(1)` tests the SDK, and
    /// [`lasting(Lasting::Call)`](Self::lasting) or `times(3)` lets the call fail, so that the publisher has to act.
    ///
    /// Each readable PutEvents request that meets the conditions is one candidate. The mock checks the limits of the request
    /// later.
    pub fn request(error: RequestError) -> Self {
        Self::new(RequestEffect::Fails(Series::Always(error)))
    }

    /// Fails whole requests with these errors in turn, as [`entries`](Self::entries) does for entries.
    ///
    /// # Panics
    ///
    /// If the list has no error.
    #[track_caller]
    pub fn requests(errors: impl IntoIterator<Item = Option<RequestError>>) -> Self {
        Self::new(RequestEffect::Fails(or_panic(in_turn(errors))))
    }

    /// Throttles the requests or entries over this [`Quota`].
    ///
    /// The quota runs on the mock's clock: under paused time the same calls give the same replies.
    pub fn quota(quota: Quota) -> Self {
        Self::new(quota)
    }

    /// Accepts entries and never delivers them, as AWS does with entries for an unknown event bus.
    ///
    /// The reply does not show it. The journal does.
    pub fn undelivered() -> Self {
        Self::new(Undelivered)
    }

    /// Sends a reply that breaks the rules of the service. The entries are accepted or failed as usual.
    ///
    /// # Panics
    ///
    /// If the reply is a `Content-Type` that HTTP does not allow.
    #[track_caller]
    pub fn malformed_reply(reply: MalformedReply) -> Self {
        if let MalformedReply::ContentType(content_type) = &reply {
            if let Some(error) = content_type_error(content_type) {
                panic!("{error}");
            }
        }
        Self::new(ReplyEffect::Malformed(reply))
    }
}

/// # Replies that the test writes
impl Fault {
    /// Replies HTTP 200 with this body, whatever the outcomes of the entries are. Most entries are accepted.
    ///
    /// The publisher does not learn the outcomes, so the ledger does not blame it for sending the entries again.
    ///
    /// ```
    /// use putevents_mock::Fault;
    ///
    /// let fault = Fault::answer_with(r#"{"FailedEntryCount":0,"Entries":[null]}"#).times(1);
    /// assert_eq!(fault.to_string(), r#"a reply with the body {"FailedEntryCount":0,"Entries":[null]}, once"#);
    /// ```
    pub fn answer_with(body: impl Into<String>) -> Self {
        Self::malformed_reply(MalformedReply::Body(body.into()))
    }
}

/// # Errors of the connection
///
/// A reset is a TCP reset (RST). A close is a clean close (FIN). Without [`after_acceptance`](Self::after_acceptance) the
/// service does not see a request that meets [`reset`](Self::reset), [`empty_response`](Self::empty_response),
/// [`stall`](Self::stall), [`garbage`](Self::garbage) or [`raw_answer`](Self::raw_answer): no entry is accepted.
impl Fault {
    /// Refuses new connections, as if nothing listens on the port. Open connections stay open.
    ///
    /// The fault has no conditions, because the mock cannot count connections that never arrive. It ends when it is lifted.
    pub fn refuse_connections() -> Self {
        Self::new(RefuseConnections)
    }

    /// Accepts connections and resets them at once, before the mock reads anything.
    pub fn reset_on_connect() -> Self {
        Self::new(ResetOnConnect)
    }

    /// Resets the connection after the request was read.
    pub fn reset() -> Self {
        Self::new(Unseen(End::Reset(Cut::Start)))
    }

    /// Closes the connection after the request was read, without a reply.
    pub fn empty_response() -> Self {
        Self::new(Unseen(End::Closed(Cut::Start)))
    }

    /// Never sends a reply. The connection stays open until the client gives up.
    pub fn stall() -> Self {
        Self::new(Unseen(End::Stalled(Cut::Start)))
    }

    /// Sends bytes that are not HTTP instead of a reply, and closes the connection.
    pub fn garbage() -> Self {
        Self::new(Unseen(End::Garbage(GARBAGE)))
    }

    /// Sends these bytes instead of a reply, and closes the connection.
    pub fn raw_answer(bytes: impl Into<Bytes>) -> Self {
        Self::new(Unseen(End::Garbage(bytes.into())))
    }

    /// Cleanly closes the connection after this many bytes of the status line and headers. The entries are accepted.
    pub fn truncated_head(bytes: usize) -> Self {
        Self::new(Ending(End::Closed(Cut::Head(bytes))))
    }

    /// Cleanly closes the connection after this many bytes of the body: fewer than the `Content-Length` says. The entries are
    /// accepted.
    pub fn truncated_body(bytes: usize) -> Self {
        Self::new(Ending(End::Closed(Cut::Body(bytes))))
    }

    /// Resets the connection after this many bytes of the status line and headers. The entries are accepted.
    pub fn reset_in_head(bytes: usize) -> Self {
        Self::new(Ending(End::Reset(Cut::Head(bytes))))
    }

    /// Resets the connection after this many bytes of the body. The entries are accepted.
    pub fn reset_in_body(bytes: usize) -> Self {
        Self::new(Ending(End::Reset(Cut::Body(bytes))))
    }

    /// Closes the connection after the reply, without `Connection: close`. A client that keeps the connection finds it closed.
    pub fn close_after_reply() -> Self {
        Self::new(Ending(End::Closed(Cut::End)))
    }

    /// Sends the reply in pieces of this many bytes, with a pause after each piece.
    ///
    /// # Panics
    ///
    /// If `bytes` is 0.
    #[track_caller]
    pub fn dribble(bytes: usize, every: Duration) -> Self {
        assert!(bytes > 0, "a reply in pieces of 0 bytes never ends: write dribble(1, ...), or Fault::stall()");
        Self::new(Dribble { bytes, every })
    }

    /// Accepts the entries and resets the connection before the client gets the reply. A publisher that retries publishes the
    /// events twice, and is right to.
    ///
    /// An AWS SDK retries the request by itself: see [`request`](Self::request). To test a publisher that forgets events too early,
    /// such as an outbox that marks them before the reply, lose the request as well: [`reset`](Self::reset) accepts nothing.
    pub fn lost_reply() -> Self {
        Self::reset().after_acceptance()
    }

    /// Accepts the entries and replies with this error, such as [503](RequestError::service_unavailable).
    pub fn lost_reply_as(error: RequestError) -> Self {
        Self::new(ReplyEffect::Lost(error))
    }

    fn new(effect: impl Into<Effect>) -> Self {
        Self { effect: effect.into(), when: When::default() }
    }
}

/// # Late replies
///
/// Latencies run on tokio's clock: under paused time they take no real time. The longest latency is one day.
impl Fault {
    /// Delays every reply by this duration.
    pub fn latency(latency: Duration) -> Self {
        Self::new(Latency::Fixed(latency))
    }

    /// Delays each reply by a random duration from `from` to `to`, uniformly distributed.
    ///
    /// # Panics
    ///
    /// If `to` is less than `from`.
    #[track_caller]
    pub fn latency_between(from: Duration, to: Duration) -> Self {
        Self::new(or_panic(Latency::Between(from, to).checked()))
    }

    /// Delays each reply by a random duration with a log-normal distribution, as networks have.
    ///
    /// Half of the latencies are below `median`. A larger `sigma` makes a longer tail: with 0.5 one in a hundred is over three
    /// times the median, with 1 over ten times.
    ///
    /// # Panics
    ///
    /// If `sigma` is not a number from 0 to 10.
    #[track_caller]
    pub fn latency_log_normal(median: Duration, sigma: f64) -> Self {
        Self::new(or_panic(Latency::LogNormal { median, sigma }.checked()))
    }

    /// Delays each reply by a random duration with these percentiles, as a monitor shows them: pairs of a percentage and a
    /// latency.
    ///
    /// `[(50.0, ms(20)), (99.0, ms(800)), (100.0, ms(3_000))]` means that 50 % of the replies take less than 20 ms.
    ///
    /// # Panics
    ///
    /// If the list is empty, if the percentages do not rise or the latencies fall, or if a percentage is not above 0 and at
    /// most 100.
    #[track_caller]
    pub fn latency_percentiles(percentiles: impl IntoIterator<Item = (f64, Duration)>) -> Self {
        Self::new(or_panic(Latency::Percentiles(percentiles.into_iter().collect()).checked()))
    }

    /// Holds the reply at the gate, after the entries were accepted, until the test releases the gate.
    ///
    /// With [`before_acceptance`](Self::before_acceptance) it holds the request.
    pub fn hold(gate: &Gate) -> Self {
        Self::new(HoldReply(gate.clone()))
    }
}
