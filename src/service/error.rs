//! The errors of the service: [`EntryError`] for one entry, [`RequestError`] for the whole request.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use crate::json::Unfit;
use crate::words::{beginning, printable};

type Text = Cow<'static, str>;

/// The error of one entry inside a reply of HTTP 200: an `ErrorCode` and an `ErrorMessage`.
///
/// The texts of the named constructors were recorded from the service. A constructor says so if its text was not recorded.
///
/// ```
/// use putevents_mock::{EntryError, Fault};
///
/// let error = EntryError::throttling();
/// assert_eq!(error.to_string(), "ThrottlingException: Rate exceeded");
/// assert!(error.is_retryable() && !EntryError::malformed_detail().is_retryable());
/// let fault = Fault::entry(error).at_index(1).times(1);
/// let fault = Fault::entry(EntryError::new("SomethingNew", "Nobody expected this code.")).times(1);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EntryError(Box<CodeAndMessage>);

/// Boxed, so that the outcomes of accepted entries take little memory.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct CodeAndMessage {
    code: Text,
    message: Text,
}

/// The two codes that AWS documents as worth a retry (`PutEventsResultEntry`, API reference). All other codes are permanent.
const RETRYABLE: [&str; 2] = ["InternalFailure", "ThrottlingException"];

impl EntryError {
    /// Returns an error with any code and message: the service's `ErrorCode` is an open string.
    pub fn new(code: impl Into<Text>, message: impl Into<Text>) -> Self {
        Self(Box::new(CodeAndMessage { code: code.into(), message: message.into() }))
    }

    /// Returns `InternalFailure`, retryable. The text is from the user guide's example of a partial failure.
    pub fn internal_failure() -> Self {
        Self::new("InternalFailure", "Internal Service Failure")
    }

    /// Returns `ThrottlingException`, retryable. The code is documented; the text is a proposal (D).
    pub fn throttling() -> Self {
        Self::new("ThrottlingException", "Rate exceeded")
    }

    /// Returns `InvalidArgument`, in the recorded form `Parameter {parameter} is not valid. Reason: {reason}`.
    pub fn invalid_argument(parameter: &str, reason: &str) -> Self {
        Self::new("InvalidArgument", format!("Parameter {parameter} is not valid. Reason: {reason}"))
    }

    /// Returns `InvalidArgument` for a member that is absent or empty, as recorded.
    pub(crate) fn required(member: &str) -> Self {
        Self::invalid_argument(member, &format!("{member} is a required argument."))
    }

    /// Returns `MalformedDetail`, as recorded.
    pub fn malformed_detail() -> Self {
        Self::new("MalformedDetail", "Detail is malformed.")
    }

    /// Returns `NotAuthorizedForSourceException`, as recorded for sources that begin with `aws.`.
    pub fn not_authorized_for_source() -> Self {
        Self::new("NotAuthorizedForSourceException", "Not authorized for the source.")
    }

    /// Returns `NotAuthorizedForDetailTypeException`. The code is documented; the text is a proposal (D).
    pub fn not_authorized_for_detail_type() -> Self {
        Self::new("NotAuthorizedForDetailTypeException", "Not authorized for the detail type.")
    }

    /// Returns `AccessDeniedException`. The code is documented; the text is a proposal (D).
    pub fn access_denied() -> Self {
        Self::new("AccessDeniedException", "Access denied.")
    }

    /// Returns `InvalidAccountIdException`. The code is documented; the text is a proposal (D).
    pub fn invalid_account_id() -> Self {
        Self::new("InvalidAccountIdException", "Invalid account id.")
    }

    /// Returns `RedactionFailure`. The code is documented; the text is a proposal (D).
    pub fn redaction_failure() -> Self {
        Self::new("RedactionFailure", "Redaction failed.")
    }

    /// The codes that [`documented`](Self::documented) knows.
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

    /// Returns the error that the service documents under this code, with its usual text. Returns `None` for an unknown code.
    ///
    /// `InvalidArgument` has no usual text without a parameter. It is returned as for an absent `Source`.
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

