//! The one place where a request is judged and the record changes. It knows neither a clock nor a socket.

#![warn(clippy::indexing_slicing)]

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::request::Parts;

use crate::entry::{DEFAULT_BUS, Entry, bus_name};
use crate::error::RequestError;
use crate::fault::{Fault, FaultId, Faults};
use crate::gzip;
use crate::ids::{Ids, RequestIds};
use crate::journal::{Journal, Outcome, Problem, ProblemKind, Received};
use crate::limits::Limits;
use crate::reply::Reply;
use crate::wire::{self, DecodeError, PutEvents};
use crate::{auth, report};

/// The largest body that is taken, in bytes. A legal request of 1 MiB can be six times as long on the wire, where a client
/// writes every byte as `\u00XX`; the rest is room for white space and for members that the size formula does not count.
const MAX_BODY_SIZE: usize = 8 * 1024 * 1024;

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
/// 1. a body that is too large: HTTP 413
/// 2. method, path and content type: HTTP 404
/// 3. compression, then whether the body is JSON
/// 4. the operation
/// 5. authentication, where it is strict
/// 6. the types of the members
/// 7. faults of whole requests
/// 8. the limits of the whole request: first the constraints of its members, then its size
/// 9. each entry in order: first its limits, then the faults of entries
/// 10. acceptance: each remaining entry gets its EventId
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

/// A request that is refused as a whole.
struct Refusal {
    error: RequestError,
    cause: Cause,
}

enum Cause {
    Problem(ProblemKind, String),
    Fault(FaultId),
}

impl Refusal {
    fn new(error: RequestError, kind: ProblemKind, message: impl Into<String>) -> Self {
        Self { error, cause: Cause::Problem(kind, message.into()) }
    }

    /// A refusal whose own message says what is wrong.
    fn explained(error: RequestError, kind: ProblemKind) -> Self {
        let message = error.message().unwrap_or_default().to_owned();
        Self::new(error, kind, message)
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
            faults: Faults::default(),
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
    pub fn journal_limit(mut self, bytes: usize) -> Self {
        self.journal.set_limit(bytes);
        self
    }

    /// Lets something go wrong from now on.
    pub fn inject(&mut self, fault: Fault) -> FaultId {
        self.faults.inject(fault)
    }

    /// How often a fault has applied.
    pub fn fired(&self, fault: FaultId) -> usize {
        self.faults.fired(fault)
    }

    /// Takes a fault back. What it has done stays done.
    pub fn lift(&mut self, fault: FaultId) {
        self.faults.lift(fault);
    }

    /// What has happened so far.
    pub fn journal(&self) -> Journal {
        self.journal.clone()
    }

    /// Judges one request, records it, and says what to answer.
    pub fn handle(&mut self, request: http::Request<Bytes>, now: Now, ids: &mut Ids) -> Reply {
        let (head, body) = request.into_parts();
        let request = self.read(&head, &body);
        self.conclude(head, body, request, now, ids)
    }

    /// Steps 1 to 6: what the request says, as far as it says anything.
    fn read(&self, head: &Parts, body: &Bytes) -> Result<PutEvents, Refusal> {
        let declared = wire::header(head, "content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        if body.len().max(declared) > self.max_body_size {
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
                wire::check_syntax(&body).map_err(unreadable)?;
            }
            return Err(other_operation(target));
        }
        let request = wire::decode(&body);
        if let Err(error @ DecodeError::Syntax { .. }) = request {
            return Err(unreadable(error));
        }
        if self.strict_auth {
            auth::check(head).map_err(|error| Refusal::explained(error, ProblemKind::Unauthenticated))?;
        }
        request.map_err(unreadable)
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

    #[cfg(feature = "server")]
    pub(crate) fn body_limit(&self) -> usize {
        self.max_body_size
    }

    /// Steps 7 to 10, and the record.
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
        let Verdict { entries, outcomes, error, fired, problems } = self.judge(number, request, &mut ids);
        let reply = match &error {
            Some(error) => Reply::refusal(ids.request_id(), now.date, error),
            None => Reply::results(ids.request_id(), now.date, &outcomes),
        };
        for (kind, message) in problems {
            self.journal.report(Problem { kind, attempt: Some(number), at: now.since_start, message });
        }
        self.journal.record(Received {
            number,
            at: now.since_start,
            head,
            body,
            entries,
            outcomes,
            error,
            fired,
            reply: reply.clone(),
        });
        reply
    }

