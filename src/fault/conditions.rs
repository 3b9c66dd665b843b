//! The conditions of a fault: when it applies. Builders and plans share the same checks.

use super::effect::may_come_before_acceptance;
use super::{Effect, Ending, Fault, HoldReply, HoldRequest, Lasting, Level, OnTry, Times, Unseen, When, or_panic};
use crate::json::Unfit;
use crate::matcher::{EntryMatcher, Identity, pointer_error};
use crate::service::Operation;

/// # Conditions
impl Fault {
    /// The service accepts the entries before the fault happens: the reply is lost, the request is not.
    ///
    /// For [`reset`](Self::reset), [`empty_response`](Self::empty_response), [`stall`](Self::stall),
    /// [`garbage`](Self::garbage), [`raw_answer`](Self::raw_answer) and [`hold`](Self::hold).
    ///
    /// # Panics
    ///
    /// If the fault is another one: its place in the request is fixed.
    #[must_use]
    #[track_caller]
    pub fn after_acceptance(self) -> Self {
        or_panic(self.set_accepted(true))
    }

    /// The fault happens before the service sees the request: no entry is accepted.
    ///
    /// # Panics
    ///
    /// As [`after_acceptance`](Self::after_acceptance). A truncated reply panics as well: the reply exists only after
    /// acceptance.
    #[must_use]
    #[track_caller]
    pub fn before_acceptance(self) -> Self {
        or_panic(self.set_accepted(false))
    }

    /// Applies only to the entry at this index of its request, counted from 0.
    ///
    /// # Panics
    ///
    /// If the fault is not a fault of entries.
    #[must_use]
    #[track_caller]
    pub fn at_index(self, index: usize) -> Self {
        or_panic(self.set_index(index))
    }

    /// Applies only to entries that match. A fault of requests applies only to requests that have a matching entry.
    ///
    /// # Panics
    ///
    /// If the fault is a fault of connections, or [`on_operation`](Self::on_operation) names an operation without entries.
    #[must_use]
    #[track_caller]
    pub fn matching(self, matcher: impl Into<EntryMatcher>) -> Self {
        or_panic(self.set_matcher(matcher.into()))
    }

    /// Applies only to requests for this operation of EventBridge, such as `DescribeEventBus`. The default is `PutEvents`.
    ///
    /// An [error](Self::request) and a fault of the [connection](Self::reset) work with every operation. A fault of the reply
    /// needs a reply to change: the mock's own for DescribeEventBus, or the one that the test gives with
    /// `MockEventBridge::answer`.
    ///
    /// ```
    /// use putevents_mock::{Fault, RequestError};
    ///
    /// let fault = Fault::request(RequestError::access_denied()).on_operation("DescribeEventBus").times(1);
    /// assert_eq!(fault.to_string(), "400 AccessDeniedException for DescribeEventBus, once");
    /// ```
    ///
    /// # Panics
    ///
    /// If EventBridge has no such operation. If the fault is about entries, their results or connections, or selects entries
    /// with [`matching`](Self::matching), [`on_try`](Self::on_try) or [`keyed_by`](Self::keyed_by): only PutEvents has entries.
    #[must_use]
    #[track_caller]
    pub fn on_operation(self, operation: &str) -> Self {
        or_panic(self.set_operation(operation))
    }

    /// Applies only to the n-th request for PutEvents that the mock received, counted from 1.
    ///
    /// Requests for other operations are not counted. Requests from before the journal was cleared are counted. With
    /// [`on_operation`](Self::on_operation) it is the n-th request for that operation.
    ///
    /// # Panics
    ///
    /// If `number` is 0, or the fault is a fault of connections.
    #[must_use]
    #[track_caller]
    pub fn on_attempt(self, number: usize) -> Self {
        or_panic(self.set_attempt(number))
    }

