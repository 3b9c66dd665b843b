//! An answer as a value, and how it is written.

#![warn(clippy::indexing_slicing)]

use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::Value;
use uuid::Uuid;

use crate::delivery::Delivery;
use crate::error::{EntryError, Form, RequestError};
use crate::fault::MalformedReply;
use crate::journal::Outcome;
use crate::wire::CONTENT_TYPE;

/// What the mock answered, or is about to answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    delivery: Delivery,
    attempt: usize,
}

impl Reply {
    /// The number of the attempt that it answers.
    pub fn attempt(&self) -> usize {
        self.attempt
    }

    /// What becomes of the answer on its way; by default it is sent whole and at once.
    pub fn delivery(&self) -> &Delivery {
        &self.delivery
    }

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
                Outcome::Accepted { event_id, .. } => format!(r#"{{"EventId":"{event_id}"}}"#),
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
        let mut reply = match error.form() {
            Form::Json { code, message } => {
                let key = message_key(code.as_deref().unwrap_or_default());
                let code = code.as_ref().map(|code| format!("\"__type\":{}", json(code)));
                let message = message.as_ref().map(|text| format!("\"{key}\":{}", json(text)));
                let members: Vec<String> = code.into_iter().chain(message).collect();
                let body = format!("{{{}}}", members.join(","));
                Self::of_service(status, Some(CONTENT_TYPE), request_id, date, body)
            }
            Form::Xml { code } => Self::of_service(status, None, request_id, date, format!("<{code}/>\n")),
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
                reply.headers.insert(name, value);
            }
        }
        reply
    }

    /// What is left of an answer that is never made: only what becomes of it.
    pub(crate) fn never(attempt: usize, delivery: Delivery) -> Self {
        Self { attempt, delivery, ..Self::new(StatusCode::OK, HeaderMap::new(), Vec::new()) }
    }

    pub(crate) fn new(status: StatusCode, headers: HeaderMap, body: impl Into<Bytes>) -> Self {
        Self { status, headers, body: body.into(), delivery: Delivery::default(), attempt: 0 }
    }

    /// The same answer, broken in a way that the service never breaks it.
    pub(crate) fn malformed(mut self, how: &MalformedReply) -> Self {
        let mut body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let results = body.get_mut("Entries").and_then(Value::as_array_mut).map(std::mem::take).unwrap_or_default();
        let accepted = |result: &Value| result.get("EventId").is_some();
        let results: Vec<Value> = match how {
            MalformedReply::FewerResults => results.split_last().map(|(_, rest)| rest.to_vec()).unwrap_or_default(),
            MalformedReply::MoreResults => results.iter().chain(results.last()).cloned().collect(),
            MalformedReply::ReorderedResults => results.into_iter().rev().collect(),
            MalformedReply::NoEventIds => results
                .into_iter()
                .map(|result| if accepted(&result) { serde_json::json!({}) } else { result })
                .collect(),
            MalformedReply::EventIdsWithErrorCodes => {
                results.into_iter().map(|result| if accepted(&result) { with_error(result) } else { result }).collect()
            }
            _ => results,
        };
        if let Value::Object(members) = &mut body {
            members.insert("Entries".into(), results.into());
            if let MalformedReply::FailedEntryCount(count) = how {
                members.insert("FailedEntryCount".into(), (*count).into());
            }
        }
        self.body = match how {
            MalformedReply::BrokenJson => self.body.slice(..self.body.len() / 2),
            MalformedReply::EmptyBody => Bytes::new(),
            MalformedReply::ContentType(_) => self.body,
            _ => body.to_string().into(),
        };
        if let MalformedReply::ContentType(content_type) = how {
            if let Ok(content_type) = HeaderValue::try_from(content_type) {
                self.headers.insert(header::CONTENT_TYPE, content_type);
            }
        }
        self.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(self.body.len()));
        self
    }

    pub(crate) fn to(mut self, attempt: usize) -> Self {
        self.attempt = attempt;
        self
    }

    pub(crate) fn delivered(mut self, delivery: Delivery) -> Self {
        self.delivery = delivery;
        self
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
        Self::new(status, headers, body)
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

fn with_error(mut result: Value) -> Value {
    let error = EntryError::internal_failure();
    if let Value::Object(members) = &mut result {
        members.insert("ErrorCode".into(), error.code().into());
        members.insert("ErrorMessage".into(), error.message().into());
    }
    result
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
