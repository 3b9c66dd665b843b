//! What the service says when it refuses: [`EntryError`] for one entry, [`RequestError`] for the whole request.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use crate::json::Unfit;
use crate::words::{beginning, printable};

type Text = Cow<'static, str>;

/// The error of one entry inside an answer of HTTP 200.
///
/// The named constructors carry the texts that were recorded from the service; where none was recorded, the
/// constructor says so.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EntryError(Box<CodeAndMessage>);

/// Apart from the error, so that the outcomes of entries that do not fail take little memory.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct CodeAndMessage {
    code: Text,
    message: Text,
}

/// The two codes that AWS documents as worth a retry (`PutEventsResultEntry`, API reference). All others are permanent.
const RETRYABLE: [&str; 2] = ["InternalFailure", "ThrottlingException"];

impl EntryError {
    /// Any code and message: the service's `ErrorCode` is an open string.
    pub fn new(code: impl Into<Text>, message: impl Into<Text>) -> Self {
        Self(Box::new(CodeAndMessage { code: code.into(), message: message.into() }))
    }

    /// `InternalFailure`, retryable. Text from the user guide's example of a partial failure.
    pub fn internal_failure() -> Self {
        Self::new("InternalFailure", "Internal Service Failure")
    }

    /// `ThrottlingException`, retryable. The code is documented; the text is a proposal (D).
    pub fn throttling() -> Self {
        Self::new("ThrottlingException", "Rate exceeded")
    }

    /// `InvalidArgument`, in the recorded form `Parameter {parameter} is not valid. Reason: {reason}`.
    pub fn invalid_argument(parameter: &str, reason: &str) -> Self {
        Self::new("InvalidArgument", format!("Parameter {parameter} is not valid. Reason: {reason}"))
    }

    /// `InvalidArgument` for a member that is absent or empty, as recorded.
    pub(crate) fn required(member: &str) -> Self {
        Self::invalid_argument(member, &format!("{member} is a required argument."))
    }

    /// `MalformedDetail`, as recorded.
    pub fn malformed_detail() -> Self {
        Self::new("MalformedDetail", "Detail is malformed.")
    }

    /// `NotAuthorizedForSourceException`, as recorded for sources that begin with `aws.`.
    pub fn not_authorized_for_source() -> Self {
        Self::new("NotAuthorizedForSourceException", "Not authorized for the source.")
    }

    /// `NotAuthorizedForDetailTypeException`. The code is documented; the text is a proposal (D).
    pub fn not_authorized_for_detail_type() -> Self {
        Self::new("NotAuthorizedForDetailTypeException", "Not authorized for the detail type.")
    }

    /// `AccessDeniedException`. The code is documented; the text is a proposal (D).
    pub fn access_denied() -> Self {
        Self::new("AccessDeniedException", "Access denied.")
    }

    /// `InvalidAccountIdException`. The code is documented; the text is a proposal (D).
    pub fn invalid_account_id() -> Self {
        Self::new("InvalidAccountIdException", "Invalid account id.")
    }

    /// `RedactionFailure`. The code is documented; the text is a proposal (D).
    pub fn redaction_failure() -> Self {
        Self::new("RedactionFailure", "Redaction failed.")
    }

    /// Every code that [`documented`](Self::documented) knows.
    pub(crate) const DOCUMENTED: [&'static str; 9] = [
        "InternalFailure",
        "ThrottlingException",
        "InvalidArgument",
        "MalformedDetail",
        "NotAuthorizedForSourceException",
        "NotAuthorizedForDetailTypeException",
        "AccessDeniedException",
        "InvalidAccountIdException",
        "RedactionFailure",
    ];

