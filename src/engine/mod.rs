//! The one place where a request is judged and the record changes. It knows neither a clock nor a socket.

#![warn(clippy::indexing_slicing)]

mod verdict;

use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::request::Parts;

use self::verdict::{Cause, Refusal, Verdict};
use crate::auth;
use crate::entry::{DEFAULT_BUS, Entry, bus_name};
use crate::error::{EntryError, RequestError};
use crate::fault::{Candidate, Effect, Fault, FaultId, FaultPlan, Faults, Fired, Step};
use crate::gate::Gate;
use crate::gzip;
use crate::ids::{Ids, RequestIds};
#[cfg(feature = "server")]
use crate::journal::Events;
use crate::journal::{Ended, Journal, Outcome, Problem, ProblemKind, Received};
use crate::limits::Limits;
use crate::reply::Reply;
use crate::report;
use crate::wire::{self, DecodeError, PutEvents};

/// The largest body that is taken, in bytes. A legal request of 1 MiB can be six times as long on the wire, where a client
/// writes every byte as `\u00XX`; the rest is room for white space and for members that the size formula does not count.
const MAX_BODY_SIZE: usize = 8 * 1024 * 1024;

/// The entries of a recorded request, if it can be read.
pub(crate) fn entries_of(head: &Parts, body: &Bytes) -> Option<Vec<Entry>> {
    Engine::new().max_body_size(usize::MAX).read(head, body).ok()?.entries
}

/// The moment at which a request is handled.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    /// The time since the mock was started, on whatever clock the tests run; the journal keeps it.
    pub since_start: Duration,
    /// The real time, for the `Date` header.
    pub date: SystemTime,
}

