//! A reply as a value, and how it is written.

use std::fmt::Write;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::Value;
use uuid::Uuid;

use super::{Delivery, End, MalformedReply};
use crate::service::{CONTENT_TYPE, EntryError, EventId, Form, Outcome, RequestError, memory_of_headers};

/// The delivery of nearly all replies.
static AT_ONCE: Delivery = Delivery { hold: None, delay: Duration::ZERO, pace: None, end: End::Whole };

/// The mock's reply to one request: what the [`Engine`](crate::Engine) answers, and what the journal records.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use putevents_mock::Engine;
/// use putevents_mock::bytes::Bytes;
/// use putevents_mock::engine::{Ids, Now};
/// use putevents_mock::http::Request;
///
/// let mut engine = Engine::new();
/// let now = Now::new(Duration::ZERO, SystemTime::UNIX_EPOCH);
/// let reply = engine.handle(Request::new(Bytes::new()), now, &mut Ids::counting());
/// assert_eq!((reply.attempt(), reply.status()), (1, 404)); // PutEvents is a POST.
/// ```
#[derive(Debug, Clone)]
pub struct Reply {
    status: StatusCode,
    headers: Headers,
    body: Bytes,
    /// `None` if the reply is sent whole and at once.
    delivery: Option<Box<Delivery>>,
    attempt: usize,
    /// An empty map for the headers of this reply. A server that gets the map back reuses its memory for the next request.
    spare: Option<Box<HeaderMap>>,
}

/// The headers of a reply: either the service's own, in little memory, or any others.
#[derive(Debug, Clone)]
struct Headers {
    of_service: Option<OfService>,
    map: OnceLock<Box<HeaderMap>>,
}

/// The values that differ from reply to reply.
#[derive(Debug, Clone, Copy)]
struct OfService {
    request_id: Uuid,
    date: SystemTime,
    has_content_type: bool,
}

impl Headers {
    fn of(map: HeaderMap) -> Self {
        Self { of_service: None, map: OnceLock::from(Box::new(map)) }
    }

    /// Returns the headers of a reply with a body of this many bytes.
    fn map(&self, length: usize) -> &HeaderMap {
        self.map.get_or_init(|| Box::new(self.clone().into_map(length, HeaderMap::new())))
    }

    /// Fills an empty map with the headers.
    fn into_map(self, length: usize, mut map: HeaderMap) -> HeaderMap {
        match (self.map.into_inner(), self.of_service) {
            (Some(map), _) => return *map,
            (None, Some(of_service)) => of_service.fill(length, &mut map),
            (None, None) => {}
        }
        map
    }

    fn with(self, length: usize, name: HeaderName, value: HeaderValue) -> Self {
        let mut map = self.into_map(length, HeaderMap::new());
        map.insert(name, value);
        Self::of(map)
    }

    /// Returns roughly how many bytes the headers keep alive.
    fn memory(&self) -> usize {
        if self.of_service.is_some() { 0 } else { self.map.get().map_or(0, |map| memory_of_headers(map)) }
    }
}

impl OfService {
    /// Inserts exactly the headers that a JSON 1.1 service was recorded to send. The date is the real one: an SDK that finds it
    /// minutes off takes every error for clock skew and retries.
    fn fill(self, content_length: usize, headers: &mut HeaderMap) {
        let mut id = Uuid::encode_buffer();
        if let Ok(request_id) = HeaderValue::from_str(self.request_id.as_hyphenated().encode_lower(&mut id)) {
            headers.insert(HeaderName::from_static("x-amzn-requestid"), request_id);
        }
        if self.has_content_type {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
        }
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(content_length));
        if let Some(date) = http_date(self.date) {
            headers.insert(header::DATE, date);
        }
    }
}

impl Reply {
    /// Returns the number of the attempt that this reply belongs to.
    pub fn attempt(&self) -> usize {
        self.attempt
    }

    /// Returns how the transport delivers the reply. The default is whole and at once.
    pub fn delivery(&self) -> &Delivery {
        self.delivery.as_deref().unwrap_or(&AT_ONCE)
    }

    /// Returns the HTTP status.
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// Returns the headers: request id, content type, content length and date, as the service sends them.
    pub fn headers(&self) -> &HeaderMap {
        self.headers.map(self.body.len())
    }