    /// Applies only to the k-th try of an event, counted from 1 as the [ledger](crate::Ledger) counts.
    ///
    /// The same event in a later request is its second try, whether the publisher or its SDK resends it. A new `Time` does not
    /// make it another event. Two equal entries in one request are two events. A fault of requests looks at the first event of
    /// the request, or at the first event that [matches](Self::matching).
    ///
    /// ```
    /// use putevents_mock::{EntryError, Fault, entry};
    ///
    /// // The first try of order 1 is throttled. The second try fails.
    /// let order = entry().detail_at("/orderId", 1);
    /// let faults = [
    ///     Fault::entry(EntryError::throttling()).matching(order.clone()).on_try(1),
    ///     Fault::entry(EntryError::internal_failure()).matching(order).on_try(2),
    /// ];
    /// assert_eq!(
    ///     faults[1].to_string(),
    ///     "InternalFailure for entries with detail /orderId = 1, on try 2 of an event"
    /// );
    /// ```
    ///
    /// [`nth`](Self::nth) counts the candidates of one fault. `on_try` counts the tries of an event: also tries that another
    /// fault decided, and tries before this fault was injected. The count restarts when the journal is cleared. The mock
    /// remembers the last 100,000 events; the count of a forgotten event restarts.
    ///
    /// # Panics
    ///
    /// If `number` is 0, or the fault is a fault of connections.
    #[must_use]
    #[track_caller]
    pub fn on_try(self, number: usize) -> Self {
        or_panic(self.set_try(Identity::Content, number))
    }

    /// Applies only to the k-th try of an event, for a publisher that writes something new into each try.
    ///
    /// Two entries are the same event if their bus, source and detail-type are equal, and their details have equal values at
    /// this JSON pointer. An entry without a value there is identified by its whole content, as with [`on_try`](Self::on_try).
    /// [`Ledger::identify_by`](crate::Ledger::identify_by) does the same.
    ///
    /// # Panics
    ///
    /// As [`on_try`](Self::on_try); also if `pointer` is not a JSON pointer.
    #[must_use]
    #[track_caller]
    pub fn on_try_by(self, pointer: impl Into<String>, number: usize) -> Self {
        or_panic(self.set_try(Identity::DetailAt(pointer.into()), number))
    }

    /// Keeps the fault applying once it has applied: for the rest of the [call](Lasting::Call) of an SDK, for the same
    /// [event](Lasting::Event), or for [everything](Lasting::Ever), as in an outage.
    ///
    /// An SDK retries within one call, so a fault that applies once is often hidden. [`Lasting::Call`] makes the whole call
    /// fail.
    ///
    /// ```
    /// use putevents_mock::fault::Lasting;
    /// use putevents_mock::{Fault, RequestError, entry};
    ///
    /// // All attempts of the SDK's call with the first try of order 1 fail, not only the first attempt.
    /// let fault = Fault::request(RequestError::internal_exception())
    ///     .matching(entry().detail_at("/orderId", 1))
    ///     .on_try(1)
    ///     .lasting(Lasting::Call);
    /// assert_eq!(
    ///     fault.to_string(),
    ///     "500 InternalException for requests with entries with detail /orderId = 1, on try 1 of the first of them, \
    ///      and for the rest of that call"
    /// );
    /// ```
    ///
    /// # Panics
    ///
    /// For [`Lasting::Event`] without [`on_try`](Self::on_try): such a fault applies to every try of its events anyway. If the
    /// fault is a fault of connections.
    #[must_use]
    #[track_caller]
    pub fn lasting(self, lasting: Lasting) -> Self {
        or_panic(self.set_lasting(lasting))
    }

    /// Skips the first `candidates` [candidates](Self#what-one-candidate-is): they pass.
    ///
    /// # Panics
    ///
    /// If the fault is [`refuse_connections`](Self::refuse_connections), which has no conditions.
    #[must_use]
    #[track_caller]
    pub fn after(self, candidates: usize) -> Self {
        or_panic(self.set_after(candidates))
    }

    /// Applies only to the n-th candidate, counted from 1: the same as `after(n - 1).times(1)`.
    ///
    /// # Panics
    ///
    /// If `number` is 0, or the fault is [`refuse_connections`](Self::refuse_connections).
    #[must_use]
    #[track_caller]
    pub fn nth(self, number: usize) -> Self {
        assert!(number > 0, "candidates are counted from 1: write nth(1) for the first");
        or_panic(self.set_after(number - 1).and_then(|fault| fault.set_times(1.into())))
    }

    /// Applies only to every k-th candidate: with 3 to the third, the sixth, and so on. The count begins behind the candidates
    /// that [`after`](Self::after) skips.
    ///
    /// # Panics
    ///
    /// If `k` is 0, or the fault is [`refuse_connections`](Self::refuse_connections).
    #[must_use]
    #[track_caller]
    pub fn every(self, k: usize) -> Self {
        or_panic(self.set_every(k))
    }

