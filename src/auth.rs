//! Strict authentication: is the request signed at all, and completely? Signatures are never verified.

#![warn(clippy::indexing_slicing)]

use http::request::Parts;

use crate::error::RequestError;
use crate::wire::header;

/// The checks that come before any look at keys, as a sister service was recorded to make them (B).
pub(crate) fn check(head: &Parts) -> Result<(), RequestError> {
    let in_query =
        head.uri.query().is_some_and(|query| query.split('&').any(|pair| pair.starts_with("X-Amz-Algorithm=")));
    let Some(authorization) = header(head, "authorization") else {
        return if in_query { Ok(()) } else { Err(RequestError::missing_authentication_token()) };
    };
    if in_query {
        return Err(RequestError::new(
            400,
            "InvalidSignatureException",
            "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
        ));
    }
    // "AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=..."
    let has = |name: &str| {
        authorization
            .split([' ', ','])
            .any(|part| part.split_once('=').is_some_and(|(key, value)| key == name && !value.is_empty()))
    };
    let mut missing: Vec<String> = ["Credential", "Signature", "SignedHeaders"]
        .into_iter()
        .filter(|name| !has(name))
        .map(|name| format!("Authorization header requires '{name}' parameter. "))
        .collect();
    if header(head, "x-amz-date").or_else(|| header(head, "date")).is_none() {
        missing.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ".into());
    }
    if missing.is_empty() {
        return Ok(());
    }
    Err(RequestError::new(
        400,
        "IncompleteSignatureException",
        format!("{}Authorization={authorization}", missing.concat()),
    ))
}
