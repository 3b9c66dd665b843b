//! The service as a value: a request, a time and a source of ids go in, a reply comes out.
//!
//! The [`Engine`] knows no socket, no clock and no async runtime. It is the core of every mock, and what is left of the crate
//! without the feature `server`.

#![warn(clippy::indexing_slicing)]

mod setup;
mod steps;
mod tries;

use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::HeaderMap;
use serde_json::Value;

pub(crate) use self::setup::Setup;
use self::tries::Tries;
pub use crate::fault::delivery::{Cut, Delivery, End, Pace};
pub use crate::fault::reply::Reply;
use crate::fault::{Candidate, Fault, FaultId, Faults, Gate, HoldRequest, ResetOnConnect, Step};
use crate::journal::{Attempt, Ended, Journal, Tally};
use crate::json::{Unfit, or_panic};
use crate::service::{
    Answers, Asked, Body, DEFAULT_BUS, Head, MAX_READABLE_BODY, Operation, Problem, ProblemCause, Reading, Refusal,
    RequestError, Sender, bus_name, checked_account, checked_region, sdk_call, withhold,
};
pub use crate::service::{Ids, Limits};

/// The largest body that is taken, in bytes. A legal request of 1 MiB can be six times as long on the wire, where a client
/// writes every byte as `\u00XX`; the rest is room for white space and for members that the size formula does not count.
const MAX_BODY_SIZE: usize = 8 * 1024 * 1024;

/// The moment at which the engine handles a request.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use putevents_mock::engine::Now;
///
/// let now = Now::new(Duration::from_secs(3), SystemTime::UNIX_EPOCH);
/// assert_eq!(now.since_start, Duration::from_secs(3));
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Now {
    /// The time since the start of the mock, on the clock of the test. The journal keeps it.
    pub since_start: Duration,
    /// The date for the `Date` header.
    pub date: SystemTime,
}

impl Now {
    /// The moment at this time after the start of the mock, and at this date.
    pub const fn new(since_start: Duration, date: SystemTime) -> Self {
        Self { since_start, date }
    }

    /// The same date at another time after the start.
    pub(crate) const fn at(self, since_start: Duration) -> Self {
        Self { since_start, ..self }
    }
}

/// The service without its transport: requests go in as values and come out as values.
///
/// `MockEventBridge` is this behind an HTTP server; use it directly where there is no
/// socket, or where time must be an argument.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use putevents_mock::engine::{Ids, Now};
/// use putevents_mock::Engine;
///
/// let mut engine = Engine::new();
/// let request = http::Request::post("/")
///     .header("content-type", "application/x-amz-json-1.1")
///     .header("x-amz-target", "AWSEvents.PutEvents")
///     .body(r#"{"Entries":[{"Source":"shop","DetailType":"OrderPlaced","Detail":"{}"}]}"#.into())
///     .unwrap();
/// let now = Now::new(Duration::ZERO, SystemTime::UNIX_EPOCH);
///
/// let reply = engine.handle(request, now, &mut Ids::counting());
///
/// assert_eq!(
///     reply.body(),
///     r#"{"FailedEntryCount":0,"Entries":[{"EventId":"00000000-0000-0000-0000-000000000001"}]}"#
/// );
/// ```
///
/// # The order of the steps
///
/// 1. faults that keep the service from seeing the request
/// 2. a body that is too large: HTTP 413; or one for which the server had no room beside others: HTTP 503
/// 3. method, path and content type: HTTP 404
/// 4. whether the body is JSON, uncompressed
/// 5. the operation
/// 6. authentication, where it is strict
/// 7. the types of the members
/// 8. faults of whole requests
/// 9. the limits of the whole request: first the constraints of its members, then its size
/// 10. each entry in order: first its limits, then the faults of entries; the others are accepted under their EventIds
/// 11. faults of the answer
///
/// Beside PutEvents the engine answers DescribeEventBus, and what the test gives an [answer](Self::answer) to; any other
/// operation is refused at step 5, and is a problem. Such requests take steps 1 to 6, 8 and 11.
///
/// Faults are asked about requests for PutEvents alone, unless they name another [operation](crate::Fault::on_operation): what
/// asks for something else uses no fault up, and is not counted by [`on_attempt`](crate::Fault::on_attempt). Faults of
/// connections cannot know what a connection is for, and apply to any.
///
/// [`Fault`] tells the same from the side of the faults.
#[derive(Debug, Clone)]
pub struct Engine {
    limits: Limits,
    known_buses: Option<Vec<String>>,
    reading: Reading,
    /// From where the entries are taken to come, where the test says it.
    sender: Option<Arc<Sender>>,
    answers: Answers,
    faults: Faults,
    journal: Journal,
    tries: Tries,
    tally: Tally,
    /// What the journal has forgotten, until it is taken.
    forgotten: Vec<Attempt>,
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}