    /// Limits how often the fault applies: `times(2)`, or `times(1..=3)` for one to three times.
    ///
    /// `assert_every_fault_fired` fails if the fault applied less often than the smaller number.
    ///
    /// # Panics
    ///
    /// If the fault could never apply: `times(0)`, or a range that is empty or ends at 0. If the fault is
    /// [`refuse_connections`](Self::refuse_connections).
    #[must_use]
    #[track_caller]
    pub fn times(self, times: impl Into<Times>) -> Self {
        or_panic(self.set_times(times.into()))
    }

    /// Applies at random, with this probability above 0 and up to 1. The same seed gives the same draws.
    ///
    /// # Panics
    ///
    /// If `probability` is not above 0 and at most 1, or the fault is [`refuse_connections`](Self::refuse_connections).
    #[must_use]
    #[track_caller]
    pub fn with_probability(self, probability: f64) -> Self {
        or_panic(self.set_probability(probability))
    }

    /// Draws at random for each event, not for each candidate in its order.
    ///
    /// The draw depends on the value of the detail at this JSON pointer, and on how often that value was seen before. It does
    /// not depend on how concurrent calls interleave: the result of "order 17, second try" is the same in every run with the
    /// same seed. A detail without a value at the pointer is used whole.
    ///
    /// # Panics
    ///
    /// If `pointer` is not a JSON pointer, or the fault is a fault of connections.
    #[must_use]
    #[track_caller]
    pub fn keyed_by(self, pointer: impl Into<String>) -> Self {
        or_panic(self.set_keyed_by(pointer.into()))
    }
}

/// The checks of the conditions. A builder panics with the error; a plan names the place in its file.
impl Fault {
    pub(super) fn set_accepted(mut self, accepted: bool) -> Result<Self, Unfit> {
        self.effect = match self.effect {
            Effect::BeforeAcceptance(Unseen(end)) | Effect::AfterAcceptance(Ending(end))
                if may_come_before_acceptance(&end) =>
            {
                if accepted {
                    Ending(end).into()
                } else {
                    Unseen(end).into()
                }
            }
            Effect::HoldRequest(HoldRequest(gate)) | Effect::HoldReply(HoldReply(gate)) => {
                if accepted {
                    HoldReply(gate).into()
                } else {
                    HoldRequest(gate).into()
                }
            }
            effect => {
                let what = format!("{} has a fixed place in a request: only ", Self { effect, when: self.when });
                return Err(Unfit::new(
                    what,
                    "reset, empty_response, stall, garbage and hold can happen before or after acceptance",
                    "reset, emptyResponse, stall and garbage can happen after acceptance",
                ));
            }
        };
        Ok(self)
    }

    pub(super) fn set_index(mut self, index: usize) -> Result<Self, Unfit> {
        if self.effect.level() != Level::Entry {
            return Err(Unfit::new(
                format!("{self} has no index: "),
                "at_index is for faults of entries; choose requests with on_attempt or matching",
                "atIndex is for faults of entries; choose requests with onAttempt or matching",
            ));
        }
        self.when.index = Some(index);
        Ok(self)
    }

    pub(super) fn set_matcher(mut self, matcher: EntryMatcher) -> Result<Self, Unfit> {
        self.check_sees_requests("matching", "matching")?;
        self.when.matcher = Some(matcher);
        self.check_has_entries()
    }

    pub(super) fn set_operation(mut self, operation: &str) -> Result<Self, Unfit> {
        self.check_sees_requests("on_operation", "onOperation")?;
        let operation = Operation::checked(operation)?;
        // `None` stands for PutEvents.
        self.when.operation = (!operation.is_put_events()).then_some(operation);
        self.check_has_entries()
    }

    pub(super) fn set_attempt(mut self, number: usize) -> Result<Self, Unfit> {
        self.check_sees_requests("on_attempt", "onAttempt")?;
        if number == 0 {
            let counted = "attempts are counted from 1: write ";
            return Err(Unfit::new(counted, "on_attempt(1) for the first", "1 for the first"));
        }
        self.when.attempt = Some(number);
        Ok(self)
    }

    pub(super) fn set_try(mut self, identity: Identity, number: usize) -> Result<Self, Unfit> {
        self.check_sees_requests("on_try", "onTry")?;
        if number == 0 {
            return Err(Unfit::new("tries are counted from 1: write ", "on_try(1) for the first", "1 for the first"));
        }
        if let Identity::DetailAt(pointer) = &identity {
            if let Some(error) = pointer_error(pointer) {
                return Err(error.into());
            }
        }
        self.when.on_try = Some(OnTry { number, identity });
        self.check_has_entries()
    }

