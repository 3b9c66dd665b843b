//! The AWS JSON 1.1 protocol: reads the body of a request into its members, or explains it in the words of the service.

use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::body::Body;
use super::entry::Entry;
use super::head::{Head, RequestHead};
use super::raw::{self, RawRequest, RawText, TextPlace};
use crate::json;

pub(crate) const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

/// Returns how many bytes a body has, or would have after it was received to its end.
pub(crate) fn body_length(head: &impl RequestHead, body: &[u8]) -> usize {
    let declared = head.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    body.len().max(declared)
}

/// Returns the id that all tries of one call of an AWS SDK share.
pub(crate) fn sdk_call(head: &Head) -> Option<&str> {
    head.header("amz-sdk-invocation-id")
}

/// The members of a request after decoding.
#[derive(Debug, Default)]
pub(crate) struct PutEvents {
    /// `None` if `Entries` is absent or null. A `null` in the list is an entry without members.
    pub(crate) entries: Option<Vec<Entry>>,
    pub(crate) endpoint_id: Option<String>,
    /// How many entries there are beyond those that are kept.
    pub(super) more_entries: usize,
    /// How many resources of all entries there are beyond those that are kept.
    pub(super) more_resources: usize,
}

#[derive(Debug, PartialEq)]
pub(crate) enum DecodeError {
    /// Not JSON. The service gives no message; `reason` is for the journal.
    Syntax { reason: String },
    /// JSON with a member of the wrong type. `advice` tells people what the service's message leaves open.
    Type { path: String, message: Option<&'static str>, advice: Option<&'static str> },
}

/// Reads the body of a PutEvents request.
///
/// A correct body takes one pass and is shared. A body that cannot be read goes to [`explain`], which has the words of the
/// service.
pub(crate) fn decode(body: &Body) -> Result<PutEvents, DecodeError> {
    let text = json_text(body)?;
    let raw: RawRequest<'_, TextPlace> = raw::read_request(text).map_err(|error| unreadable(text, &REQUEST, &error))?;
    let (items, more_entries) = raw.entries.map_or((None, 0), |kept| (Some(kept.items), kept.more));
    let mut more_resources = 0;
    let entries = items.map(|items| {
        // `collect` would reuse, and keep, the memory of the larger raw items.
        let mut entries = Vec::with_capacity(items.len());
        for (index, raw) in (0..).zip(items) {
            let raw = raw.unwrap_or_default();
            more_resources += raw.more_resources;
            entries.push(Entry::of(body, index, raw.members));
        }
        entries
    });
    let endpoint_id = raw.endpoint_id.map(|text| text.0.into_owned());
    Ok(PutEvents { entries, endpoint_id, more_entries, more_resources })
}

/// Reads the body of a DescribeEventBus request: the name or ARN of the bus, if it has one.
pub(crate) fn decode_describe(body: &Body) -> Result<Option<String>, DecodeError> {
    let text = json_text(body)?;
    let raw = raw::read_describe(text).map_err(|error| unreadable(text, &DESCRIBE, &error))?;
    Ok(raw.name.map(|text| text.0.into_owned()))
}

fn unreadable(text: &str, shape: &Shape, error: &serde_json::Error) -> DecodeError {
    explain(text, shape).unwrap_or_else(|| DecodeError::Syntax { reason: error.to_string() })
}

/// Checks that the body is JSON of any kind. The service does so before it looks at the operation.
pub(crate) fn check_syntax(body: &Body) -> Result<(), DecodeError> {
    match json::syntax_error(json_text(body)?) {
        None => Ok(()),
        Some(error) => Err(DecodeError::Syntax { reason: error.to_string() }),
    }
}

fn json_text(body: &Body) -> Result<&str, DecodeError> {
    body.text().map_err(|error| DecodeError::Syntax { reason: error.to_string() })
}

// --- Why a body cannot be read --------------------------------------------------------------------------------------

/// The type that the service's model wants at a place of the request.
enum Shape {
    String,
    Timestamp,
    List(&'static Shape),
    Structure(&'static [(&'static str, Shape)]),
}

const ENTRY: Shape = Shape::Structure(&[
    ("Source", Shape::String),
    ("DetailType", Shape::String),
    ("Detail", Shape::String),
    ("EventBusName", Shape::String),
    ("TraceHeader", Shape::String),
    ("Resources", Shape::List(&Shape::String)),
    ("Time", Shape::Timestamp),
]);
const REQUEST: Shape = Shape::Structure(&[("Entries", Shape::List(&ENTRY)), ("EndpointId", Shape::String)]);
const DESCRIBE: Shape = Shape::Structure(&[("Name", Shape::String)]);

