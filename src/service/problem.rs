//! Problems: what a correct publisher does not do, and the text for each case.

use std::any::Any;
use std::fmt::{self, Display};
use std::time::Duration;

use http::Method;

use super::entry::Entry;
use super::error::EntryError;
use super::head::{Head, RequestHead};
use super::operation::{self, Operation};
use super::raw::MAX_DETAIL_DEPTH;
use super::wire::{CONTENT_TYPE, DecodeError};
use crate::json;
use crate::words::{beginning, named_enum, printable, shortened};

/// The longest message of a problem, in bytes. The parts that repeat the request are cut much earlier.
const MAX_MESSAGE: usize = 4 * 1024;
/// How many bytes of a name a message repeats.
const MAX_NAME: usize = 512;

/// Something in the traffic that a correct publisher does not do, or that a real account would not take.
/// [`Journal::problems`](crate::Journal::problems) returns the problems.
///
/// ```
/// use putevents_mock::journal::ProblemKind;
/// # use std::time::{Duration, SystemTime};
/// # use putevents_mock::engine::{Ids, Now};
/// # use putevents_mock::{bytes::Bytes, http::Request};
/// # let mut engine = putevents_mock::Engine::new();
/// # let request = Request::get("/").body(Bytes::new()).unwrap();
/// # engine.handle(request, Now::new(Duration::ZERO, SystemTime::UNIX_EPOCH), &mut Ids::counting());
/// # let journal = engine.journal();
///
/// // The program sent a GET.
/// let problem = &journal.problems()[0];
/// assert_eq!(problem.kind(), ProblemKind::NotPutEvents);
/// assert_eq!(problem.to_string(), "attempt 1: the method is GET; PutEvents is a POST");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    pub(crate) attempt: Option<usize>,
    pub(crate) at: Duration,
    pub(crate) cause: ProblemCause,
}

/// What was wrong, without its time and its attempt.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ProblemCause {
    pub(crate) kind: ProblemKind,
    pub(crate) message: String,
}

named_enum! {
    /// The kind of a [`Problem`].
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum ProblemKind {
        /// A connection broke or stalled inside a request, was over the bound on connections, or did not speak HTTP.
        Connection = "Connection",
        /// A request or a header was larger than the mock takes, alone or together with all requests being received.
        TooLarge = "TooLarge",
        /// A request had another method, path or content type than PutEvents.
        NotPutEvents = "NotPutEvents",
        /// A request asked for an operation of EventBridge that has no reply, or for an operation of another service.
        OtherOperation = "OtherOperation",
        /// A body was not JSON, or a member had the wrong type.
        Unreadable = "Unreadable",
        /// With strict authentication: a request was not signed, or its signature was incomplete.
        Unauthenticated = "Unauthenticated",
        /// A request broke the limits of the service as a whole, such as one with eleven entries.
        Invalid = "Invalid",
        /// An entry broke the limits of the service, such as one without a source or with a malformed detail.
        RefusedEntry = "RefusedEntry",
        /// An entry was for an unknown event bus. It was accepted, as AWS does, and delivered nowhere.
        UnknownBus = "UnknownBus",
        /// The stand-alone server could not make a session for the access key id of a request. The request went to the default
        /// session.
        NoSession = "NoSession",
        /// A closure of the test panicked. If it panicked while the request was handled, the reply was HTTP 500. If it panicked
        /// before a hold, the request was not held.
        Panic = "Panic",
        /// An event pattern of a fault could not be decided for an entry (see [`Undecided`](crate::pattern::Undecided)). The
        /// fault did not apply to that entry.
        Undecided = "Undecided",
    }
}

impl Problem {
    /// Returns the kind of the problem.
    pub fn kind(&self) -> ProblemKind {
        self.cause.kind
    }

    /// Returns the number of the attempt. Returns `None` if the request did not become an attempt.
    pub fn attempt(&self) -> Option<usize> {
        self.attempt
    }

    /// Returns when the mock noticed the problem, as the time since its start.
    pub fn at(&self) -> Duration {
        self.at
    }

    /// Returns in words what was wrong.
    pub fn message(&self) -> &str {
        &self.cause.message
    }
}

impl Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.attempt {
            Some(number) => write!(f, "attempt {number}: {}", self.message()),
            None => f.write_str(self.message()),
        }
    }
}

/// The problems of requests.
impl ProblemCause {
    pub(crate) fn new(kind: ProblemKind, message: impl fmt::Display) -> Self {
        Self { kind, message: printable(&cut(message, MAX_MESSAGE)) }
    }