    pub(super) fn set_lasting(mut self, lasting: Lasting) -> Result<Self, Unfit> {
        self.check_sees_requests("lasting", "lasting")?;
        if lasting == Lasting::Event && self.when.on_try.is_none() {
            return Err(Unfit::new(
                "the fault applies to every try of an event anyway: name the first try, with ",
                "on_try(2) before it",
                "\"onTry\": 2",
            ));
        }
        self.when.lasting = Some(lasting);
        Ok(self)
    }

    pub(super) fn set_after(mut self, candidates: usize) -> Result<Self, Unfit> {
        self.check_counts()?;
        self.when.after = candidates;
        Ok(self)
    }

    pub(super) fn set_every(mut self, k: usize) -> Result<Self, Unfit> {
        self.check_counts()?;
        if k == 0 {
            let none = "every 0th candidate does not exist: write ";
            return Err(Unfit::new(none, "every(1) for all, every(2) for every other", "1 for all, 2 for every other"));
        }
        self.when.every = Some(k);
        Ok(self)
    }

    pub(super) fn set_times(mut self, times: Times) -> Result<Self, Unfit> {
        self.check_counts()?;
        if times.max == 0 {
            let nothing = "a fault that applies 0 times does nothing: leave it out, or write ";
            return Err(Unfit::new(nothing, "times(1)", "1"));
        }
        if times.min > times.max {
            let Times { min, max } = times;
            return Err(Unfit {
                in_program: format!("the range {min}..={max} is empty: write the smaller number first"),
                in_file: format!("min is {min} and max is {max}: write a min that is at most the max"),
            });
        }
        self.when.times = Some(times);
        Ok(self)
    }

    pub(super) fn set_probability(mut self, probability: f64) -> Result<Self, Unfit> {
        self.check_counts()?;
        if !(probability > 0.0 && probability <= 1.0) {
            return Err(
                format!("{probability} is not a probability: write a number above 0 and up to 1, such as 0.1").into()
            );
        }
        self.when.probability = Some(probability);
        Ok(self)
    }

    pub(super) fn set_keyed_by(mut self, pointer: String) -> Result<Self, Unfit> {
        self.check_sees_requests("keyed_by", "keyedBy")?;
        if let Some(error) = pointer_error(&pointer) {
            return Err(error.into());
        }
        self.when.keyed_by = Some(pointer);
        self.check_has_entries()
    }

    /// Refuses conditions and effects of entries for another operation, which has no entries.
    fn check_has_entries(self) -> Result<Self, Unfit> {
        let Some(operation) = self.when.operation else { return Ok(self) };
        let needs = self.effect.level() == Level::Entry || self.effect.kind().needs_entries();
        let When { matcher, keyed_by, on_try, .. } = &self.when;
        if !needs && matcher.is_none() && keyed_by.is_none() && on_try.is_none() {
            return Ok(self);
        }
        let without = When { operation: None, ..self.when };
        let what = format!(
            "{} cannot happen to {operation}, which has no entries: ",
            Self { effect: self.effect, when: without }
        );
        Err(Unfit::new(
            what,
            "leave out on_operation, or write a fault of requests, such as Fault::request(...)",
            "leave out onOperation, or write a fault of requests, such as \"request\"",
        ))
    }

    fn check_counts(&self) -> Result<(), Unfit> {
        match self.effect.level() {
            Level::Listener => Err(Unfit::new(
                format!("{self} has no conditions, because refused connections cannot be counted: "),
                "lift it to end it, or write reset_on_connect",
                "leave them out, or write resetOnConnect",
            )),
            Level::Connection | Level::Request | Level::Entry => Ok(()),
        }
    }

    fn check_sees_requests(&self, in_program: &str, in_file: &str) -> Result<(), Unfit> {
        self.check_counts()?;
        match self.effect.level() {
            Level::Connection => Err(Unfit::new(
                format!("{self} comes before any request, so "),
                &format!("{in_program} cannot hold: write Fault::reset() to choose by request"),
                &format!("{in_file} cannot hold: write reset to choose by request"),
            )),
            Level::Listener | Level::Request | Level::Entry => Ok(()),
        }
    }
}