/// Returns the first member of the wrong type, in the order of the document. Returns `None` if the text is not JSON.
fn explain(text: &str, shape: &Shape) -> Option<DecodeError> {
    let raw: &RawValue = serde_json::from_str(text).ok()?;
    match json::first_byte(text) {
        Some(b'{' | b'[') => shape.mismatch(raw, "the body"),
        // A bare null, string, number or boolean: no message (recorded for null and strings, the rest by analogy).
        _ => Some(DecodeError::Type { path: "the body".into(), message: None, advice: None }),
    }
}

impl Shape {
    fn mismatch(&self, raw: &RawValue, path: &str) -> Option<DecodeError> {
        let message = match (json::first_byte(raw.get())?, self) {
            (b'n', _) => return None,
            (b'"', Self::String) => return None,
            (b'-' | b'0'..=b'9', Self::Timestamp) => return None,
            (b'[', Self::List(item)) => {
                return first(raw, |place, raw| match place {
                    Place::Index(index) => item.mismatch(raw, &format!("{path}[{index}]")),
                    Place::Name(_) => None,
                });
            }
            (b'{', Self::Structure(known)) => {
                return first(raw, |place, raw| {
                    let Place::Name(name) = place else { return None };
                    let (name, shape) = known.iter().find(|(known, _)| *known == name)?;
                    shape.mismatch(raw, &if path == "the body" { (*name).to_owned() } else { format!("{path}.{name}") })
                });
            }
            // The words of the JSON 1.1 framework, recorded on two sister services (B).
            (b'[', _) => "Start of list found where not expected",
            (b'{', _) => "Start of structure or map found where not expected.",
            (_, Self::List(_)) => "Expected list or null",
            (_, Self::Structure(_)) => "Expected null",
            (b't', Self::String) => "TRUE_VALUE can not be converted to a String",
            (b'f', Self::String) => "FALSE_VALUE can not be converted to a String",
            (_, Self::String) => "NUMBER_VALUE can not be converted to a String",
            // Recorded from EventBridge for strings (async-aws/aws#1395). For true and false a proposal (D) in the same form.
            (b't', Self::Timestamp) => "TRUE_VALUE cannot be converted to Date",
            (b'f', Self::Timestamp) => "FALSE_VALUE cannot be converted to Date",
            (_, Self::Timestamp) => "STRING_VALUE cannot be converted to Date",
        };
        let advice = self.advice(json::first_byte(raw.get())?, path);
        Some(DecodeError::Type { path: path.to_owned(), message: Some(message), advice: Some(advice) })
    }

    /// Returns what to write instead of a value that begins with this byte.
    fn advice(&self, found: u8, path: &str) -> &'static str {
        match self {
            Self::String if path.ends_with(".Detail") => {
                "Detail is a text that holds JSON: stringify it, as with JSON.stringify(...) or json.dumps(...)"
            }
            Self::String => "It is a text: write it in quotes",
            Self::List(_) => "It is a list, even for one item: write [...]",
            Self::Structure(_) if found == b'"' => "It is an object: do not stringify it",
            Self::Structure(_) => "It is an object: write {...}",
            Self::Timestamp => "It is a number: seconds since 1970, as the AWS SDKs send it",
        }
    }
}

/// The place of a value in its list or its structure.
enum Place<'a> {
    Index(usize),
    Name(&'a str),
}

/// Returns the first result among the items or the members of a valid value, without a list of all of them.
fn first<'a, T>(raw: &'a RawValue, find: impl FnMut(Place<'_>, &'a RawValue) -> Option<T>) -> Option<T> {
    serde_json::Deserializer::from_str(raw.get()).deserialize_any(First(find)).ok()?
}

struct First<F>(F);

impl<'de, T, F: FnMut(Place<'_>, &'de RawValue) -> Option<T>> Visitor<'de> for First<F> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list or an object")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<Self::Value, A::Error> {
        let (mut found, mut index) = (None, 0);
        while found.is_none() {
            let Some(raw) = seq.next_element()? else { return Ok(None) };
            found = (self.0)(Place::Index(index), raw);
            index += 1;
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(found)
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while found.is_none() {
            let Some(name) = map.next_key::<RawText<'de>>()? else { return Ok(None) };
            found = (self.0)(Place::Name(&name.0), map.next_value()?);
        }
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(found)
    }
}