    /// Returns the `ErrorCode` of the result.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// Returns the `ErrorMessage` of the result.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns how many bytes the error keeps alive beside itself.
    pub(crate) fn memory(&self) -> usize {
        size_of::<CodeAndMessage>() + memory(&self.0.code) + memory(&self.0.message)
    }

    /// Returns whether AWS documents this code as worth a retry: `InternalFailure` and `ThrottlingException`.
    pub fn is_retryable(&self) -> bool {
        RETRYABLE.contains(&self.code())
    }
}

/// Prints the code and the message: `ThrottlingException: Rate exceeded`.
impl fmt::Display for EntryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", printable(self.code()), printable(self.message()))
    }
}

impl std::error::Error for EntryError {}

/// The codes that the SDKs for Rust, Python and JavaScript all retry (measured, and the same lists in their sources).
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

/// The error of a whole request: a status, mostly with a code and a message. No entry of the request is accepted.
///
/// ```
/// use std::time::Duration;
///
/// use putevents_mock::{Fault, RequestError};
///
/// let error = RequestError::throttling().retry_after(Duration::from_secs(2));
/// assert_eq!((error.status(), error.code(), error.is_retryable()), (400, Some("ThrottlingException"), true));
/// let fault = Fault::request(error).times(1);
/// assert_eq!(fault.to_string(), "400 ThrottlingException for the whole request, once");
/// let fault = Fault::request(RequestError::new(503, "SomethingNew", "Nobody expected this code."));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RequestError {
    status: u16,
    form: Form,
    headers: BTreeMap<Text, Text>,
}

/// The form of the reply. It depends on how far the request came.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Form {
    /// From the service: `{"__type":code,"message":message}`.
    Json { code: Option<Text>, message: Option<Text> },
    /// From the framework, before it knew the protocol: an XML element of this name.
    Xml { code: Text },
    /// From the front end, before the service: its own body or none, and no request id.
    FrontEnd { content_type: Option<Text>, body: Text },
}

impl RequestError {
    /// Returns an error with any status, code and message.
    ///
    /// # Panics
    ///
    /// If `status` is not an error status of HTTP, 400 to 599.
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

    /// Returns `InternalException`, HTTP 500: the only error that the API models. SDKs retry it for its status.
    pub fn internal_exception() -> Self {
        Self::json(500, "InternalException", None)
    }

    /// Returns `InternalFailure`, HTTP 500: the framework's own unexpected error.
    pub fn internal_failure() -> Self {
        Self::json(500, "InternalFailure", None)
    }

    /// Returns `ServiceUnavailable`, HTTP 503. The status is documented; the body was never recorded.
    pub fn service_unavailable() -> Self {
        Self::json(503, "ServiceUnavailable", None)
    }

    /// Returns `ThrottlingException`, HTTP 400 (not 429): the whole request was over the account's rate.
    pub fn throttling() -> Self {
        Self::new(400, "ThrottlingException", "Rate exceeded")
    }

    /// Returns `AccessDeniedException`, HTTP 400 as recorded. The page of common errors says 403.
    pub fn access_denied() -> Self {
        Self::new(
            400,
            "AccessDeniedException",
            "User: arn:aws:sts::123456789012:assumed-role/some/role is not authorized to perform: events:PutEvents on \
             resource: arn:aws:events:us-east-1:123456789012:event-bus/default because no identity-based policy allows \
             the events:PutEvents action",
        )
    }

    /// Returns `UnrecognizedClientException`, HTTP 400: AWS does not know the access key or the token.
    pub fn unrecognized_client() -> Self {
        Self::new(400, "UnrecognizedClientException", "The security token included in the request is invalid.")
    }

    /// Returns `ExpiredTokenException`, HTTP 400: temporary credentials have expired.
    pub fn expired_token() -> Self {
        Self::new(400, "ExpiredTokenException", "The security token included in the request is expired")
    }

