//! The service as a value: a function from a request, a time and a source of ids to a reply.
//!
//! The [`Engine`] has no socket, no clock and no async runtime. It is the core of every mock. Without the feature `server`, the
//! crate is the engine alone.

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

/// The default bound on a body, in bytes. A legal request of 1 MiB can have six times as many bytes on the wire, if its client
/// writes every byte as `\u00XX`. The rest is room for white space, and for members that the size formula does not count.
const MAX_BODY_SIZE: usize = 8 * 1024 * 1024;

/// The moment at which the engine handles a request: a time since the start, and a date.
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
    /// Makes the moment at this time after the start of the mock, and at this date.
    pub const fn new(since_start: Duration, date: SystemTime) -> Self {
        Self { since_start, date }
    }

    /// The same date at another time after the start.
    pub(crate) const fn at(self, since_start: Duration) -> Self {
        Self { since_start, ..self }
    }
}

/// The service without a transport: it takes a request as a value, and returns the reply as a value.
///
/// `MockEventBridge` is an engine behind an HTTP server. Use the engine itself if there is no socket, or if time must be an
/// argument.
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
/// 1. Faults that keep the service from seeing the request.
/// 2. The size of the body: HTTP 413 if it is too large, HTTP 503 if the server has no room for it beside other bodies.
/// 3. The method, the path and the content type: HTTP 404.
/// 4. The body: it must be JSON, uncompressed.
/// 5. The operation.
/// 6. The authentication, if it is [strict](Self::strict_auth).
/// 7. The types of the members.
/// 8. Faults of whole requests.
/// 9. The limits of the whole request: first the constraints of its members, then its size.
/// 10. Each entry in order: first its limits, then the faults of entries. Every other entry is accepted with an EventId.
/// 11. Faults of the reply.
///
/// Beside PutEvents the engine answers DescribeEventBus, and each operation that has an [answer](Self::answer). It refuses every
/// other operation at step 5, and records a problem. Requests for operations other than PutEvents take steps 1 to 6, 8 and 11.
///
/// Faults apply to requests for PutEvents, unless they name another [operation](crate::Fault::on_operation). A request for another
/// operation uses up no fault, and [`on_attempt`](crate::Fault::on_attempt) does not count it. Faults of connections apply to every
/// connection: the operation is not known yet.
///
/// [`Fault`] describes these steps from the side of the faults.
#[derive(Debug, Clone)]
pub struct Engine {
    limits: Limits,
    known_buses: Option<Vec<String>>,
    reading: Reading,
    /// The account and region of the entries, if the test sets them.
    sender: Option<Arc<Sender>>,
    answers: Answers,
    faults: Faults,
    journal: Journal,
    tries: Tries,
    tally: Tally,
    /// The attempts that the journal has forgotten, until the caller takes them.
    forgotten: Vec<Attempt>,
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}

impl Engine {
    /// Makes an engine with today's limits and no faults. It accepts any event bus and any credentials.
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