    /// Returns the headers in a new map. The reply, which the journal keeps, does not grow.
    pub(crate) fn header_map(&self) -> HeaderMap {
        self.headers.clone().into_map(self.body.len(), HeaderMap::new())
    }

    /// Returns the body, byte for byte as it is sent.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Returns the reply to a request that was not refused as a whole: one result for each entry, in order. `broken` breaks a
    /// rule of the service.
    pub(crate) fn results(
        request_id: Uuid,
        date: SystemTime,
        outcomes: &[Outcome],
        broken: Option<&MalformedReply>,
    ) -> Self {
        let mut results: Vec<ResultEntry<'_>> = outcomes.iter().map(ResultEntry::of).collect();
        let mut failed = results.iter().filter(|result| result.error.is_some()).count() as u64;
        let internal_failure;
        match broken {
            Some(MalformedReply::FewerResults) => drop(results.pop()),
            Some(MalformedReply::MoreResults) => results.extend(results.last().copied()),
            Some(MalformedReply::ReorderedResults) => results.reverse(),
            Some(MalformedReply::FailedEntryCount(count)) => failed = *count,
            Some(MalformedReply::NoEventIds) => results.iter_mut().for_each(|result| result.event_id = None),
            Some(MalformedReply::EventIdsWithErrorCodes) => {
                internal_failure = EntryError::internal_failure();
                let accepted = results.iter_mut().filter(|result| result.event_id.is_some());
                accepted.for_each(|result| result.error = Some(&internal_failure));
            }
            None
            | Some(
                MalformedReply::BrokenJson
                | MalformedReply::EmptyBody
                | MalformedReply::ContentType(_)
                | MalformedReply::Body(_),
            ) => {}
        }
        Self::answer(request_id, date, body_of(failed, &results).into(), broken)
    }

    /// Returns a reply of HTTP 200 with this body. `broken` breaks it in a way that fits any body.
    pub(crate) fn answer(request_id: Uuid, date: SystemTime, mut body: Bytes, broken: Option<&MalformedReply>) -> Self {
        let mut content_type = None;
        match broken {
            Some(MalformedReply::BrokenJson) => body.truncate(body.len() / 2),
            Some(MalformedReply::EmptyBody) => body.clear(),
            Some(MalformedReply::Body(other)) => body = Bytes::from(other.clone()),
            Some(MalformedReply::ContentType(other)) => content_type = HeaderValue::try_from(other).ok(),
            Some(_) | None => {}
        }
        let mut reply = Self::of_service(StatusCode::OK, true, request_id, date, body);
        if let Some(content_type) = content_type {
            reply.headers = reply.headers.with(reply.body.len(), header::CONTENT_TYPE, content_type);
        }
        reply
    }

    /// Returns the reply to a request that was refused as a whole.
    pub(crate) fn refusal(request_id: Uuid, date: SystemTime, error: &RequestError) -> Self {
        let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut reply = match error.form() {
            Form::Json { code, message } => {
                let key = message_key(code.as_deref().unwrap_or_default());
                let code = code.as_ref().map(|code| format!("\"__type\":{}", json(code)));
                let message = message.as_ref().map(|text| format!("\"{key}\":{}", json(text)));
                let members: Vec<String> = code.into_iter().chain(message).collect();
                let body = format!("{{{}}}", members.join(","));
                Self::of_service(status, true, request_id, date, body)
            }
            Form::Xml { code } => Self::of_service(status, false, request_id, date, format!("<{code}/>\n")),
            Form::FrontEnd { content_type, body } => {
                let mut headers = HeaderMap::new();
                if let Some(Ok(content_type)) = content_type.as_ref().map(|text| HeaderValue::try_from(&**text)) {
                    headers.insert(header::CONTENT_TYPE, content_type);
                }
                headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
                Self::new(status, headers, body.as_bytes().to_vec())
            }
        };
        for (name, value) in error.headers() {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(&**name), HeaderValue::try_from(&**value)) {
                reply.headers = reply.headers.with(reply.body.len(), name, value);
            }
        }
        reply
    }

    /// Returns a reply that is never sent: only its delivery matters.
    pub(crate) fn never() -> Self {
        Self::new(StatusCode::OK, HeaderMap::new(), Vec::new())
    }

    pub(crate) fn new(status: StatusCode, headers: HeaderMap, body: impl Into<Bytes>) -> Self {
        Self::with(status, Headers::of(headers), body.into())
    }

    fn with(status: StatusCode, headers: Headers, body: Bytes) -> Self {
        Self { status, headers, body, delivery: None, attempt: 0, spare: None }
    }

    pub(crate) fn to(mut self, attempt: usize) -> Self {
        self.attempt = attempt;
        self
    }

    pub(crate) fn delivered(mut self, delivery: Delivery) -> Self {
        self.delivery = (delivery != AT_ONCE).then(|| Box::new(delivery));
        self
    }

    pub(crate) fn with_spare_map(mut self, spare: HeaderMap) -> Self {
        self.spare = Some(Box::new(spare));
        self
    }

    /// Marks the reply as the last one on its connection.
    pub(crate) fn closing(mut self) -> Self {
        self.headers = self.headers.with(self.body.len(), header::CONNECTION, HeaderValue::from_static("close"));
        self
    }

    fn of_service(
        status: StatusCode,
        has_content_type: bool,
        request_id: Uuid,
        date: SystemTime,
        body: impl Into<Bytes>,
    ) -> Self {
        let body = body.into();
        let of_service = OfService { request_id, date, has_content_type };
        Self::with(status, Headers { of_service: Some(of_service), map: OnceLock::new() }, body)
    }

    /// Returns roughly how many bytes the reply keeps alive beside itself.
    pub(crate) fn memory(&self) -> usize {
        self.body.len() + self.headers.memory() + self.delivery.as_ref().map_or(0, |_| size_of::<Delivery>())
    }
}

