//! Signatures: who signed a request, and, with strict authentication, whether the signature is there and complete. Signatures
//! are never verified.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use super::error::{RequestError, cut};
use super::head::{Head, RequestHead};

/// Makes the checks that come before any check of keys, as a sister service was recorded to make them (B).
pub(crate) fn check(head: &Head) -> Result<(), RequestError> {
    let in_query = is_presigned(head);
    let Some(authorization) = head.header("authorization") else {
        return if in_query { Ok(()) } else { Err(RequestError::missing_authentication_token()) };
    };
    if in_query {
        return Err(RequestError::new(
            400,
            "InvalidSignatureException",
            "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
        ));
    }
    let mut missing: Vec<String> = ["Credential", "Signature", "SignedHeaders"]
        .into_iter()
        .filter(|name| parameter(authorization, name).is_none())
        .map(|name| format!("Authorization header requires '{name}' parameter. "))
        .collect();
    if head.header("x-amz-date").or_else(|| head.header("date")).is_none() {
        missing.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ".into());
    }
    if missing.is_empty() {
        return Ok(());
    }
    Err(RequestError::new(
        400,
        "IncompleteSignatureException",
        format!("{}Authorization={}", missing.concat(), cut(authorization)),
    ))
}

/// Returns whether the signature stands in the query.
pub(crate) fn is_presigned(head: &Head) -> bool {
    head.uri().query().is_some_and(|query| query.split('&').any(|pair| pair.starts_with("X-Amz-Algorithm=")))
}

/// Returns a part of `AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=...`.
fn parameter<'a>(authorization: &'a str, name: &str) -> Option<&'a str> {
    let mut parts = authorization.split([' ', ',']).filter_map(|part| part.split_once('='));
    parts.find_map(|(key, value)| (key == name && !value.is_empty()).then_some(value))
}

/// The default region.
pub(crate) const REGION: &str = "us-east-1";

/// The text between the name and the number of a region that a mock made up.
const OWN_REGION: &str = "-mock-";

/// Returns a region that no other SDK configuration in this process has. The journal shows it by its name alone.
pub(crate) fn own_region(name: &str) -> String {
    static NUMBERS: AtomicUsize = AtomicUsize::new(1);
    format!("{name}{OWN_REGION}{}", NUMBERS.fetch_add(1, Relaxed))
}

/// Returns the region that [`own_region`] was made of. Any other region is returned as it is.
pub(crate) fn plain_region(region: &str) -> &str {
    region.split_once(OWN_REGION).map_or(region, |(name, _)| name)
}

/// The access key id, region and service that a request was signed with: the `Credential` of its `Authorization` header, or the
/// `X-Amz-Credential` of its query.
///
/// ```
/// # use std::time::{Duration, SystemTime};
/// # use putevents_mock::engine::{Ids, Now};
/// # use putevents_mock::{bytes::Bytes, http::Request};
/// # let mut engine = putevents_mock::Engine::new();
/// # let authorization = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261123/eu-central-1/events/aws4_request";
/// # let request = Request::post("/").header("authorization", authorization).body(Bytes::new()).unwrap();
/// # engine.handle(request, Now::new(Duration::ZERO, SystemTime::UNIX_EPOCH), &mut Ids::counting());
/// # let journal = engine.journal();
/// let scope = journal.attempts()[0].credential_scope().unwrap();
/// assert_eq!((scope.access_key(), scope.region(), scope.service()), ("AKIDEXAMPLE", Some("eu-central-1"), "events"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CredentialScope<'a> {
    access_key: &'a str,
    region: Option<&'a str>,
    service: &'a str,
}

impl<'a> CredentialScope<'a> {
    /// Returns the access key id, such as `AKIDEXAMPLE`.
    pub fn access_key(self) -> &'a str {
        self.access_key
    }

    /// Returns the region that the request was signed for. Returns `None` for SigV4A, which signs for a set of regions and
    /// which global endpoints need.
    pub fn region(self) -> Option<&'a str> {
        self.region.map(plain_region)
    }

    /// Returns the service that the request was signed for: `events`.
    pub fn service(self) -> &'a str {
        self.service
    }
}

/// Reads the scope from the `Authorization` header, or from the query of a presigned request, where `%2F` stands for a slash.
pub(crate) fn credential_scope(head: &impl RequestHead) -> Option<CredentialScope<'_>> {
    let in_header = head.header("authorization").and_then(|authorization| parameter(authorization, "Credential"));
    let in_query = || {
        let mut pairs = head.uri().query()?.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find_map(|(name, value)| (name == "X-Amz-Credential").then_some(value))
    };
    let credential = in_header.or_else(in_query)?;
    let slash = if credential.contains('/') { "/" } else { "%2F" };
    match credential.splitn(6, slash).collect::<Vec<_>>()[..] {
        [access_key, _date, region, service, "aws4_request"] => {
            Some(CredentialScope { access_key, region: Some(region), service })
        }
        [access_key, _date, service, "aws4_request"] => Some(CredentialScope { access_key, region: None, service }),
        _ => None,
    }
}
