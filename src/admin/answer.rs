//! The answers of the API.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

use crate::json::cursor;
use crate::service::Refusal;

pub(super) type Answer = http::Response<Bytes>;

/// An error of the API: a status and a sentence.
#[derive(Debug)]
pub(super) struct Refused {
    status: StatusCode,
    message: String,
    allow: Option<&'static str>,
    /// Whether the client should retry later.
    is_for_now: bool,
}

impl Refused {
    /// The request is wrong.
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// The body was not received.
    pub(super) fn not_received(Refusal { error, cause }: Refusal) -> Self {
        let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::PAYLOAD_TOO_LARGE);
        Self::new(status, cause.map(|cause| cause.message).unwrap_or_default())
    }

    /// The name or the path is unknown.
    pub(super) fn unknown(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// The state of the server does not allow it, or a wait has timed out.
    pub(super) fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }

    /// The path has only these methods.
    pub(super) fn method(allowed: &'static str) -> Self {
        let message = format!("this path does not have this method: write {allowed}");
        Self { allow: Some(allowed), ..Self::new(StatusCode::METHOD_NOT_ALLOWED, message) }
    }

    /// The client may not use the API.
    pub(super) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    /// Too many other requests are being answered.
    pub(super) fn too_many() -> Self {
        let message =
            "too many requests to the API are being answered or wait: end some of the waits, or ask again later";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, message)
    }

    /// The thread of a question panicked.
    pub(super) fn panicked(error: &tokio::task::JoinError) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, format!("this is a bug in the mock: {error}"))
    }

    /// Too many questions are being worked on.
    pub(super) fn busy(message: impl Into<String>) -> Self {
        Self { is_for_now: true, ..Self::new(StatusCode::SERVICE_UNAVAILABLE, message) }
    }

    /// A question took longer than its limit.
    pub(super) fn unanswered(limit: Duration) -> Self {
        let message = format!(
            "this question was not answered within {} s (--question-timeout): ask about less, such as the newest attempts with \
             last=100, or raise --question-timeout",
            limit.as_secs_f64()
        );
        Self::new(StatusCode::SERVICE_UNAVAILABLE, message)
    }

    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), allow: None, is_for_now: false }
    }

    /// The sentence.
    pub(super) fn message(&self) -> &str {
        &self.message
    }

    pub(super) fn into_answer(self) -> Answer {
        let mut answer = json(self.status, &json!({ "message": self.message }));
        if let Some(allow) = self.allow {
            answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
        }
        if self.is_for_now {
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        answer
    }
}

pub(super) fn ok(value: &impl fmt::Display) -> Answer {
    json(StatusCode::OK, value)
}

/// An answer with JSON text. The text may be large, and is not copied.
pub(super) fn written(mut json: String) -> Answer {
    json.push('\n');
    text("application/json", json)
}

/// An answer with a value that prints itself as JSON.
pub(super) fn json(status: StatusCode, value: &impl fmt::Display) -> Answer {
    let mut answer = text("application/json", format!("{value}\n"));
    *answer.status_mut() = status;
    answer
}

pub(super) fn text(content_type: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut answer = Answer::new(body.into());
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    answer
}

/// The answer of a change without a result.
pub(super) fn nothing() -> Answer {
    empty(StatusCode::NO_CONTENT)
}

/// The answer if nothing has changed.
pub(super) fn not_modified() -> Answer {
    empty(StatusCode::NOT_MODIFIED)
}

fn empty(status: StatusCode) -> Answer {
    let mut answer = Answer::default();
    *answer.status_mut() = status;
    answer
}

pub(super) fn moved(to: &str) -> Answer {
    redirected(StatusCode::PERMANENT_REDIRECT, to)
}

/// A temporary redirect: another server may have this address later.
pub(super) fn led_to(to: &str) -> Answer {
    redirected(StatusCode::TEMPORARY_REDIRECT, to)
}

fn redirected(status: StatusCode, to: &str) -> Answer {
    let mut answer = empty(status);
    if let Ok(to) = HeaderValue::try_from(to) {
        answer.headers_mut().insert(header::LOCATION, to);
    }
    answer
}

/// The body of a request as text.
pub(super) fn utf8(body: &Bytes) -> Result<&str, Refused> {
    cursor::utf8(body).map_err(|error| Refused::bad(format!("the body cannot be read: {error}")))
}