    /// Returns `InvalidSignatureException`, HTTP 400: the request was signed with another secret, or changed on the way.
    pub fn invalid_signature() -> Self {
        Self::new(
            400,
            "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
             Access Key and signing method. Consult the service documentation for details.",
        )
    }

    /// Returns HTTP 413 without a body, as the front end replied in 2022. The connection is closed after it.
    pub fn payload_too_large() -> Self {
        Self::front_end(413, None, "").with_header("connection", "close")
    }

    /// Returns HTTP 400 of the front end, for bytes that are not correct HTTP. The reply of AWS was never recorded (D).
    pub(crate) fn bad_request() -> Self {
        Self::front_end(400, None, "").with_header("connection", "close")
    }

    /// Returns HTTP 502 with the HTML page of a load balancer, without a code and a request id.
    pub fn bad_gateway() -> Self {
        Self::front_end(502, Some("text/html".into()), "<html><body><h1>502 Bad Gateway</h1></body></html>\r\n")
    }

    /// Returns HTTP 504 with the HTML page of a load balancer, without a code and a request id.
    pub fn gateway_timeout() -> Self {
        Self::front_end(504, Some("text/html".into()), "<html><body><h1>504 Gateway Time-out</h1></body></html>\r\n")
    }

    /// Returns HTTP 429 without a code, as a proxy in front of the service throttles.
    ///
    /// EventBridge itself throttles with [HTTP 400](Self::throttling). The SDKs do not agree on whether to retry HTTP 429.
    pub fn too_many_requests() -> Self {
        Self::formed(429, Form::Json { code: None, message: None })
    }

    /// Returns `MissingAuthenticationTokenException`, HTTP 400: the request is not signed.
    pub fn missing_authentication_token() -> Self {
        Self::new(400, "MissingAuthenticationTokenException", "Missing Authentication Token")
    }

    /// Returns `IncompleteSignatureException`, HTTP 400: parts of the signature are missing.
    pub fn incomplete_signature() -> Self {
        Self::new(
            400,
            "IncompleteSignatureException",
            "Authorization header requires 'Signature' parameter. Authorization=AWS4-HMAC-SHA256",
        )
    }

    /// Returns `InvalidSignatureException`, HTTP 400, for a client whose clock is wrong by more than five minutes.
    pub fn signature_expired() -> Self {
        Self::new(
            400,
            "InvalidSignatureException",
            "Signature expired: 20261123T000000Z is now earlier than 20261123T015500Z (20261123T020000Z - 5 min.)",
        )
    }

    /// Returns a reply of something in front of the service: any status and body, without a code and a request id.
    ///
    /// # Panics
    ///
    /// If `status` is not an error status of HTTP, 400 to 599, or HTTP does not allow the content type.
    #[track_caller]
    pub fn raw(status: u16, content_type: impl Into<Text>, body: impl Into<Text>) -> Self {
        assert_is_error(status);
        let content_type = content_type.into();
        if let Some(error) = content_type_error(&content_type) {
            panic!("{error}");
        }
        Self::front_end(status, Some(content_type), body)
    }

    /// Removes the body, and with it the code and the message.
    #[must_use]
    pub fn without_body(mut self) -> Self {
        self.form = Form::FrontEnd { content_type: None, body: "".into() };
        self
    }

