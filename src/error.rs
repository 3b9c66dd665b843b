//! What the service says when it refuses: [`EntryError`] for one entry, [`RequestError`] for the whole request.

use std::borrow::Cow;

type Text = Cow<'static, str>;

/// The error of one entry inside an answer of HTTP 200.
///
/// The named constructors carry the texts that were recorded from the service; where none was recorded, the
/// constructor says so.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EntryError {
    code: Text,
    message: Text,
}

/// The two codes that AWS documents as worth a retry (`PutEventsResultEntry`, API reference). All others are permanent.
const RETRYABLE: [&str; 2] = ["InternalFailure", "ThrottlingException"];

impl EntryError {
    /// Any code and message: the service's `ErrorCode` is an open string.
    pub fn new(code: impl Into<Text>, message: impl Into<Text>) -> Self {
        Self { code: code.into(), message: message.into() }
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
        &self.code
    }

    /// The `ErrorMessage` of the result.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Whether AWS documents this code as worth sending the entry again: `InternalFailure` and `ThrottlingException`.
    pub fn is_retryable(&self) -> bool {
        RETRYABLE.contains(&self.code())
    }
}

/// An answer that refuses the whole request: no entry was looked at, none was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RequestError {
    status: u16,
    form: Form,
}

/// What the answer is made of. The real service speaks in three voices, depending on how far the request came.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Form {
    /// The service itself: `{"__type":code,"message":message}`.
    Json { code: Text, message: Option<Text> },
    /// The framework, before it knew the protocol: an XML element of that name and no JSON.
    Xml { code: Text },
    /// The front end, before the service: no body, no request id, and the connection is closed.
    Empty,
}

impl RequestError {
    /// Any status, code and message.
    ///
    /// # Panics
    ///
    /// If `status` is not an error that HTTP knows, 400 to 599.
    #[track_caller]
    pub fn new(status: u16, code: impl Into<Text>, message: impl Into<Text>) -> Self {
        assert!(
            (400..=599).contains(&status),
            "a request error needs an HTTP status from 400 to 599, not {status}: SDKs take any other for a success or a redirect"
        );
        Self::json(status, code, Some(message.into()))
    }

    fn json(status: u16, code: impl Into<Text>, message: Option<Text>) -> Self {
        Self { status, form: Form::Json { code: code.into(), message } }
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
        Self { status: 413, form: Form::Empty }
    }

    pub(crate) fn serialization(message: Option<String>) -> Self {
        Self::json(400, "SerializationException", message.map(Text::from))
    }

    pub(crate) fn validation(message: String) -> Self {
        Self::json(400, "ValidationException", Some(message.into()))
    }

    pub(crate) fn unknown_operation() -> Self {
        Self::json(400, "UnknownOperationException", None)
    }

    pub(crate) fn unknown_protocol() -> Self {
        Self { status: 404, form: Form::Xml { code: "UnknownOperationException".into() } }
    }

    /// The error that is known under this code, with its usual status and text.
    pub fn documented(code: &str) -> Option<Self> {
        Some(match code {
            "InternalException" => Self::internal_exception(),
            "InternalFailure" => Self::internal_failure(),
            "ServiceUnavailable" => Self::service_unavailable(),
            "ThrottlingException" => Self::throttling(),
            "AccessDeniedException" => Self::access_denied(),
            "UnrecognizedClientException" => Self::unrecognized_client(),
            "ExpiredTokenException" => Self::expired_token(),
            "InvalidSignatureException" => Self::invalid_signature(),
            _ => return None,
        })
    }

    /// The HTTP status, 400 to 599.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The error code, or `None` where the answer has no body to hold one.
    pub fn code(&self) -> Option<&str> {
        match &self.form {
            Form::Json { code, .. } | Form::Xml { code } => Some(code),
            Form::Empty => None,
        }
    }

    /// The message, where there is one.
    pub fn message(&self) -> Option<&str> {
        match &self.form {
            Form::Json { message, .. } => message.as_deref(),
            Form::Xml { .. } | Form::Empty => None,
        }
    }

    pub(crate) fn form(&self) -> &Form {
        &self.form
    }
}