    /// The error that the service documents under this code, with its usual text.
    ///
    /// `InvalidArgument` has no usual text without a parameter: it is given as for an absent `Source`.
    pub fn documented(code: &str) -> Option<Self> {
        Some(match code {
            "InternalFailure" => Self::internal_failure(),
            "ThrottlingException" => Self::throttling(),
            "InvalidArgument" => Self::required("Source"),
            "MalformedDetail" => Self::malformed_detail(),
            "NotAuthorizedForSourceException" => Self::not_authorized_for_source(),
            "NotAuthorizedForDetailTypeException" => Self::not_authorized_for_detail_type(),
            "AccessDeniedException" => Self::access_denied(),
            "InvalidAccountIdException" => Self::invalid_account_id(),
            "RedactionFailure" => Self::redaction_failure(),
            _ => return None,
        })
    }

    /// The `ErrorCode` of the result.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// The `ErrorMessage` of the result.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The bytes that it keeps alive beside itself.
    pub(crate) fn memory(&self) -> usize {
        size_of::<CodeAndMessage>() + memory(&self.0.code) + memory(&self.0.message)
    }

    /// Whether AWS documents this code as worth sending the entry again: `InternalFailure` and `ThrottlingException`.
    pub fn is_retryable(&self) -> bool {
        RETRYABLE.contains(&self.code())
    }
}

/// `ThrottlingException: Rate exceeded`
impl fmt::Display for EntryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", printable(self.code()), printable(self.message()))
    }
}

impl std::error::Error for EntryError {}

/// The codes that the SDKs for Rust, Python and JavaScript agree on (measured, and the same lists in their sources).
const RETRYABLE_REQUESTS: [&str; 16] = [
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottledException",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "TransactionInProgressException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "LimitExceededException",
    "RequestThrottled",
    "SlowDown",
    "PriorRequestNotComplete",
    "EC2ThrottledException",
    "RequestTimeout",
    "RequestTimeoutException",
];

/// An answer that refuses the whole request: no entry was looked at, none was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RequestError {
    status: u16,
    form: Form,
    headers: BTreeMap<Text, Text>,
}

/// What the answer is made of. The real service speaks in three voices, depending on how far the request came.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Form {
    /// The service itself: `{"__type":code,"message":message}`.
    Json { code: Option<Text>, message: Option<Text> },
    /// The framework, before it knew the protocol: an XML element of that name and no JSON.
    Xml { code: Text },
    /// The front end, before the service: its own body or none, and no request id.
    FrontEnd { content_type: Option<Text>, body: Text },
}

impl RequestError {
    /// Any status, code and message.
    ///
    /// # Panics
    ///
    /// If `status` is not an error that HTTP knows, 400 to 599.
    #[track_caller]
    pub fn new(status: u16, code: impl Into<Text>, message: impl Into<Text>) -> Self {
        assert_is_error(status);
        Self::json(status, code, Some(message.into()))
    }

    fn json(status: u16, code: impl Into<Text>, message: Option<Text>) -> Self {
        Self::formed(status, Form::Json { code: Some(code.into()), message })
    }

    pub(crate) fn formed(status: u16, form: Form) -> Self {
        Self { status, form, headers: BTreeMap::new() }
    }

    /// `InternalException`, HTTP 500: the only error that the API models. SDKs retry it for its status.
    pub fn internal_exception() -> Self {
        Self::json(500, "InternalException", None)
    }

    /// `InternalFailure`, HTTP 500: the framework's own unexpected error.
    pub fn internal_failure() -> Self {
        Self::json(500, "InternalFailure", None)
    }

    /// `ServiceUnavailable`, HTTP 503. The status is documented; the body was never recorded.
    pub fn service_unavailable() -> Self {
        Self::json(503, "ServiceUnavailable", None)
    }

    /// `ThrottlingException`, HTTP 400 (not 429): the whole request was over the account's rate.
    pub fn throttling() -> Self {
        Self::new(400, "ThrottlingException", "Rate exceeded")
    }

    /// `AccessDeniedException`, HTTP 400 as recorded, though the page of common errors says 403.
    pub fn access_denied() -> Self {
        Self::new(
            400,
            "AccessDeniedException",
            "User: arn:aws:sts::123456789012:assumed-role/some/role is not authorized to perform: events:PutEvents on \
             resource: arn:aws:events:us-east-1:123456789012:event-bus/default because no identity-based policy allows \
             the events:PutEvents action",
        )
    }