    fn judge(&mut self, attempt: usize, request: Result<PutEvents, Refusal>, ids: &mut RequestIds<'_>) -> Verdict {
        let request = match request {
            Ok(request) => request,
            Err(refusal) => return Verdict::refused(Vec::new(), refusal),
        };
        let admitted = self.admit(attempt, &request);
        let entries = request.entries.unwrap_or_default();
        if let Err(refusal) = admitted {
            return Verdict::refused(entries, refusal);
        }
        let mut verdict = Verdict::default();
        for (index, entry) in entries.iter().enumerate() {
            let outcome = self.judge_entry(attempt, index, entry, ids, &mut verdict);
            verdict.outcomes.push(outcome);
        }
        verdict.entries = entries;
        verdict
    }

    /// Steps 7 and 8: is the request looked at entry by entry?
    fn admit(&mut self, attempt: usize, request: &PutEvents) -> Result<(), Refusal> {
        let entries = request.entries.as_deref().unwrap_or_default();
        if let Some((fault, error)) = self.faults.for_request(attempt, entries) {
            return Err(Refusal { error, cause: Cause::Fault(fault) });
        }
        self.limits.check_request(request).map_err(|error| Refusal::explained(error, ProblemKind::Invalid))
    }

    /// Steps 9 and 10 for one entry.
    fn judge_entry(
        &mut self,
        attempt: usize,
        index: usize,
        entry: &Entry,
        ids: &mut RequestIds<'_>,
        verdict: &mut Verdict,
    ) -> Outcome {
        if let Err(error) = self.limits.check_entry(entry) {
            return Outcome::Failed { error, injected: false };
        }
        if let Some((fault, error)) = self.faults.for_entry(attempt, index, entry) {
            verdict.fired.push(fault);
            return Outcome::Failed { error, injected: true };
        }
        if let Some(known) = &self.known_buses {
            if !known.iter().any(|name| name == entry.event_bus_name()) {
                verdict.problems.push((ProblemKind::UnknownBus, report::unknown_bus(index, entry, known)));
            }
        }
        Outcome::Accepted { event_id: ids.event_id() }
    }
}

/// What became of a request.
#[derive(Default)]
struct Verdict {
    entries: Vec<Entry>,
    outcomes: Vec<Outcome>,
    error: Option<RequestError>,
    fired: Vec<FaultId>,
    problems: Vec<(ProblemKind, String)>,
}

impl Verdict {
    fn refused(entries: Vec<Entry>, Refusal { error, cause }: Refusal) -> Self {
        let mut verdict = Self { entries, error: Some(error), ..Self::default() };
        match cause {
            Cause::Problem(kind, message) => verdict.problems.push((kind, report::shortened(message))),
            Cause::Fault(fault) => verdict.fired.push(fault),
        }
        verdict
    }
}

fn unreadable(error: DecodeError) -> Refusal {
    let (message, why) = match error {
        DecodeError::Syntax { reason } => (None, format!("the body is not JSON: {reason}")),
        DecodeError::Type { path, message } => {
            (message, format!("{path} has the wrong type: {}", message.unwrap_or("expected an object")))
        }
    };
    Refusal::new(RequestError::serialization(message.map(str::to_owned)), ProblemKind::Unreadable, why)
}

fn other_operation(target: Option<&str>) -> Refusal {
    let why = match target {
        Some(target) => format!("the operation is {target:?}; only {:?} is mocked", wire::TARGET),
        None => format!("there is no X-Amz-Target header; PutEvents needs {:?}", wire::TARGET),
    };
    Refusal::new(RequestError::unknown_operation(), ProblemKind::OtherOperation, why)
}