    /// Adds a header.
    ///
    /// # Panics
    ///
    /// If HTTP does not allow the name or the value. If the name is `content-length` or `transfer-encoding`, which would
    /// contradict the body: use [`Fault::truncated_body`](crate::Fault::truncated_body) for that.
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
            return Err(format!("{name:?}: {value:?} is not a header: HTTP allows visible ASCII characters").into());
        }
        if ["content-length", "transfer-encoding"].iter().any(|framing| name.eq_ignore_ascii_case(framing)) {
            let contradiction = format!("the header {name:?} would contradict the body: ");
            return Err(Unfit::new(
                contradiction,
                "write Fault::truncated_body(...) for that",
                "leave it out, or write the effect truncatedBody for that",
            ));
        }
        self.headers.insert(name, value);
        Ok(self)
    }

    /// Adds the header `x-amz-retry-after`, in milliseconds. Current SDKs wait that long before they retry.
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

    /// Returns the error for an unknown event bus. The code and the text were recorded (A). The status 400 follows from the
    /// protocol (C). The name for a request with an ARN is a proposal (D).
    pub(crate) fn no_event_bus(name: &str) -> Self {
        Self::json(400, "ResourceNotFoundException", Some(format!("Event bus {} does not exist.", cut(name)).into()))
    }

    pub(crate) fn unknown_operation() -> Self {
        Self::json(400, "UnknownOperationException", None)
    }

    pub(crate) fn unknown_protocol() -> Self {
        Self::formed(404, Form::Xml { code: "UnknownOperationException".into() })
    }

    /// Returns whether current AWS SDKs retry this error.
    ///
    /// They retry HTTP 500, 502, 503 and 504, and the codes that they know as throttling or as a timeout
    /// (`ThrottlingException`, `RequestLimitExceeded`, `RequestTimeout`, ...), also if the code stands only in the header
    /// `x-amzn-ErrorType`. HTTP 429 without a code counts as retryable, although the SDK for Rust does not retry it.
    pub fn is_retryable(&self) -> bool {
        let is_retryable = |code: &str| RETRYABLE_REQUESTS.contains(&code);
        let in_header = self.headers().iter().filter(|(name, _)| name.eq_ignore_ascii_case("x-amzn-errortype"));
        // Some services append a colon and a URI.
        let mut in_header = in_header.filter_map(|(_, value)| value.split(':').next());
        [429, 500, 502, 503, 504].contains(&self.status())
            || self.code().is_some_and(is_retryable)
            || in_header.any(is_retryable)
    }

    /// Returns the error with this code, with its usual status and text. Returns `None` for an unknown code.
    ///
    /// Errors without a code have names: `payloadTooLarge`, `badGateway`, `gatewayTimeout` and `tooManyRequests`.
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

    /// The names that [`documented`](Self::documented) knows. The names of errors without a code come last.
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

    /// Returns the HTTP status, 400 to 599.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Returns the error code. Returns `None` if the body has none.
    pub fn code(&self) -> Option<&str> {
        match &self.form {
            Form::Json { code, .. } => code.as_deref(),
            Form::Xml { code } => Some(code),
            Form::FrontEnd { .. } => None,
        }
    }

    /// Returns the message, if there is one.
    pub fn message(&self) -> Option<&str> {
        match &self.form {
            Form::Json { message, .. } => message.as_deref(),
            Form::Xml { .. } | Form::FrontEnd { .. } => None,
        }
    }

    /// Returns how many bytes the error keeps alive beside itself.
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

/// Prints the status and the code: `500 InternalException`.
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

/// Cuts a text of the request for the text of an error if it is too long (D).
pub(super) fn cut(text: &str) -> String {
    let (shown, is_cut) = beginning(text, MAX_REPEATED);
    if is_cut { format!("{shown} ... ({} bytes in all)", text.len()) } else { shown }
}

/// Returns what is wrong with the status of an error.
pub(crate) fn status_error(status: u16) -> Option<String> {
    (!(400..=599).contains(&status)).then(|| {
        format!(
            "a request error needs an HTTP status from 400 to 599, not {status}: SDKs take any other for a success or a \
             redirect"
        )
    })
}

/// Returns what is wrong with a content type.
pub(crate) fn content_type_error(content_type: &str) -> Option<String> {
    let is_allowed = http::HeaderValue::try_from(content_type).is_ok();
    (!is_allowed).then(|| format!("{content_type:?} is not a content type: HTTP allows visible ASCII characters"))
}

#[track_caller]
fn assert_is_error(status: u16) {
    if let Some(error) = status_error(status) {
        panic!("{error}");
    }
}
