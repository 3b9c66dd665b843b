//! Replies that break the rules of the service.

use std::fmt;

use serde_json::{Value, json};

use crate::json::{Cursor, FormatError};
use crate::service::read_content_type;
use crate::words::shortened;

/// A reply that the real service never sends, for publishers that trust the reply too much. See
/// [`Fault::malformed_reply`](crate::Fault::malformed_reply).
///
/// ```
/// use putevents_mock::Fault;
/// use putevents_mock::fault::MalformedReply;
///
/// let fault = Fault::malformed_reply(MalformedReply::FewerResults).times(1);
/// assert_eq!(fault.to_string(), "a reply with one result too few, once");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MalformedReply {
    /// The last result is missing.
    FewerResults,
    /// The last result is there twice: one result more than entries.
    MoreResults,
    /// The results come in reverse order.
    ReorderedResults,
    /// `FailedEntryCount` is this number, whatever the results say.
    FailedEntryCount(u64),
    /// The results of accepted entries have no `EventId`.
    NoEventIds,
    /// The results of accepted entries have both an `EventId` and an `ErrorCode`.
    EventIdsWithErrorCodes,
    /// The body ends in the middle of its JSON. The `Content-Length` matches the shorter body.
    BrokenJson,
    /// HTTP 200 without a body. SDKs read it as a reply without failures.
    EmptyBody,
    /// This `Content-Type`, such as `text/html`, and the usual body.
    ContentType(String),
    /// HTTP 200 with this body, whatever the outcomes of the entries are.
    Body(String),
}

impl MalformedReply {
    /// Returns whether it can break any reply, not only the results of PutEvents.
    pub(crate) fn is_about_any_answer(&self) -> bool {
        match self {
            Self::BrokenJson | Self::EmptyBody | Self::ContentType(_) | Self::Body(_) => true,
            Self::FewerResults
            | Self::MoreResults
            | Self::ReorderedResults
            | Self::FailedEntryCount(_)
            | Self::NoEventIds
            | Self::EventIdsWithErrorCodes => false,
        }
    }
}

impl fmt::Display for MalformedReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FewerResults => f.write_str("one result too few"),
            Self::MoreResults => f.write_str("one result too many"),
            Self::ReorderedResults => f.write_str("results in the opposite order"),
            Self::FailedEntryCount(count) => write!(f, "a FailedEntryCount of {count}"),
            Self::NoEventIds => f.write_str("no EventIds"),
            Self::EventIdsWithErrorCodes => f.write_str("both EventIds and ErrorCodes"),
            Self::BrokenJson => f.write_str("broken JSON"),
            Self::EmptyBody => f.write_str("an empty body"),
            Self::ContentType(content_type) => write!(f, "the Content-Type {content_type:?}"),
            Self::Body(body) => write!(f, "the body {}", shortened(body)),
        }
    }
}

/// The replies that files write as a name alone.
const NAMED: [MalformedReply; 7] = [
    MalformedReply::FewerResults,
    MalformedReply::MoreResults,
    MalformedReply::ReorderedResults,
    MalformedReply::NoEventIds,
    MalformedReply::EventIdsWithErrorCodes,
    MalformedReply::BrokenJson,
    MalformedReply::EmptyBody,
];

pub(crate) fn write_malformed(how: &MalformedReply) -> Value {
    match how {
        MalformedReply::FewerResults => "fewerResults".into(),
        MalformedReply::MoreResults => "moreResults".into(),
        MalformedReply::ReorderedResults => "reorderedResults".into(),
        MalformedReply::FailedEntryCount(count) => json!({ "failedEntryCount": count }),
        MalformedReply::NoEventIds => "noEventIds".into(),
        MalformedReply::EventIdsWithErrorCodes => "eventIdsWithErrorCodes".into(),
        MalformedReply::BrokenJson => "brokenJson".into(),
        MalformedReply::EmptyBody => "emptyBody".into(),
        MalformedReply::ContentType(content_type) => json!({ "contentType": content_type }),
        MalformedReply::Body(body) => json!({ "body": body }),
    }
}

/// Returns the reply as journals write it: always an object, with its kind and its value.
pub(crate) fn write_whole_malformed(how: &MalformedReply) -> Value {
    match write_malformed(how) {
        Value::Object(mut members) => {
            let kind = members.keys().next().cloned();
            members.extend(kind.map(|kind| ("kind".to_owned(), kind.into())));
            members.into()
        }
        name => json!({ "kind": name }),
    }
}

/// Reads a reply as journals write it. Older journals write it as plans do.
pub(crate) fn read_whole_malformed(at: &Cursor<'_>) -> Result<MalformedReply, FormatError> {
    match at.get("kind") {
        Some(kind) if at.get(kind.text()?).is_none() => read_malformed(&kind),
        _ => read_malformed(at),
    }
}

pub(crate) fn read_malformed(at: &Cursor<'_>) -> Result<MalformedReply, FormatError> {
    if let Some(how) = NAMED.iter().find(|how| write_malformed(how) == *at.value) {
        return Ok(how.clone());
    }
    let members = ["failedEntryCount", "contentType", "body"].map(|name| at.get(name));
    match members {
        [Some(count), None, None] => count.whole_number().map(MalformedReply::FailedEntryCount),
        [None, Some(content_type), None] => read_content_type(&content_type).map(MalformedReply::ContentType),
        [None, None, Some(body)] => Ok(MalformedReply::Body(body.text()?.to_owned())),
        _ => {
            let names = NAMED.iter().map(write_malformed);
            let names: Vec<String> = names.filter_map(|name| name.as_str().map(str::to_owned)).collect();
            let others = ["{\"failedEntryCount\": ...}", "{\"contentType\": ...}"];
            let known: Vec<&str> = names.iter().map(String::as_str).chain(others).collect();
            match at.value.as_str() {
                Some(name) => at.is_not_known(name, "a malformed reply", &known),
                None => at.is_wrong(&format!("one of {}", known.join(", "))),
            }
        }
    }
}