/// The service without its transport: requests go in as values and come out as values.
///
/// [`MockEventBridge`](crate::MockEventBridge) is this behind an HTTP server; use it directly where there is no
/// socket, or where time must be an argument.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use putevents_mock::{Engine, Ids, Now};
///
/// let mut engine = Engine::new();
/// let request = http::Request::post("/")
///     .header("content-type", "application/x-amz-json-1.1")
///     .header("x-amz-target", "AWSEvents.PutEvents")
///     .body(r#"{"Entries":[{"Source":"shop","DetailType":"OrderPlaced","Detail":"{}"}]}"#.into())
///     .unwrap();
/// let now = Now { since_start: Duration::ZERO, date: SystemTime::UNIX_EPOCH };
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
/// 2. a body that is too large: HTTP 413
/// 3. method, path and content type: HTTP 404
/// 4. compression, then whether the body is JSON
/// 5. the operation
/// 6. authentication, where it is strict
/// 7. the types of the members
/// 8. faults of whole requests
/// 9. the limits of the whole request: first the constraints of its members, then its size
/// 10. each entry in order: first its limits, then the faults of entries; the others are accepted under their EventIds
/// 11. faults of the answer
///
/// [`Fault`] tells the same from the side of the faults.
#[derive(Debug, Clone)]
pub struct Engine {
    limits: Limits,
    known_buses: Option<Vec<String>>,
    strict_auth: bool,
    max_body_size: usize,
    faults: Faults,
    journal: Journal,
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
            strict_auth: false,
            max_body_size: MAX_BODY_SIZE,
            faults: Faults::new(0),
            journal: Journal::new(),
        }
    }

    /// Enforces these limits instead of today's.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Names the buses that exist, beside `default`. Entries for any other bus are answered as AWS answers them, as if
    /// accepted, and reported as a problem: no rule would ever see them.
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
        self.strict_auth = true;
        self
    }

    /// Takes bodies up to this size in bytes, compressed or not, and answers longer ones with HTTP 413. The default of
    /// 8 MiB is more than any request of 1 MiB can need, whatever its client escapes.
    #[must_use]
    pub fn max_body_size(mut self, bytes: usize) -> Self {
        self.max_body_size = bytes;
        self
    }

    /// Lets the journal hold about this many bytes (256 MiB by default) before it forgets its oldest attempts. The
    /// newest attempt always stays.
    #[must_use]
    pub fn max_journal_size(mut self, bytes: usize) -> Self {
        self.journal.set_max_size(bytes);
        self
    }

    /// Lets the journal hold this many attempts (any number by default) before it forgets its oldest ones.
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

    /// Lets something go wrong from now on.
    ///
    /// # Panics
    ///
    /// If the fault is for an entry at an index that no request within the limits has.
    #[track_caller]
    pub fn inject(&mut self, fault: Fault) -> FaultId {
        match self.try_inject(fault, &Location::caller().to_string()) {
            Ok(id) => id,
            Err(error) => panic!("{error}"),
        }
    }

    /// The same for a fault that stands at a place in a file or came with a request.
    pub(crate) fn try_inject(&mut self, fault: Fault, at: &str) -> Result<FaultId, String> {
        match self.limits.index_error(fault.when.index) {
            None => Ok(self.faults.inject(fault, at)),
            Some(error) => Err(error),
        }
    }

    /// How many faults were injected so far.
    #[cfg(feature = "cli")]
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
        self.faults.lift(fault);
    }

    /// Takes all faults back. What they have done stays done.
    pub fn clear_faults(&mut self) {
        self.faults.lift_all();
    }

    /// The faults that are in force, with the seed.
    pub fn plan_in_force(&self) -> FaultPlan {
        FaultPlan::new(self.faults.in_force().cloned()).with_seed(self.faults.seed())
    }

    /// What has happened so far.
    pub fn journal(&self) -> Journal {
        let mut journal = self.journal.clone();
        journal.faults = self.faults.records();
        journal.seed = self.faults.seed_if_drawn();
        journal
    }

    /// Forgets what has happened so far. Faults stay in force, and attempts are counted on.
    pub fn clear_journal(&mut self) {
        self.journal.clear();
    }

    /// Whether connections are to be refused now.
    pub fn refuses_connections(&self) -> bool {
        self.faults.any_at(Step::Listen)
    }

    /// Whether a connection that has just been accepted is to be reset at once. Asking counts.
    pub fn resets_connection(&mut self, now: Now) -> bool {
        self.faults.first(Step::Connect, &Candidate::connection(), now.since_start).is_some()
    }

    /// The gate at which a request is to be held before it is [handled](Self::handle), if there is one. Asking counts.
    pub fn gate_before(&mut self, request: &http::Request<Bytes>, now: Now) -> Option<Gate> {
        if !self.faults.any_at(Step::HoldRequest) {
            return None;
        }
        let (head, body) = request.clone().into_parts();
        let entries = self.read(&head, &body).ok().and_then(|request| request.entries).unwrap_or_default();
        let candidate = Candidate::request(self.journal.next_number(), &entries);
        let first =
            catch_unwind(AssertUnwindSafe(|| self.faults.first(Step::HoldRequest, &candidate, now.since_start)));
        let first = first.unwrap_or_else(|panic| {
            let (kind, message) = (ProblemKind::Panic, report::panicked(&*panic));
            self.journal.report(Problem { kind, attempt: None, at: now.since_start, message });
            None
        });
        match &first?.fault.effect {
            Effect::Hold { gate, .. } => Some(gate.clone()),
            _ => None,
        }
    }

    /// Judges one request, records it, and says what to answer. What a fault does to the answer on its way is up to the
    /// caller: it stands in [`Reply::delivery`]. So is to say when the answer was [given](Self::answered), which tells the
    /// journal what was in flight at the same time.
    ///
    /// A `std::net::SocketAddr` among the extensions of the request is kept as its [peer](crate::Attempt::peer).
    pub fn handle(&mut self, request: http::Request<Bytes>, now: Now, ids: &mut Ids) -> Reply {
        let (head, body) = request.into_parts();
        let request = self.read(&head, &body);
        self.conclude(head, body, request, now, ids)
    }

    /// Says that an attempt is over: its answer is being handed to the publisher.
    pub fn answered(&mut self, attempt: usize, now: Now) {
        self.journal.end(attempt, Ended { at: now.since_start, was_answered: true });
    }

    /// Says that an attempt is over without an answer: nobody is there any more to be told.
    pub fn abandoned(&mut self, attempt: usize, now: Now) {
        self.journal.end(attempt, Ended { at: now.since_start, was_answered: false });
    }

    /// Steps 2 to 7: what the request says, as far as it says anything.
    fn read(&self, head: &Parts, body: &Bytes) -> Result<PutEvents, Refusal> {
        if wire::length(head, body) > self.max_body_size {
            return Err(self.too_large("the body"));
        }
        if let Some(why) = wire::protocol_error(head) {
            return Err(Refusal::new(RequestError::unknown_protocol(), ProblemKind::NotPutEvents, why));
        }
        let body = match wire::header(head, "content-encoding") {
            None | Some("identity") => body.clone(),
            Some(encoding) => self.inflate(encoding, body)?,
        };
        let target = wire::header(head, "x-amz-target");
        if target != Some(wire::TARGET) {
            if !body.is_empty() {
                wire::check_syntax(&body).map_err(Refusal::unreadable)?;
            }
            return Err(Refusal::other_operation(target));
        }
        let request = wire::decode(&body);
        if let Err(error @ DecodeError::Syntax { .. }) = request {
            return Err(Refusal::unreadable(error));
        }
        if self.strict_auth {
            auth::check(head).map_err(|error| Refusal::explained(error, ProblemKind::Unauthenticated))?;
        }
        request.map_err(Refusal::unreadable)
    }

    /// That this service inflates gzip, and how it refuses what it cannot, is a proposal (D): no SDK compresses PutEvents.
    fn inflate(&self, encoding: &str, body: &Bytes) -> Result<Bytes, Refusal> {
        let inflated = match encoding {
            "gzip" => gzip::inflate(body, self.max_body_size),
            other => Err(gzip::Error::Undecodable(format!("the Content-Encoding {other:?} is not known; gzip is"))),
        };
        inflated.map_err(|error| match error {
            gzip::Error::TooLarge => self.too_large("the decompressed body"),
            gzip::Error::Undecodable(why) => {
                let error = RequestError::new(400, "MalformedHttpRequestException", why.clone());
                Refusal::new(error, ProblemKind::Unreadable, why)
            }
        })
    }

    fn too_large(&self, what: &str) -> Refusal {
        let message = format!("{what} has more than the {} bytes that the mock takes", self.max_body_size);
        Refusal::new(RequestError::payload_too_large(), ProblemKind::TooLarge, message)
    }

    /// Refuses a request that the transport could not take, and records it as any other.
    #[cfg(feature = "server")]
    pub(crate) fn refuse(
        &mut self,
        request: http::Request<Bytes>,
        error: RequestError,
        (kind, message): (ProblemKind, String),
        now: Now,
        ids: &mut Ids,
    ) -> Reply {
        let (head, body) = request.into_parts();
        self.conclude(head, body, Err(Refusal::new(error, kind, message)), now, ids)
    }

    /// Records a problem of a connection on which no request came through.
    #[cfg(feature = "server")]
    pub(crate) fn report(&mut self, kind: ProblemKind, message: String, now: Now) {
        self.journal.report(Problem { kind, attempt: None, at: now.since_start, message });
    }

    /// The events of the newest attempt.
    #[cfg(feature = "server")]
    pub(crate) fn newest_events(&self) -> Events {
        let newest = self.journal.next_number() - 1;
        self.journal.filter(|attempt| attempt.number() == newest).published()
    }

    #[cfg(feature = "server")]
    pub(crate) fn body_limit(&self) -> usize {
        self.max_body_size
    }

    /// The other steps, and the record.
    fn conclude(
        &mut self,
        head: Parts,
        body: Bytes,
        request: Result<PutEvents, Refusal>,
        now: Now,
        ids: &mut Ids,
    ) -> Reply {
        let number = self.journal.next_number();
        let mut ids = ids.for_request();
        // Closures in matchers are the test's, and may panic. That is the test's bug, and must not end the server.
        let judged = catch_unwind(AssertUnwindSafe(|| self.judge(number, request, now, &mut ids)));
        let verdict = judged.unwrap_or_else(|panic| {
            let error = RequestError::internal_failure();
            Verdict::refused(Vec::new(), Refusal::new(error, ProblemKind::Panic, report::panicked(&*panic)))
        });
        let reply = verdict.reply(number, now, &ids);
        let Verdict { entries, outcomes, error, faults, problems, is_unseen, was_refused_by_fault, malformed, .. } =
            verdict;
        for (kind, message) in problems {
            self.journal.report(Problem { kind, attempt: Some(number), at: now.since_start, message });
        }
        self.journal.record(Received {
            number,
            at: now.since_start,
            date: now.date,
            head,
            body,
            entries,
            outcomes,
            error,
            faults,
            reply: reply.clone(),
            is_unseen,
            was_refused_by_fault,
            malformed,
        });
        reply
    }

    fn judge(
        &mut self,
        attempt: usize,
        request: Result<PutEvents, Refusal>,
        now: Now,
        ids: &mut RequestIds<'_>,
    ) -> Verdict {
        let entries = request.as_ref().ok().and_then(|request| request.entries.as_deref()).unwrap_or_default();
        let unseen = self.faults.first(Step::BeforeAcceptance, &Candidate::request(attempt, entries), now.since_start);
        if let Some(Fired { sentence, fault, .. }) = unseen {
            let entries = request.map(|request| request.entries.unwrap_or_default()).unwrap_or_default();
            return Verdict::unseen(entries, sentence, &fault.effect);
        }
        let mut verdict = match request {
            Err(refusal) => Verdict::refused(Vec::new(), refusal),
            Ok(request) => match self.admit(attempt, &request, now) {
                Err(refusal) => Verdict::refused(request.entries.unwrap_or_default(), refusal),
                Ok(()) => self.judge_entries(attempt, request.entries.unwrap_or_default(), now, ids),
            },
        };
        self.judge_answer(attempt, now, &mut verdict);
        verdict
    }

    /// Steps 8 and 9: is the request looked at entry by entry?
    fn admit(&mut self, attempt: usize, request: &PutEvents, now: Now) -> Result<(), Refusal> {
        let entries = request.entries.as_deref().unwrap_or_default();
        if let Some(fired) = self.faults.first(Step::Request, &Candidate::request(attempt, entries), now.since_start) {
            let error = match &fired.fault.effect {
                Effect::Requests(errors) => errors.get(fired.turn),
                _ => Some(RequestError::throttling()),
            };
            if let Some(error) = error {
                return Err(Refusal { error, cause: Cause::Fault(fired.sentence) });
            }
        }
        self.limits.check_request(request).map_err(|error| Refusal::explained(error, ProblemKind::Invalid))
    }

    /// Step 10.
    fn judge_entries(&mut self, attempt: usize, entries: Vec<Entry>, now: Now, ids: &mut RequestIds<'_>) -> Verdict {
        let mut verdict = Verdict::default();
        for (index, entry) in entries.iter().enumerate() {
            let outcome = self.judge_entry(&Candidate::entry(attempt, index, entry), entry, now, ids, &mut verdict);
            verdict.outcomes.push(outcome);
        }
        verdict.entries = entries;
        verdict
    }

    fn judge_entry(
        &mut self,
        candidate: &Candidate<'_>,
        entry: &Entry,
        now: Now,
        ids: &mut RequestIds<'_>,
        verdict: &mut Verdict,
    ) -> Outcome {
        if let Err(error) = self.limits.check_entry(entry) {
            return Outcome::Failed { error, injected: false };
        }
        if let Some(fired) = self.faults.first(Step::Entry, candidate, now.since_start) {
            let error = match &fired.fault.effect {
                Effect::Entries(errors) => errors.get(fired.turn),
                _ => Some(EntryError::throttling()),
            };
            if let Some(error) = error {
                verdict.faults.push(fired.sentence);
                return Outcome::Failed { error, injected: true };
            }
        }
        let mut is_delivered = true;
        if let Some(known) = &self.known_buses {
            if !known.iter().any(|name| name == entry.event_bus_name()) {
                let message = report::unknown_bus(candidate.index.unwrap_or_default(), entry, known);
                verdict.problems.push((ProblemKind::UnknownBus, message));
                is_delivered = false;
            }
        }
        if let Some(fired) = self.faults.first(Step::Delivery, candidate, now.since_start) {
            verdict.faults.push(fired.sentence);
            is_delivered = false;
        }
        Outcome::Accepted { event_id: ids.event_id(), is_delivered }
    }

    /// Step 11.
    fn judge_answer(&mut self, attempt: usize, now: Now, verdict: &mut Verdict) {
        let is_refused = verdict.error.is_some();
        for step in [Step::Reply, Step::HoldReply, Step::Latency, Step::Pace, Step::AfterAcceptance] {
            let candidate = Candidate::request(attempt, &verdict.entries);
            let is_asked = |effect: &Effect| !is_refused || effect.is_about_refusals();
            let fired = self.faults.first_where(step, &candidate, now.since_start, is_asked);
            let Some(Fired { sentence, fault, random, .. }) = fired else { continue };
            verdict.faults.push(sentence);
            match &fault.effect {
                Effect::LostReply(error) => verdict.error = Some(error.clone()),
                Effect::Malformed(how) => verdict.malformed = Some(how.clone()),
                Effect::Hold { gate, .. } => verdict.delivery.hold = Some(gate.clone()),
                Effect::Latency(latency) => verdict.delivery.delay = latency.draw(random),
                Effect::Dribble { bytes, every } => verdict.delivery.pace = Some((*bytes, *every)),
                Effect::Ending { end, .. } => verdict.delivery.end = end.clone(),
                _ => {}
            }
        }
    }
}