impl PartialEq for Reply {
    fn eq(&self, other: &Self) -> bool {
        (self.status, self.attempt) == (other.status, other.attempt)
            && self.body == other.body
            && self.headers() == other.headers()
            && self.delivery() == other.delivery()
    }
}

impl From<Reply> for http::Response<Bytes> {
    fn from(reply: Reply) -> Self {
        let map = reply.spare.map(|map| *map).unwrap_or_default();
        let headers = reply.headers.into_map(reply.body.len(), map);
        let mut response = http::Response::new(reply.body);
        *response.status_mut() = reply.status;
        *response.headers_mut() = headers;
        response
    }
}

/// Returns the key of the message. It has a capital for these two codes (recorded). One old client fails if both keys are
/// there.
fn message_key(code: &str) -> &'static str {
    match code {
        "SerializationException" | "AccessDeniedException" => "Message",
        _ => "message",
    }
}

/// The result of one entry, ready to be written.
#[derive(Clone, Copy)]
struct ResultEntry<'a> {
    event_id: Option<EventId>,
    error: Option<&'a EntryError>,
}

impl<'a> ResultEntry<'a> {
    fn of(outcome: &'a Outcome) -> Self {
        Self { event_id: outcome.event_id(), error: outcome.error() }
    }
}

fn body_of(failed: u64, results: &[ResultEntry<'_>]) -> String {
    // Exactly the length for accepted entries, so `shrink_to_fit` below is free for nearly all replies.
    let mut body = String::with_capacity(
        r#"{"FailedEntryCount":0,"Entries":[]}"#.len() + 51 * results.len() - usize::from(!results.is_empty()),
    );
    let _ = write!(body, r#"{{"FailedEntryCount":{failed},"Entries":["#);
    for (index, ResultEntry { event_id, error }) in results.iter().enumerate() {
        body.push_str(if index > 0 { ",{" } else { "{" });
        if let Some(event_id) = event_id {
            let _ = write!(body, r#""EventId":"{event_id}""#);
        }
        if let Some(error) = error {
            let comma = if event_id.is_some() { "," } else { "" };
            let (code, message) = (json(error.code()), json(error.message()));
            let _ = write!(body, r#"{comma}"ErrorCode":{code},"ErrorMessage":{message}"#);
        }
        body.push('}');
    }
    body.push_str("]}");
    body.shrink_to_fit(); // The journal keeps it.
    body
}

/// Formats a date for HTTP. Returns `None` for a date before 1970 or after 9999.
fn http_date(date: SystemTime) -> Option<HeaderValue> {
    const YEAR_10000: u64 = 253_402_300_800;
    let seconds = date.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs();
    (seconds < YEAR_10000).then(|| HeaderValue::try_from(httpdate::fmt_http_date(date)).ok())?
}

fn json(text: &str) -> String {
    Value::from(text).to_string()
}