    /// `UnrecognizedClientException`, HTTP 400: an access key or token that AWS does not know.
    pub fn unrecognized_client() -> Self {
        Self::new(400, "UnrecognizedClientException", "The security token included in the request is invalid.")
    }

    /// `ExpiredTokenException`, HTTP 400: temporary credentials that have run out.
    pub fn expired_token() -> Self {
        Self::new(400, "ExpiredTokenException", "The security token included in the request is expired")
    }

    /// `InvalidSignatureException`, HTTP 400: signed with another secret, or changed on the way.
    pub fn invalid_signature() -> Self {
        Self::new(
            400,
            "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
             Access Key and signing method. Consult the service documentation for details.",
        )
    }

    /// HTTP 413 without a body, as the front end answered it in 2022; the connection is closed after it.
    pub fn payload_too_large() -> Self {
        Self::front_end(413, None, "").with_header("connection", "close")
    }

    /// HTTP 400 of the front end, to what is no good HTTP. Nobody has recorded what AWS answers (D).
    pub(crate) fn bad_request() -> Self {
        Self::front_end(400, None, "").with_header("connection", "close")
    }

    /// HTTP 502 with the HTML page of a load balancer. No code, no request id.
    pub fn bad_gateway() -> Self {
        Self::front_end(502, Some("text/html".into()), "<html><body><h1>502 Bad Gateway</h1></body></html>\r\n")
    }

    /// HTTP 504 with the HTML page of a load balancer. No code, no request id.
    pub fn gateway_timeout() -> Self {
        Self::front_end(504, Some("text/html".into()), "<html><body><h1>504 Gateway Time-out</h1></body></html>\r\n")
    }

    /// HTTP 429 without a code. EventBridge throttles with [HTTP 400](Self::throttling); proxies before it do it like this,
    /// and the SDKs do not agree on whether that is worth a retry.
    pub fn too_many_requests() -> Self {
        Self::formed(429, Form::Json { code: None, message: None })
    }

    /// `MissingAuthenticationTokenException`, HTTP 400: the request is not signed.
    pub fn missing_authentication_token() -> Self {
        Self::new(400, "MissingAuthenticationTokenException", "Missing Authentication Token")
    }

    /// `IncompleteSignatureException`, HTTP 400: parts of the signature are missing.
    pub fn incomplete_signature() -> Self {
        Self::new(
            400,
            "IncompleteSignatureException",
            "Authorization header requires 'Signature' parameter. Authorization=AWS4-HMAC-SHA256",
        )
    }

    /// `InvalidSignatureException`, HTTP 400, as a client gets it whose clock is off by more than five minutes.
    pub fn signature_expired() -> Self {
        Self::new(
            400,
            "InvalidSignatureException",
            "Signature expired: 20261123T000000Z is now earlier than 20261123T015500Z (20261123T020000Z - 5 min.)",
        )
    }

    /// An answer of something before the service: any status and body, or none, without code and request id.
    ///
    /// # Panics
    ///
    /// As [`new`](Self::new), and if HTTP does not allow such a content type.
    #[track_caller]
    pub fn raw(status: u16, content_type: impl Into<Text>, body: impl Into<Text>) -> Self {
        assert_is_error(status);
        let content_type = content_type.into();
        if let Some(error) = content_type_error(&content_type) {
            panic!("{error}");
        }
        Self::front_end(status, Some(content_type), body)
    }

    /// The same error without a body.
    #[must_use]
    pub fn without_body(mut self) -> Self {
        self.form = Form::FrontEnd { content_type: None, body: "".into() };
        self
    }