impl Engine {
    /// An engine with today's limits and no faults that takes any bus and any credentials.
    pub fn new() -> Self {
        Self {
            limits: Limits::current(),
            known_buses: None,
            reading: Reading { max_body_size: MAX_BODY_SIZE, strict_auth: false, are_keys_shortened: false },
            sender: None,
            answers: Answers::default(),
            faults: Faults::new(0),
            journal: Journal::new(),
            tries: Tries::default(),
            tally: Tally::default(),
            forgotten: Vec::new(),
        }
    }

    /// Enforces these limits instead of today's.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Names the buses that exist, beside `default`. Entries for any other bus are answered as AWS answers them, as if
    /// accepted, and reported as a problem: no rule would ever see them. DescribeEventBus finds these buses and no others.
    #[must_use]
    pub fn known_buses<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        let default = std::iter::once(DEFAULT_BUS.to_owned());
        let named = names.into_iter().map(|name| bus_name(&name.into()).to_owned());
        self.known_buses = Some(default.chain(named.filter(|name| name != DEFAULT_BUS)).collect());
        self
    }

    /// Refuses requests that are not signed, or not completely. Signatures are not verified.
    #[must_use]
    pub fn strict_auth(mut self) -> Self {
        self.reading.strict_auth = true;
        self
    }

    /// Keeps of access key ids their first and last four characters alone, such as `AKID...MPLE`: in journals, pages and reports,
    /// and also where an answer repeats a signature. Two keys that differ only between them then look the same.
    ///
    /// Session tokens (`x-amz-security-token`, also in the query of a presigned request) and `proxy-authorization` are never kept:
    /// `(removed)` stands in their place, whether or not keys are shortened.
    #[must_use]
    pub fn shorten_keys(mut self) -> Self {
        self.reading.are_keys_shortened = true;
        self
    }

    /// The account of the events' envelopes, as patterns and targets see it; `123456789012` by default.
    ///
    /// # Panics
    ///
    /// If it has not twelve digits.
    #[must_use]
    #[track_caller]
    pub fn account(mut self, account: impl Into<String>) -> Self {
        self.sender().account = Some(or_panic(checked_account(account.into())));
        self
    }

    /// The region of all events' envelopes. Without it that is the one of the bus's ARN, else the one that the request was
    /// signed for, else `us-east-1`.
    ///
    /// # Panics
    ///
    /// If it is not the code of a region: lower case letters, digits and hyphens.
    #[must_use]
    #[track_caller]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.sender().region = Some(or_panic(checked_region(region.into())));
        self
    }

    fn sender(&mut self) -> &mut Sender {
        Arc::make_mut(self.sender.get_or_insert_default())
    }

    /// Takes bodies up to this size in bytes, and answers longer ones with HTTP 413. The default of
    /// 8 MiB is more than any request of 1 MiB can need, whatever its client escapes. More than 1 GiB counts as 1 GiB.
    #[must_use]
    pub fn max_body_size(mut self, bytes: usize) -> Self {
        self.reading.max_body_size = bytes.min(MAX_READABLE_BODY);
        self
    }

    /// Lets the journal hold about this many bytes (256 MiB by default) before it forgets its oldest attempts, as many
    /// as must be. The newest attempt always stays. Bodies, decoded texts, answers and parsed details count; for a detail that
    /// is parsed room is made at the next request.
    #[must_use]
    pub fn max_journal_size(mut self, bytes: usize) -> Self {
        self.journal.set_max_size(bytes);
        self
    }

    /// Lets the journal hold this many attempts (any number by default): always the newest ones.
    ///
    /// # Panics
    ///
    /// If that is none: nothing could be asserted.
    #[must_use]
    #[track_caller]
    pub fn max_journal_attempts(mut self, attempts: usize) -> Self {
        assert!(attempts > 0, "a journal of 0 attempts remembers nothing: write max_journal_attempts(1) or more");
        self.journal.set_max_attempts(attempts);
        self
    }

    /// What chance depends on: faults with a probability, and latencies that vary. The default is 0.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.faults.set_seed(seed);
        self
    }

    /// Answers requests for another operation than PutEvents from now on: HTTP 200, with this as its body. Also instead of the
    /// engine's own answer to DescribeEventBus, which has the bus's `Arn`, `Name` and times where the bus is
    /// [known](Self::known_buses) or none are named, and else is a `ResourceNotFoundException`.
    ///
    /// ```
    /// let mut engine = putevents_mock::Engine::new();
    /// engine.answer("ListRules", serde_json::json!({ "Rules": [] }));
    /// ```
    ///
    /// # Panics
    ///
    /// If EventBridge has no such operation, if it is PutEvents, for which there is
    /// [`Fault::answer_with`](crate::Fault::answer_with), or if the answer is not an object.
    #[track_caller]
    pub fn answer(&mut self, operation: &str, answer: Value) {
        or_panic(self.answers.give(operation, answer));
    }

    /// The answers that were given.
    pub(crate) fn answers(&self) -> &Answers {
        &self.answers
    }

    pub(crate) fn answers_mut(&mut self) -> &mut Answers {
        &mut self.answers
    }

    /// Lets something go wrong from now on.
    ///
    /// # Panics
    ///
    /// If the fault is for an entry at an index that no request within the limits has.
    #[track_caller]
    pub fn inject(&mut self, fault: Fault) -> FaultId {
        match self.try_inject(fault, &Location::caller().to_string()) {
            Ok(id) => id,
            Err(error) => panic!("{}", error.in_program),
        }
    }

    /// The same for a fault that stands at a place in a file or came with a request.
    pub(crate) fn try_inject(&mut self, fault: Fault, at: &str) -> Result<FaultId, Unfit> {
        match self.limits.index_error(fault.when.index) {
            None => {
                if let Some(on_try) = &fault.when.on_try {
                    self.tries.watch(&on_try.identity, &self.journal);
                }
                let next = self.journal.next_of(fault.when.operation());
                Ok(self.faults.inject(fault, at, next))
            }
            Some(error) => Err(error),
        }
    }

    /// How many faults were injected so far.
    pub(crate) fn injected(&self) -> usize {
        self.faults.count()
    }

    /// How often a fault has applied. Of faults that were lifted, the last thousand are remembered, and those that did not
    /// apply as often as they were to.
    pub fn fired(&self, fault: FaultId) -> usize {
        self.faults.fired(fault)
    }

    /// Takes a fault back. What it has done stays done.
    pub fn lift(&mut self, fault: FaultId) {
        self.faults.lift(fault, |operation| self.journal.next_of(operation));
        self.tries.retain(|identity| self.faults.count_tries_by(identity));
    }

    /// Takes all faults back. What they have done stays done.
    pub fn clear_faults(&mut self) {
        self.faults.lift_all(|operation| self.journal.next_of(operation));
        self.tries.retain(|_| false);
    }

    /// The faults that are in force, in the order of their injection.
    pub fn faults_in_force(&self) -> impl Iterator<Item = &Fault> {
        self.faults.in_force()
    }

    /// What chance depends on.
    pub(crate) fn seed_in_use(&self) -> u64 {
        self.faults.seed()
    }

    /// What has happened so far.
    pub fn journal(&self) -> Journal {
        self.journal.snapshot(self.faults.records(), self.faults.seed_if_drawn(), &self.tally)
    }

    /// The record itself. It does not know what a snapshot says of faults.
    pub(crate) fn record(&self) -> &Journal {
        &self.journal
    }

    /// How many requests have come, also those that the journal has forgotten.
    pub(crate) fn requests(&self) -> usize {
        self.journal.next_number() - 1
    }

    /// Forgets what has happened so far. Faults stay in force, and attempts are counted on; the tries of an event are counted
    /// anew, as the ledger does.
    pub fn clear_journal(&mut self) {
        self.journal.clear();
        self.tries.clear();
    }

    /// Whether connections are to be refused now.
    pub fn refuses_connections(&self) -> bool {
        self.faults.any_at(Step::Listen)
    }

    /// Whether a connection that has just been accepted is to be reset at once. Asking counts.
    pub fn resets_connection(&mut self, now: Now) -> bool {
        self.faults.first::<ResetOnConnect>(&Candidate::connection(), now.since_start).is_some()
    }

    /// The gate at which a request is to be held before it is [handled](Self::handle), if there is one. Asking counts.
    pub fn gate_before(&mut self, request: &http::Request<Bytes>, now: Now) -> Option<Gate> {
        if !self.faults.any_at(Step::HoldRequest) {
            return None;
        }
        let (head, body) = request.clone().into_parts();
        let (head, body) = (Head::of(head), Body::of(body, self.sender.clone()));
        let operation = Operation::of(&head)?;
        let entries = self.reading.read(&head, &body).map(Asked::into_entries).unwrap_or_default();
        let tries = self.tries.of(self.journal.next_number(), now.since_start, &entries);
        let candidate =
            Candidate::request(operation, self.journal.next_of(operation), &entries, &tries, sdk_call(&head));
        let first = catch_unwind(AssertUnwindSafe(|| self.faults.first::<HoldRequest>(&candidate, now.since_start)));
        match first {
            Ok(first) => first.map(|fired| fired.what),
            Err(panic) => {
                self.report(None, ProblemCause::panicked(&*panic), now);
                None
            }
        }
    }

    /// Judges one request, records it, and says what to answer. What a fault does to the answer on its way is up to the
    /// caller: it stands in [`Reply::delivery`]. So is to say when the answer was [given](Self::answered), which tells the
    /// journal what was in flight at the same time.
    ///
    /// A `std::net::SocketAddr` among the extensions of the request is kept as its [peer](crate::journal::Attempt::peer).
    pub fn handle(&mut self, request: http::Request<Bytes>, now: Now, ids: &mut Ids) -> Reply {
        let reply = self.handle_and_hold(request, now, ids);
        drop(self.take_forgotten());
        reply
    }

    /// The same, but holds what the journal has forgotten until it is [taken](Self::take_forgotten).
    pub(crate) fn handle_and_hold(&mut self, request: http::Request<Bytes>, now: Now, ids: &mut Ids) -> Reply {
        let (head, body, spare) = self.without_secrets(request);
        let request = self.reading.read(&head, &body);
        self.conclude(Operation::of(&head), head, body, request, now, ids).with_spare_map(spare)
    }

    /// What the journal has forgotten. Whoever has a lock drops it when the lock is open again, for that takes time.
    pub(crate) fn take_forgotten(&mut self) -> Vec<Attempt> {
        std::mem::take(&mut self.forgotten)
    }

    /// Refuses a request that the transport could not take, and records it as any other. No fault applies to it: a client that
    /// is one too many must not wait for long.
    pub(crate) fn refuse(
        &mut self,
        request: http::Request<Bytes>,
        error: RequestError,
        cause: ProblemCause,
        now: Now,
        ids: &mut Ids,
    ) -> Reply {
        let (head, body, spare) = self.without_secrets(request);
        self.conclude(None, head, body, Err(Refusal::new(error, cause)), now, ids).with_spare_map(spare)
    }

    /// What is taken out here stands in no journal, page, report or answer of the API.
    fn without_secrets(&self, request: http::Request<Bytes>) -> (Head, Body, HeaderMap) {
        let (mut head, body) = request.into_parts();
        withhold(&mut head, self.reading.are_keys_shortened);
        let (head, spare) = Head::with_spare_map(head);
        (head, Body::of(body, self.sender.clone()), spare)
    }

    /// Records a problem, of an attempt or of a connection on which no request came through.
    pub(crate) fn report(&mut self, attempt: Option<usize>, cause: ProblemCause, now: Now) {
        self.journal.report(Problem { attempt, at: now.since_start, cause });
    }

    /// Nobody answers any more, and nobody wanted that.
    pub(crate) fn lose_server(&self) {
        self.tally.lose_server();
    }

    pub(crate) fn body_limit(&self) -> usize {
        self.reading.max_body_size
    }

    /// Says that an attempt is over: its answer is being handed to the publisher.
    pub fn answered(&mut self, attempt: usize, now: Now) {
        self.end(attempt, Ended { at: now.since_start, was_answered: true });
    }

    /// Says that an attempt is over without an answer: nobody is there any more to be told.
    pub fn abandoned(&mut self, attempt: usize, now: Now) {
        self.end(attempt, Ended { at: now.since_start, was_answered: false });
    }

    fn end(&mut self, attempt: usize, ended: Ended) {
        self.journal.end(attempt, ended);
        self.tries.ended(attempt, self.journal.attempt(attempt));
    }
}