    pub(crate) fn too_large(what: &str, limit: usize) -> Self {
        Self::new(ProblemKind::TooLarge, format!("{what} has more than the {limit} bytes that the mock takes"))
    }

    pub(crate) fn no_room(limit: usize) -> Self {
        let message = format!(
            "there was no room for the body: all bodies that are being received at once have at most {limit} bytes together. \
             Send fewer large requests at once, or raise the bound (receive_limit, --receive-limit)"
        );
        Self::new(ProblemKind::TooLarge, message)
    }

    pub(crate) fn compressed(encoding: &str) -> Self {
        let encoding = repeated(encoding);
        let message =
            format!("the Content-Encoding is {encoding:?}; no AWS SDK compresses PutEvents: send the body as it is");
        Self::new(ProblemKind::Unreadable, message)
    }

    /// Returns why the framework cannot tell that a request is for a JSON 1.1 service.
    ///
    /// The method and the path are proposals (D). The content types were recorded on a sister service (B). Each recorded
    /// service replies differently to `application/json`, so the mock refuses it as any other (D).
    pub(crate) fn of_protocol(head: &Head) -> Option<Self> {
        let content_type = head.header("content-type");
        let media_type = content_type.map(|value| value.split(';').next().unwrap_or_default().trim());
        let message = if head.method != Method::POST {
            format!("the method is {}; PutEvents is a POST", head.method)
        } else if !matches!(head.uri().path(), "" | "/") {
            format!("the path is {:?}; PutEvents is at \"/\", so check the endpoint URL", head.uri().path())
        } else {
            match (content_type, media_type) {
                (Some(_), Some(media_type)) if media_type.eq_ignore_ascii_case(CONTENT_TYPE) => return None,
                (Some(other), _) => format!("the Content-Type is {other:?}; PutEvents needs {CONTENT_TYPE:?}"),
                (None, _) => format!("there is no Content-Type; PutEvents needs {CONTENT_TYPE:?}"),
            }
        };
        Some(Self::new(ProblemKind::NotPutEvents, message))
    }

    pub(crate) fn unreadable(error: &DecodeError) -> Self {
        let message = match error {
            DecodeError::Syntax { reason } => format!("the body is not JSON: {reason}"),
            DecodeError::Type { path, message, advice } => {
                let message = message.unwrap_or("expected an object");
                let advice = advice.map(|advice| format!(". {advice}")).unwrap_or_default();
                let message = if advice.is_empty() { message } else { message.trim_end_matches('.') };
                format!("{path} has the wrong type: {message}{advice}")
            }
        };
        Self::new(ProblemKind::Unreadable, message)
    }

    /// A request for an operation that EventBridge does not have.
    pub(crate) fn no_operation(target: Option<&str>) -> Self {
        let message = match target {
            Some(target) => {
                let meant = operation::meant_by(target);
                format!("the operation is {target:?}, which EventBridge does not have{meant}")
            }
            None => "there is no X-Amz-Target header; PutEvents needs \"AWSEvents.PutEvents\"".to_owned(),
        };
        Self::new(ProblemKind::OtherOperation, message)
    }

    /// A request for an operation that has no reply.
    pub(crate) fn unanswered(operation: Operation) -> Self {
        let message = format!(
            "the operation is {operation}, and the mock has no answer to it: give it one with answer(\"{operation}\", ...), \
             or in a plan with \"answers\": {{\"{operation}\": {{...}}}}"
        );
        Self::new(ProblemKind::OtherOperation, message)
    }

    pub(crate) fn refused_entry(index: usize, entry: &Entry, error: &EntryError) -> Self {
        let why = match entry.detail() {
            Some(detail) if error.code() == "MalformedDetail" => format!(" {}.", malformed(detail)),
            _ => String::new(),
        };
        Self::new(ProblemKind::RefusedEntry, format!("entry {index} was refused with {error}{why}"))
    }

    pub(crate) fn unknown_bus(index: usize, entry: &Entry, known: &[String]) -> Self {
        let message = format!(
            "entry {index} went to the event bus {:?}, which is none of those known ({}): accepted, as AWS does, and \
             delivered nowhere",
            repeated(entry.event_bus()),
            shortened(&known.join(", ")),
        );
        Self::new(ProblemKind::UnknownBus, message)
    }

    /// A request that went to the default session, and why its access key id has no session.
    pub(crate) fn no_session(access_key: &str, why: &str) -> Self {
        let message = format!(
            "the request went to the default session, because the access key id {access_key:?} could get no session: {why}"
        );
        Self::new(ProblemKind::NoSession, message)
    }

