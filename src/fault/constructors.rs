//! What goes wrong: a constructor for each effect.

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
    /// Single entries fail with this error, and the rest of the answer stays right. Each entry that passed the limits and
    /// meets the conditions is one candidate.
    pub fn entry(error: EntryError) -> Self {
        Self::new(EntryEffect::Fails(Series::Always(error)))
    }

    /// The first candidate among the entries meets the first of these, the second one the second, and so on; `None` lets
    /// it pass. When all have been met, nothing more happens.
    ///
    /// # Panics
    ///
    /// If there is no error among them.
    #[track_caller]
    pub fn entries(errors: impl IntoIterator<Item = Option<EntryError>>) -> Self {
        Self::new(EntryEffect::Fails(or_panic(in_turn(errors))))
    }

    /// Whole requests fail with this error. Each readable PutEvents request that meets the conditions is one candidate;
    /// the limits are looked at later.
    pub fn request(error: RequestError) -> Self {
        Self::new(RequestEffect::Fails(Series::Always(error)))
    }

    /// As [`entries`](Self::entries), for whole requests.
    ///
    /// # Panics
    ///
    /// If there is no error among them.
    #[track_caller]
    pub fn requests(errors: impl IntoIterator<Item = Option<RequestError>>) -> Self {
        Self::new(RequestEffect::Fails(or_panic(in_turn(errors))))
    }

    /// What comes faster than a quota allows is throttled. The time is that of the mock's clock, so under paused time the
    /// same calls give the same answers.
    pub fn quota(quota: Quota) -> Self {
        Self::new(quota)
    }

    /// Entries are accepted and never delivered, as AWS does it with entries for a bus that does not exist: the answer
    /// does not show it, only the journal does.
    pub fn undelivered() -> Self {
        Self::new(Undelivered)
    }

    /// The answer breaks the rules of the service.
    ///
    /// # Panics
    ///
    /// If it is a content type that HTTP does not allow.
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

/// # Answers of the test's own
impl Fault {
    /// The answer is HTTP 200 with this body, whatever became of the entries: most are accepted. The publisher does not learn
    /// what became of them, so the ledger does not hold it against it to send them again.
    ///
    /// ```
    /// use putevents_mock::Fault;
    ///
    /// let fault = Fault::answer_with(r#"{"FailedEntryCount":0,"Entries":[null]}"#).times(1);
    /// ```
    pub fn answer_with(body: impl Into<String>) -> Self {
        Self::malformed_reply(MalformedReply::Body(body.into()))
    }
}

/// # Errors of the connection
///
/// A reset is a real one (RST), and a connection that is closed is closed in order (FIN). Without
/// [`after_acceptance`](Self::after_acceptance) the first four keep the service from seeing the request: nothing is
/// accepted.
impl Fault {
    /// Connections are refused, as when nobody listens; those that are open stay. It has no conditions, because nobody can
    /// count what never arrives: lift it to end it.
    pub fn refuse_connections() -> Self {
        Self::new(RefuseConnections)
    }

    /// Connections are accepted and reset at once, before anything is read.
    pub fn reset_on_connect() -> Self {
        Self::new(ResetOnConnect)
    }

    /// The connection is reset when the request has been read.
    pub fn reset() -> Self {
        Self::new(Unseen(End::Reset(Cut::Start)))
    }

    /// The connection is closed without an answer when the request has been read.
    pub fn empty_response() -> Self {
        Self::new(Unseen(End::Closed(Cut::Start)))
    }

    /// No answer ever comes; the connection stays open until the client gives up.
    pub fn stall() -> Self {
        Self::new(Unseen(End::Stalled(Cut::Start)))
    }

    /// Bytes that are not HTTP come instead of an answer.
    pub fn garbage() -> Self {
        Self::new(Unseen(End::Garbage(GARBAGE)))
    }

    /// These bytes come instead of an answer, and then the connection is closed.
    pub fn raw_answer(bytes: impl Into<Bytes>) -> Self {
        Self::new(Unseen(End::Garbage(bytes.into())))
    }