    /// The same error with one header more.
    ///
    /// # Panics
    ///
    /// If HTTP does not allow such a name or value, or the name is `content-length` or `transfer-encoding`, which would
    /// contradict the body: [`Fault::truncated_body`](crate::Fault::truncated_body) is for that.
    #[must_use]
    #[track_caller]
    pub fn with_header(self, name: impl Into<Text>, value: impl Into<Text>) -> Self {
        match self.checked_header(name.into(), value.into()) {
            Ok(error) => error,
            Err(why) => panic!("{}", why.in_program),
        }
    }

    pub(crate) fn checked_header(mut self, name: Text, value: Text) -> Result<Self, Unfit> {
        if http::HeaderName::try_from(&*name).is_err() || http::HeaderValue::try_from(&*value).is_err() {
            return Err(format!("{name:?}: {value:?} is no header: HTTP allows visible ASCII characters").into());
        }
        if ["content-length", "transfer-encoding"].iter().any(|framing| name.eq_ignore_ascii_case(framing)) {
            let contradiction = format!("the header {name:?} would contradict the body: ");
            return Err(Unfit::new(
                contradiction,
                "write Fault::truncated_body(...) for that",
                "leave it out; the effect truncatedBody is for that",
            ));
        }
        self.headers.insert(name, value);
        Ok(self)
    }

    /// The same error with `x-amz-retry-after`: current SDKs wait that long before they try again.
    #[must_use]
    pub fn retry_after(self, wait: std::time::Duration) -> Self {
        self.with_header("x-amz-retry-after", wait.as_millis().to_string())
    }

    fn front_end(status: u16, content_type: Option<Text>, body: impl Into<Text>) -> Self {
        Self::formed(status, Form::FrontEnd { content_type, body: body.into() })
    }

    pub(crate) fn serialization(message: Option<String>) -> Self {
        Self::json(400, "SerializationException", message.map(Text::from))
    }

    pub(crate) fn validation(message: String) -> Self {
        Self::json(400, "ValidationException", Some(message.into()))
    }

    /// The code and the text were recorded (A); that the status is 400 follows from the protocol (C). The name where an ARN
    /// was asked for is a proposal (D).
    pub(crate) fn no_event_bus(name: &str) -> Self {
        Self::json(400, "ResourceNotFoundException", Some(format!("Event bus {} does not exist.", cut(name)).into()))
    }

    pub(crate) fn unknown_operation() -> Self {
        Self::json(400, "UnknownOperationException", None)
    }

    pub(crate) fn unknown_protocol() -> Self {
        Self::formed(404, Form::Xml { code: "UnknownOperationException".into() })
    }

    /// Whether another try is worth it, as current AWS SDKs judge it: HTTP 500, 502, 503 and 504, and the codes that they
    /// know as throttling or as a timeout (`ThrottlingException`, `RequestLimitExceeded`, `RequestTimeout`, ...), also where
    /// the code stands in the header `x-amzn-ErrorType` alone. HTTP 429 without a code counts too, though the SDK for Rust
    /// does not repeat it.
    pub fn is_retryable(&self) -> bool {
        let is_retryable = |code: &str| RETRYABLE_REQUESTS.contains(&code);
        let in_header = self.headers().iter().filter(|(name, _)| name.eq_ignore_ascii_case("x-amzn-errortype"));
        // Some services put a colon and a URI behind it.
        let mut in_header = in_header.filter_map(|(_, value)| value.split(':').next());
        [429, 500, 502, 503, 504].contains(&self.status())
            || self.code().is_some_and(is_retryable)
            || in_header.any(is_retryable)
    }