    /// A panic of a closure of the test.
    pub(crate) fn panicked(panic: &(dyn Any + Send)) -> Self {
        let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref().copied());
        let message = format!("a closure of the test panicked: {}", text.unwrap_or("without a text"));
        Self::new(ProblemKind::Panic, message)
    }

    /// A pattern of a fault that could not be decided for an entry.
    pub(crate) fn undecided(undecided: &str) -> Self {
        Self::new(ProblemKind::Undecided, format!("{undecided}; the fault with this pattern did not apply"))
    }

    /// Shortens the message for a report.
    pub(crate) fn shortened(self) -> Self {
        Self { message: shortened(&self.message), ..self }
    }
}

/// Cuts a name for a message.
fn repeated(name: &str) -> String {
    cut(name, MAX_NAME)
}

fn cut(text: impl Display, bytes: usize) -> String {
    let (text, is_cut) = beginning(text, bytes);
    if is_cut { text + " ..." } else { text }
}

/// Returns what is wrong with a detail, with its place and a suggestion.
fn malformed(detail: &str) -> String {
    if let Some(error) = json::syntax_error(detail) {
        let hint =
            if error.to_string().contains("trailing comma") { "; JSON has no comma before a bracket" } else { "" };
        return format!("The Detail is not JSON: {error}{hint}");
    }
    let is_object = |text: &str| json::first_byte(text) == Some(b'{') && json::syntax_error(text).is_none();
    match json::first_byte(detail) {
        Some(b'"') if serde_json::from_str::<String>(detail).is_ok_and(|text| is_object(&text)) => {
            "The Detail is a text with an object in it: it was encoded twice".to_owned()
        }
        Some(b'"') => "The Detail is a text; it must be an object".to_owned(),
        Some(b'[') => "The Detail is an array; it must be an object".to_owned(),
        Some(b'{') => format!("The Detail is nested more than {MAX_DETAIL_DEPTH} levels deep"),
        _ => "The Detail is a single value; it must be an object".to_owned(),
    }
}

/// The problems of connections.
impl ProblemCause {
    fn of_connection(message: String) -> Self {
        Self::new(ProblemKind::Connection, message)
    }

    pub(crate) fn one_too_many(bound: usize) -> Self {
        Self::of_connection(format!("this connection was one too many: the mock serves {bound} at once"))
    }

    pub(crate) fn wrong_host(wrong: &dyn Display) -> Self {
        Self::of_connection(format!("{wrong} (RFC 9112, 3.2): refused"))
    }

    pub(crate) fn made_room(bound: usize) -> Self {
        Self::of_connection(format!(
            "a request was only half sent when all {bound} connections were in use and another client came: closed"
        ))
    }

    pub(crate) fn half_sent(limit: Duration) -> Self {
        let limit = limit.as_secs_f64();
        Self::of_connection(format!("a request was only half sent {limit} s after its first byte: closed"))
    }

    pub(crate) fn head_too_large(error: &dyn Display) -> Self {
        let message = format!("the head of a request was too large for the mock ({error}): refused");
        Self::new(ProblemKind::TooLarge, message)
    }

    pub(crate) fn not_http(error: &dyn Display) -> Self {
        Self::of_connection(format!("what was sent is not HTTP/1.1 ({error}): refused"))
    }

    pub(crate) fn tls() -> Self {
        Self::of_connection(
            "what was sent is not HTTP/1.1 but the beginning of TLS: refused. The client speaks TLS, and the mock does not: \
             write http:// instead of https:// in the endpoint URL"
                .to_owned(),
        )
    }

    pub(crate) fn broken(error: &dyn Display) -> Self {
        Self::of_connection(format!("the connection broke in the middle of a request: {error}"))
    }

    pub(crate) fn body_broken(error: &dyn Display) -> Self {
        Self::of_connection(format!("the body of a request broke off: {error}"))
    }

    pub(crate) fn not_accepted(error: &dyn Display) -> Self {
        Self::of_connection(format!("a connection could not be accepted: {error}"))
    }

    pub(crate) fn cannot_listen_again(address: &dyn Display, error: &dyn Display) -> Self {
        Self::of_connection(format!("the mock cannot listen on {address} again: {error}"))
    }

    pub(crate) fn connection_failed(panic: &dyn Display) -> Self {
        Self::of_connection(format!("the mock failed on a connection, which is a bug in it: {panic}"))
    }

    pub(crate) fn server_failed(panic: &dyn Display) -> Self {
        Self::of_connection(format!("the mock's own server failed: {panic}"))
    }
}
