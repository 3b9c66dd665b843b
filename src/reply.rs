//! An answer as a value, and how it is written.

#![warn(clippy::indexing_slicing)]

use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::Value;
use uuid::Uuid;

use crate::error::{Form, RequestError};
use crate::journal::Outcome;
use crate::wire::CONTENT_TYPE;

/// What the mock answered, or is about to answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Reply {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// The headers: request id, content type, content length and date, as the service sends them.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body, exactly as it goes over the wire.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The answer to a request that was not refused as a whole: one result for each entry, in their order.
    pub(crate) fn results(request_id: Uuid, date: SystemTime, outcomes: &[Outcome]) -> Self {
        let failed = outcomes.iter().filter(|outcome| outcome.error().is_some()).count();
        let mut body = String::with_capacity(64 + 52 * outcomes.len());
        body.push_str(&format!(r#"{{"FailedEntryCount":{failed},"Entries":["#));
        for (index, outcome) in outcomes.iter().enumerate() {
            if index > 0 {
                body.push(',');
            }
            body.push_str(&match outcome {
                Outcome::Accepted { event_id } => format!(r#"{{"EventId":"{event_id}"}}"#),
                Outcome::Failed { error, .. } => {
                    format!(r#"{{"ErrorCode":{},"ErrorMessage":{}}}"#, json(error.code()), json(error.message()))
                }
            });
        }
        body.push_str("]}");
        Self::of_service(StatusCode::OK, Some(CONTENT_TYPE), request_id, date, body)
    }

    /// The answer to a request that was refused as a whole.
    pub(crate) fn refusal(request_id: Uuid, date: SystemTime, error: &RequestError) -> Self {
        let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        match error.form() {
            Form::Json { code, message } => {
                let message = message.as_ref().map(|text| format!(",\"{}\":{}", message_key(code), json(text)));
                let body = format!("{{\"__type\":{}{}}}", json(code), message.unwrap_or_default());
                Self::of_service(status, Some(CONTENT_TYPE), request_id, date, body)
            }
            Form::Xml { code } => Self::of_service(status, None, request_id, date, format!("<{code}/>\n")),
            Form::Empty => {
                let headers = [
                    (header::CONTENT_LENGTH, HeaderValue::from_static("0")),
                    (header::CONNECTION, HeaderValue::from_static("close")),
                ];
                Self { status, headers: headers.into_iter().collect(), body: Bytes::new() }
            }
        }
    }

    /// The answer is the last one on its connection.
    #[cfg(feature = "server")]
    pub(crate) fn closing(mut self) -> Self {
        self.headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        self
    }

    /// Exactly the headers that a JSON 1.1 service was recorded to send. The date is the real one: an SDK that finds it
    /// minutes off takes every error for clock skew and tries again.
    fn of_service(
        status: StatusCode,
        content_type: Option<&'static str>,
        request_id: Uuid,
        date: SystemTime,
        body: String,
    ) -> Self {
        let mut headers = HeaderMap::with_capacity(8);
        let request_id = request_id.as_hyphenated().to_string();
        if let Ok(request_id) = HeaderValue::try_from(request_id) {
            headers.insert("x-amzn-requestid", request_id);
        }
        if let Some(content_type) = content_type {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
        if let Some(date) = http_date(date) {
            headers.insert(header::DATE, date);
        }
        Self { status, headers, body: body.into() }
    }
}

impl From<Reply> for http::Response<Bytes> {
    fn from(reply: Reply) -> Self {
        let mut response = http::Response::new(reply.body);
        *response.status_mut() = reply.status;
        *response.headers_mut() = reply.headers;
        response
    }
}

/// The service spells the key with a capital for these two codes (recorded); never both, for one old client dies of that.
fn message_key(code: &str) -> &'static str {
    match code {
        "SerializationException" | "AccessDeniedException" => "Message",
        _ => "message",
    }
}

/// `None` for a date that HTTP cannot write: before 1970 or after 9999.
fn http_date(date: SystemTime) -> Option<HeaderValue> {
    const YEAR_10000: u64 = 253_402_300_800;
    let seconds = date.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs();
    (seconds < YEAR_10000).then(|| HeaderValue::try_from(httpdate::fmt_http_date(date)).ok())?
}

fn json(text: &str) -> String {
    Value::from(text).to_string()
}