    /// The error that is known under this code, with its usual status and text; or, where an error has no code, under its name:
    /// `payloadTooLarge`, `badGateway`, `gatewayTimeout` and `tooManyRequests`.
    pub fn documented(code: &str) -> Option<Self> {
        Some(match code {
            "payloadTooLarge" => Self::payload_too_large(),
            "badGateway" => Self::bad_gateway(),
            "gatewayTimeout" => Self::gateway_timeout(),
            "tooManyRequests" => Self::too_many_requests(),
            "InternalException" => Self::internal_exception(),
            "InternalFailure" => Self::internal_failure(),
            "ServiceUnavailable" => Self::service_unavailable(),
            "ThrottlingException" => Self::throttling(),
            "AccessDeniedException" => Self::access_denied(),
            "UnrecognizedClientException" => Self::unrecognized_client(),
            "ExpiredTokenException" => Self::expired_token(),
            "InvalidSignatureException" => Self::invalid_signature(),
            "MissingAuthenticationTokenException" => Self::missing_authentication_token(),
            "IncompleteSignatureException" => Self::incomplete_signature(),
            _ => return None,
        })
    }

    /// Every name that [`documented`](Self::documented) knows; those of errors without a code come last.
    pub(crate) const DOCUMENTED: [&'static str; 14] = [
        "InternalException",
        "InternalFailure",
        "ServiceUnavailable",
        "ThrottlingException",
        "AccessDeniedException",
        "UnrecognizedClientException",
        "ExpiredTokenException",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "IncompleteSignatureException",
        "payloadTooLarge",
        "badGateway",
        "gatewayTimeout",
        "tooManyRequests",
    ];

    /// The HTTP status, 400 to 599.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The error code, or `None` where the answer has no body to hold one.
    pub fn code(&self) -> Option<&str> {
        match &self.form {
            Form::Json { code, .. } => code.as_deref(),
            Form::Xml { code } => Some(code),
            Form::FrontEnd { .. } => None,
        }
    }

    /// The message, where there is one.
    pub fn message(&self) -> Option<&str> {
        match &self.form {
            Form::Json { message, .. } => message.as_deref(),
            Form::Xml { .. } | Form::FrontEnd { .. } => None,
        }
    }

    /// The bytes that it keeps alive beside itself.
    pub(crate) fn memory(&self) -> usize {
        let texts = match &self.form {
            Form::Json { code, message } => [code.as_ref(), message.as_ref()],
            Form::Xml { code } => [Some(code), None],
            Form::FrontEnd { content_type, body } => [content_type.as_ref(), Some(body)],
        };
        let headers = self.headers.iter().flat_map(|(name, value)| [name, value]);
        texts.into_iter().flatten().chain(headers).map(memory).sum()
    }

    pub(crate) fn form(&self) -> &Form {
        &self.form
    }

    pub(crate) fn headers(&self) -> &BTreeMap<Text, Text> {
        &self.headers
    }
}

/// `500 InternalException`
impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status, self.code().map_or_else(|| "without a code".into(), printable))
    }
}

impl std::error::Error for RequestError {}

fn memory(text: &Text) -> usize {
    match text {
        Cow::Borrowed(_) => 0,
        Cow::Owned(text) => text.capacity(),
    }
}

/// How many bytes of a header or a name the text of an error repeats (D).
const MAX_REPEATED: usize = 4 * 1024;

/// A text of the request as the text of an error repeats it: cut where it is too long (D).
pub(super) fn cut(text: &str) -> String {
    let (shown, is_cut) = beginning(text, MAX_REPEATED);
    if is_cut { format!("{shown} ... ({} bytes in all)", text.len()) } else { shown }
}

/// What is wrong with a status for an error.
pub(crate) fn status_error(status: u16) -> Option<String> {
    (!(400..=599).contains(&status)).then(|| {
        format!(
            "a request error needs an HTTP status from 400 to 599, not {status}: SDKs take any other for a success or a \
             redirect"
        )
    })
}

/// What is wrong with a content type.
pub(crate) fn content_type_error(content_type: &str) -> Option<String> {
    let is_allowed = http::HeaderValue::try_from(content_type).is_ok();
    (!is_allowed).then(|| format!("{content_type:?} is no content type: HTTP allows visible ASCII characters"))
}

#[track_caller]
fn assert_is_error(status: u16) {
    if let Some(error) = status_error(status) {
        panic!("{error}");
    }
}