    /// Enforces these limits on requests and entries. The default is [`Limits::current`]: those of AWS today.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Names the event buses that exist beside `default`. Without this call every bus exists.
    ///
    /// AWS accepts an entry for a bus that does not exist, and delivers it nowhere. So does the engine, which records a
    /// [problem](crate::journal::ProblemKind::UnknownBus). DescribeEventBus finds the named buses alone.
    #[must_use]
    pub fn known_buses<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        let default = std::iter::once(DEFAULT_BUS.to_owned());
        let named = names.into_iter().map(|name| bus_name(&name.into()).to_owned());
        self.known_buses = Some(default.chain(named.filter(|name| name != DEFAULT_BUS)).collect());
        self
    }

    /// Refuses requests without a complete signature, with the errors of AWS. The engine does not verify signatures. By default it
    /// takes requests without one.
    #[must_use]
    pub fn strict_auth(mut self) -> Self {
        self.reading.strict_auth = true;
        self
    }

    /// Keeps the first and last four characters of each access key id, such as `AKID...MPLE`: in journals, pages and reports, and
    /// in a reply that repeats a signature. Two keys that differ only in the middle then look the same. By default keys are kept
    /// whole.
    ///
    /// Session tokens (`x-amz-security-token`, also in the query of a presigned request) and `proxy-authorization` are never kept.
    /// `(removed)` stands in their place, whether keys are shortened or not.
    #[must_use]
    pub fn shorten_keys(mut self) -> Self {
        self.reading.are_keys_shortened = true;
        self
    }

    /// Sets the account in the envelopes of the events, as patterns and targets see it. The default is `123456789012`.
    ///
    /// # Panics
    ///
    /// If the account does not have twelve digits.
    #[must_use]
    #[track_caller]
    pub fn account(mut self, account: impl Into<String>) -> Self {
        self.sender().account = Some(or_panic(checked_account(account.into())));
        self
    }

    /// Sets the region in the envelopes of all events. By default an event has the region of its bus's ARN, else the region that
    /// its request was signed for, else `us-east-1`.
    ///
    /// # Panics
    ///
    /// If the text is not the code of a region: lower-case letters, digits and hyphens.
    #[must_use]
    #[track_caller]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.sender().region = Some(or_panic(checked_region(region.into())));
        self
    }

    fn sender(&mut self) -> &mut Sender {
        Arc::make_mut(self.sender.get_or_insert_default())
    }

    /// Answers a body of more bytes than this with HTTP 413. The default is 8 MiB, which is more than a request of 1 MiB needs
    /// however its client escapes it. More than 1 GiB counts as 1 GiB.
    #[must_use]
    pub fn max_body_size(mut self, bytes: usize) -> Self {
        self.reading.max_body_size = bytes.min(MAX_READABLE_BODY);
        self
    }

    /// Bounds the journal at about this many bytes. The default is 256 MiB. At the bound the journal forgets its oldest attempts.
    /// The newest attempt always stays.
    ///
    /// Bodies, decoded texts, replies and parsed details count. If a test parses a detail, the journal makes room for it at the next
    /// request.
    #[must_use]
    pub fn max_journal_size(mut self, bytes: usize) -> Self {
        self.journal.set_max_size(bytes);
        self
    }

    /// Bounds the journal at this many attempts, the newest ones. By default their number has no bound.
    ///
    /// # Panics
    ///
    /// If `attempts` is 0.
    #[must_use]
    #[track_caller]
    pub fn max_journal_attempts(mut self, attempts: usize) -> Self {
        assert!(attempts > 0, "a journal of 0 attempts remembers nothing: write max_journal_attempts(1) or more");
        self.journal.set_max_attempts(attempts);
        self
    }

    /// Sets the seed of everything random: faults with a probability, and latencies that vary. The default is 0.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.faults.set_seed(seed);
        self
    }

    /// Answers requests for an operation other than PutEvents with HTTP 200 and this body, from now on.
    ///
    /// It also replaces the engine's own answer to DescribeEventBus. That answer has the bus's `Arn`, `Name` and times if the bus
    /// is [known](Self::known_buses) or no buses are named. Else it is a `ResourceNotFoundException`.
    ///
    /// ```
    /// let mut engine = putevents_mock::Engine::new();
    /// engine.answer("ListRules", serde_json::json!({ "Rules": [] }));
    /// ```
    ///
    /// # Panics
    ///
    /// If EventBridge has no operation of this name, if it is PutEvents (use [`Fault::answer_with`](crate::Fault::answer_with)), or
    /// if the answer is not an object.
    #[track_caller]
    pub fn answer(&mut self, operation: &str, answer: Value) {
        or_panic(self.answers.give(operation, answer));
    }

    /// The answers to operations other than PutEvents.
    pub(crate) fn answers(&self) -> &Answers {
        &self.answers
    }

    pub(crate) fn answers_mut(&mut self) -> &mut Answers {
        &mut self.answers
    }

    /// Injects a fault: it applies from now on. Returns its id, with which it can be [lifted](Self::lift).
    ///
    /// ```
    /// use putevents_mock::{Engine, EntryError, Fault};
    ///
    /// let mut engine = Engine::new();
    /// let throttling = engine.inject(Fault::entry(EntryError::throttling()).at_index(0).times(2));
    /// assert_eq!(engine.fired(throttling), 0);
    /// assert_eq!(engine.faults_in_force().count(), 1);
    /// engine.lift(throttling);
    /// assert_eq!(engine.faults_in_force().count(), 0);
    /// ```
    ///
    /// # Panics
    ///
    /// If the fault is for an entry at an index that no request within the [limits](Self::limits) has.
    #[track_caller]
    pub fn inject(&mut self, fault: Fault) -> FaultId {
        match self.try_inject(fault, &Location::caller().to_string()) {
            Ok(id) => id,
            Err(error) => panic!("{}", error.in_program),
        }
    }

    /// Injects a fault from a place in a program, in a file or in a request.
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

    /// The number of faults that were injected so far.
    pub(crate) fn injected(&self) -> usize {
        self.faults.count()
    }

    /// Returns how often a fault has applied. The engine remembers the last 1,000 faults that were lifted, and each lifted fault
    /// that applied less often than [`Fault::times`] says. It returns 0 for any other lifted fault.
    pub fn fired(&self, fault: FaultId) -> usize {
        self.faults.fired(fault)
    }

    /// Lifts a fault: it no longer applies. Outcomes that it caused are kept.
    pub fn lift(&mut self, fault: FaultId) {
        self.faults.lift(fault, |operation| self.journal.next_of(operation));
        self.tries.retain(|identity| self.faults.count_tries_by(identity));
    }

    /// Lifts all faults. Outcomes that they caused are kept.
    pub fn clear_faults(&mut self) {
        self.faults.lift_all(|operation| self.journal.next_of(operation));
        self.tries.retain(|_| false);
    }

    /// Returns the faults that are in force, in the order of their injection.
    pub fn faults_in_force(&self) -> impl Iterator<Item = &Fault> {
        self.faults.in_force()
    }

    /// The seed of everything random.
    pub(crate) fn seed_in_use(&self) -> u64 {
        self.faults.seed()
    }

    /// Returns a snapshot of the journal: all attempts so far. Later attempts do not change it.
    pub fn journal(&self) -> Journal {
        self.journal.snapshot(self.faults.records(), self.faults.seed_if_drawn(), &self.tally)
    }

    /// The journal itself. Only a snapshot knows the faults.
    pub(crate) fn record(&self) -> &Journal {
        &self.journal
    }

    /// The number of requests so far, also those that the journal has forgotten.
    pub(crate) fn requests(&self) -> usize {
        self.journal.next_number() - 1
    }

    /// Clears the journal. Faults stay in force, and the numbers of attempts go on. The tries of an event are counted anew, by the
    /// faults and by the ledger.
    pub fn clear_journal(&mut self) {
        self.journal.clear();
        self.tries.clear();
    }

    /// Returns whether a fault refuses new connections now.
    pub fn refuses_connections(&self) -> bool {
        self.faults.any_at(Step::Listen)
    }

    /// Returns whether a fault resets the connection that was just accepted. Call it once for each connection: each call uses up
    /// one application of the fault.
    pub fn resets_connection(&mut self, now: Now) -> bool {
        self.faults.first::<ResetOnConnect>(&Candidate::connection(), now.since_start).is_some()
    }

    /// Returns the gate at which a fault holds this request before it is [handled](Self::handle). Call it once for each request:
    /// each call uses up one application of the fault.
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

    /// Judges one request, records it as an attempt, and returns the reply.
    ///
    /// The caller delivers the reply as [`Reply::delivery`] says: a fault may delay it or cut it off. After that the caller calls
    /// [`answered`](Self::answered) or [`abandoned`](Self::abandoned), so that the journal knows which attempts were in flight at
    /// the same time. Without these calls each attempt counts as answered at once.
    ///
    /// A `std::net::SocketAddr` among the extensions of the request is recorded as its [peer](crate::journal::Attempt::peer).
    pub fn handle(&mut self, request: http::Request<Bytes>, now: Now, ids: &mut Ids) -> Reply {
        let reply = self.handle_and_hold(request, now, ids);
        drop(self.take_forgotten());
        reply
    }

    /// Handles a request as [`handle`](Self::handle) does. The attempts that the journal forgets are kept for
    /// [`take_forgotten`](Self::take_forgotten).
    pub(crate) fn handle_and_hold(&mut self, request: http::Request<Bytes>, now: Now, ids: &mut Ids) -> Reply {
        let (head, body, spare) = self.without_secrets(request);
        let request = self.reading.read(&head, &body);
        self.conclude(Operation::of(&head), head, body, request, now, ids).with_spare_map(spare)
    }

    /// Takes the attempts that the journal has forgotten. The drop takes time: a caller with a lock releases the lock first.
    pub(crate) fn take_forgotten(&mut self) -> Vec<Attempt> {
        std::mem::take(&mut self.forgotten)
    }

    /// Refuses a request that the transport could not take, and records it as an attempt. No fault applies to it: a client beyond
    /// the bound on connections must not wait long.
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

    /// Removes secrets from a request: no journal, page, report or answer of the admin API has them.
    fn without_secrets(&self, request: http::Request<Bytes>) -> (Head, Body, HeaderMap) {
        let (mut head, body) = request.into_parts();
        withhold(&mut head, self.reading.are_keys_shortened);
        let (head, spare) = Head::with_spare_map(head);
        (head, Body::of(body, self.sender.clone()), spare)
    }

    /// Records a problem of an attempt, or of a connection without a complete request.
    pub(crate) fn report(&mut self, attempt: Option<usize>, cause: ProblemCause, now: Now) {
        self.journal.report(Problem { attempt, at: now.since_start, cause });
    }

    /// Records that the server ended without being stopped.
    pub(crate) fn lose_server(&self) {
        self.tally.lose_server();
    }

    pub(crate) fn body_limit(&self) -> usize {
        self.reading.max_body_size
    }

    /// Records that an attempt ended with its reply: the reply is being delivered to the publisher.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    ///
    /// use putevents_mock::Engine;
    /// use putevents_mock::engine::{Ids, Now};
    ///
    /// let mut engine = Engine::new();
    /// let at = |seconds| Now::new(Duration::from_secs(seconds), SystemTime::UNIX_EPOCH);
    /// let reply = engine.handle(http::Request::post("/").body("{}".into()).unwrap(), at(1), &mut Ids::counting());
    /// engine.answered(reply.attempt(), at(3));
    /// assert_eq!(engine.journal().attempts()[0].ended_at(), Some(Duration::from_secs(3)));
    /// ```
    pub fn answered(&mut self, attempt: usize, now: Now) {
        self.end(attempt, Ended { at: now.since_start, was_answered: true });
    }

    /// Records that an attempt ended without its reply: the publisher closed the connection, or stopped waiting.
    pub fn abandoned(&mut self, attempt: usize, now: Now) {
        self.end(attempt, Ended { at: now.since_start, was_answered: false });
    }

    fn end(&mut self, attempt: usize, ended: Ended) {
        self.journal.end(attempt, ended);
        self.tries.ended(attempt, self.journal.attempt(attempt));
    }
}