    /// The answer ends in order after so many bytes of its status line and headers. The entries are accepted.
    pub fn truncated_head(bytes: usize) -> Self {
        Self::new(Ending(End::Closed(Cut::Head(bytes))))
    }

    /// The answer ends in order after so many bytes of its body, fewer than its `Content-Length` promises. The entries are
    /// accepted.
    pub fn truncated_body(bytes: usize) -> Self {
        Self::new(Ending(End::Closed(Cut::Body(bytes))))
    }

    /// The connection is reset after so many bytes of the answer's status line and headers. The entries are accepted.
    pub fn reset_in_head(bytes: usize) -> Self {
        Self::new(Ending(End::Reset(Cut::Head(bytes))))
    }

    /// The connection is reset after so many bytes of the answer's body. The entries are accepted.
    pub fn reset_in_body(bytes: usize) -> Self {
        Self::new(Ending(End::Reset(Cut::Body(bytes))))
    }

    /// The connection is closed after the answer, which does not say so: a client that keeps it finds it dead.
    pub fn close_after_reply() -> Self {
        Self::new(Ending(End::Closed(Cut::End)))
    }

    /// The answer comes in pieces of so many bytes, with a pause after each.
    ///
    /// # Panics
    ///
    /// If `bytes` is 0.
    #[track_caller]
    pub fn dribble(bytes: usize, every: Duration) -> Self {
        assert!(bytes > 0, "an answer in pieces of 0 bytes never comes: write dribble(1, ...), or Fault::stall()");
        Self::new(Dribble { bytes, every })
    }

    /// The entries are accepted, and the connection is reset before the client learns of it. A publisher that tries again
    /// publishes twice, and is right to.
    pub fn lost_reply() -> Self {
        Self::reset().after_acceptance()
    }

    /// The entries are accepted, and the client is told this error instead, such as a
    /// [503](RequestError::service_unavailable).
    pub fn lost_reply_as(error: RequestError) -> Self {
        Self::new(ReplyEffect::Lost(error))
    }

    fn new(effect: impl Into<Effect>) -> Self {
        Self { effect: effect.into(), when: When::default() }
    }
}

/// # Late answers
///
/// On tokio's clock, so under paused time they cost none. Nothing is later than a day.
impl Fault {
    /// Every answer comes so late.
    pub fn latency(latency: Duration) -> Self {
        Self::new(Latency::Fixed(latency))
    }

    /// Answers come late by anything from `from` to `to`, all equally likely.
    ///
    /// # Panics
    ///
    /// If `to` is less than `from`.
    #[track_caller]
    pub fn latency_between(from: Duration, to: Duration) -> Self {
        Self::new(or_panic(Latency::Between(from, to).checked()))
    }

    /// Latencies as networks have them: half of them below `median`, and a tail that is the longer the larger `sigma` is
    /// (0.5 is moderate: one in a hundred is over three times the median; with 1, over ten times).
    ///
    /// # Panics
    ///
    /// If `sigma` is not a number from 0 to 10.
    #[track_caller]
    pub fn latency_log_normal(median: Duration, sigma: f64) -> Self {
        Self::new(or_panic(Latency::LogNormal { median, sigma }.checked()))
    }

    /// Latencies as a monitor shows them: pairs of a percentage and the latency that so many percent of the answers stay
    /// below, such as `[(50.0, ms(20)), (99.0, ms(800)), (100.0, ms(3_000))]`.
    ///
    /// # Panics
    ///
    /// If there are none, or percentages and latencies do not both rise, or a percentage is not above 0 and at most 100.
    #[track_caller]
    pub fn latency_percentiles(percentiles: impl IntoIterator<Item = (f64, Duration)>) -> Self {
        Self::new(or_panic(Latency::Percentiles(percentiles.into_iter().collect()).checked()))
    }

    /// Holds the answer, when the entries have been accepted, until the test releases the gate. With
    /// [`before_acceptance`](Self::before_acceptance) it holds the request.
    pub fn hold(gate: &Gate) -> Self {
        Self::new(HoldReply(gate.clone()))
    }
}
