//! The AWS JSON 1.1 protocol: the body of a request as members, or the service's words for what cannot be read.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;
use std::rc::Rc;

use bytes::Bytes;
use http::request::Parts;
use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::entry::{Entry, Text};
use crate::json;

pub(crate) const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

/// How many bytes a body has, or would have, had it been received to its end.
pub(crate) fn body_length(head: &Parts, body: &[u8]) -> usize {
    let declared = header(head, "content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    body.len().max(declared)
}

/// Why the transport did not keep a body: an extension of the head of its request.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Unkept {
    /// It has more bytes than the mock takes.
    TooLong,
    /// All bodies that were being received had this many bytes together.
    NoRoom { limit: usize },
}

/// A header as text, where it is there and is text.
pub(crate) fn header<'a>(head: &'a Parts, name: &str) -> Option<&'a str> {
    head.headers.get(name).and_then(|value| value.to_str().ok())
}

/// What all tries of one call share that an AWS SDK makes on its own.
pub(crate) fn sdk_call(head: &Parts) -> Option<&str> {
    header(head, "amz-sdk-invocation-id")
}

/// How many entries of one request are kept: a thousand times as many as the service takes. An entry of two bytes becomes one of
/// some hundred. Whatever comes after them is read and counted.
pub(super) const MAX_ENTRIES_KEPT: usize = 10_000;
/// How many resources are kept of all entries of one request together. The service has no bound but that of the request's size, in
/// which some 20,000 ARNs have room.
pub(super) const MAX_RESOURCES_KEPT: usize = 100_000;

/// The members of a request after decoding.
#[derive(Debug, Default)]
pub(crate) struct PutEvents {
    /// `None` where `Entries` is absent or null. A `null` in the list is an entry without members.
    pub(crate) entries: Option<Vec<Entry>>,
    pub(crate) endpoint_id: Option<String>,
    /// How many entries there are beyond those that are kept.
    pub(super) more_entries: usize,
    /// The same of the resources of all entries.
    pub(super) more_resources: usize,
}

#[derive(Debug, PartialEq)]
pub(crate) enum DecodeError {
    /// Not JSON at all. The service gives no message; `reason` is for the journal.
    Syntax { reason: String },
    /// JSON with a member of the wrong type.
    /// `advice` says to people what the service's message leaves open.
    Type { path: String, message: Option<&'static str>, advice: Option<&'static str> },
}

/// Reads the body of a PutEvents request.
///
/// The good case takes one pass and shares the body. Whatever it cannot read is looked at again by [`explain`], which
/// knows the words of the service.
pub(crate) fn decode(body: &Bytes) -> Result<PutEvents, DecodeError> {
    read::<RawRequest<'_>>(json_text(body)?, &REQUEST).map(|raw| raw.share(body))
}

/// Reads the body of a DescribeEventBus request: the name or ARN of the bus, where it has one.
pub(crate) fn decode_describe(body: &Bytes) -> Result<Option<String>, DecodeError> {
    read::<RawDescribe<'_>>(json_text(body)?, &DESCRIBE).map(|raw| raw.name.map(|text| text.0.into_owned()))
}

fn read<'a, T: Members<'a>>(text: &'a str, shape: &Shape) -> Result<T, DecodeError> {
    let read = || {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let raw = Structure(T::default()).deserialize(&mut deserializer)?;
        deserializer.end().map(|()| raw)
    };
    read().map_err(|error: serde_json::Error| {
        explain(text, shape).unwrap_or(DecodeError::Syntax { reason: error.to_string() })
    })
}

/// Whether the body is JSON of any kind: the service asks that before it looks at the operation.
pub(crate) fn check_syntax(body: &Bytes) -> Result<(), DecodeError> {
    match json::syntax_error(json_text(body)?) {
        None => Ok(()),
        Some(error) => Err(DecodeError::Syntax { reason: error.to_string() }),
    }
}

fn json_text(body: &Bytes) -> Result<&str, DecodeError> {
    std::str::from_utf8(body).map_err(|error| DecodeError::Syntax { reason: error.to_string() })
}

// --- One pass over a good request -----------------------------------------------------------------------------------

/// A JSON object that is read member by member. Unknown members are ignored, `null` is as good as absent, and of a name
/// that comes twice the last one counts, as everywhere in serde_json.
trait Members<'de>: Default {
    fn read<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error>;
}

/// Reads an object into this value.
struct Structure<T>(T);

impl<'de, T: Members<'de>> DeserializeSeed<'de> for Structure<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, T: Members<'de>> Visitor<'de> for Structure<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let mut members = self.0;
        while let Some(name) = map.next_key::<RawText<'de>>()? {
            members.read(&name.0, &mut map)?;
        }
        Ok(members)
    }
}

/// Reads what this reads, or `null`.
struct OrNull<S>(S);

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for OrNull<S> {
    type Value = Option<S::Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de, S: DeserializeSeed<'de>> Visitor<'de> for OrNull<S> {
    type Value = Option<S::Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or null")
    }

    fn visit_none<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        self.0.deserialize(deserializer).map(Some)
    }
}

/// Reads a list of which as many items are kept as there is room for. All others are read as well, and counted.
struct List<F> {
    room: Rc<Cell<usize>>,
    item: F,
}

/// The items of a list that were kept, and how many more there are.
struct Kept<T> {
    items: Vec<Option<T>>,
    more: usize,
}

impl<'de, S: DeserializeSeed<'de>, F: Fn() -> S> DeserializeSeed<'de> for List<F> {
    type Value = Kept<S::Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, S: DeserializeSeed<'de>, F: Fn() -> S> Visitor<'de> for List<F> {
    type Value = Kept<S::Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut kept = Kept { items: Vec::new(), more: 0 };
        while let Some(item) = seq.next_element_seed(OrNull((self.item)()))? {
            match self.room.get().checked_sub(1) {
                Some(room) => {
                    self.room.set(room);
                    kept.items.push(item);
                }
                None => kept.more += 1,
            }
        }
        Ok(kept)
    }
}

/// A JSON string, borrowed where it has no escapes. (serde's own `Option<Cow<str>>` would always copy.)
struct RawText<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for RawText<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;

        impl<'de> Visitor<'de> for TextVisitor {
            type Value = RawText<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(RawText(Cow::Borrowed(text)))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(RawText(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(TextVisitor)
    }
}

#[derive(Default)]
struct RawRequest<'a> {
    entries: Option<Kept<RawEntry<'a>>>,
    endpoint_id: Option<RawText<'a>>,
}

impl<'de> Members<'de> for RawRequest<'de> {
    fn read<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "Entries" => {
                self.entries = None; // Of a name that comes twice only one list is held at a time.
                let room = Rc::new(Cell::new(MAX_RESOURCES_KEPT));
                let item = || Structure(RawEntry { room: Rc::clone(&room), ..RawEntry::default() });
                let list = List { room: Rc::new(Cell::new(MAX_ENTRIES_KEPT)), item };
                self.entries = map.next_value_seed(OrNull(list))?;
            }
            "EndpointId" => self.endpoint_id = map.next_value()?,
            _ => drop(map.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

#[derive(Default)]
struct RawDescribe<'a> {
    name: Option<RawText<'a>>,
}

impl<'de> Members<'de> for RawDescribe<'de> {
    fn read<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "Name" => self.name = map.next_value()?,
            _ => drop(map.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

#[derive(Default)]
struct RawEntry<'a> {
    source: Option<RawText<'a>>,
    detail_type: Option<RawText<'a>>,
    detail: Option<RawText<'a>>,
    event_bus: Option<RawText<'a>>,
    trace_header: Option<RawText<'a>>,
    resources: Option<Kept<RawText<'a>>>,
    /// For how many more resources there is room, of all entries of the request.
    room: Rc<Cell<usize>>,
    /// Raw, because a number must keep all its digits, also where another crate switches `arbitrary_precision` on.
    time: Option<&'a RawValue>,
}

impl<'de> Members<'de> for RawEntry<'de> {
    fn read<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "Source" => self.source = map.next_value()?,
            "DetailType" => self.detail_type = map.next_value()?,
            "Detail" => self.detail = map.next_value()?,
            "EventBusName" => self.event_bus = map.next_value()?,
            "TraceHeader" => self.trace_header = map.next_value()?,
            "Resources" => {
                let list = List { room: Rc::clone(&self.room), item: || PhantomData::<RawText<'de>> };
                self.resources = map.next_value_seed(OrNull(list))?;
            }
            "Time" => {
                self.time = map.next_value()?;
                if self.time.is_some_and(|time| !time.get().starts_with(|c: char| c == '-' || c.is_ascii_digit())) {
                    return Err(de::Error::custom("Time is not a number"));
                }
            }
            _ => drop(map.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

impl RawRequest<'_> {
    fn share(self, body: &Bytes) -> PutEvents {
        let kept = self.entries.as_ref();
        let resources =
            kept.into_iter().flat_map(|kept| &kept.items).flatten().filter_map(|one| one.resources.as_ref());
        let more_resources = resources.map(|kept| kept.more).sum();
        let more_entries = kept.map_or(0, |kept| kept.more);
        let entry = |raw: Option<RawEntry<'_>>| raw.map(|raw| raw.share(body)).unwrap_or_default();
        PutEvents {
            entries: self.entries.map(|kept| kept.items.into_iter().map(entry).collect()),
            endpoint_id: self.endpoint_id.map(|text| text.0.into_owned()),
            more_entries,
            more_resources,
        }
    }
}

impl RawEntry<'_> {
    fn share(self, body: &Bytes) -> Entry {
        let text = |raw: RawText<'_>| match raw.0 {
            Cow::Borrowed(text) => Text::borrowed(body, text),
            Cow::Owned(text) => Text::owned(text),
        };
        Entry {
            source: self.source.map(text),
            detail_type: self.detail_type.map(text),
            detail: self.detail.map(text),
            event_bus: self.event_bus.map(text),
            trace_header: self.trace_header.map(text),
            resources: self.resources.map(|kept| kept.items.into_iter().map(|item| item.map(text)).collect()),
            time: self.time.map(|time| Text::borrowed(body, time.get())),
            ..Entry::default()
        }
    }
}

// --- What is wrong with a bad one -----------------------------------------------------------------------------------

/// What the service's model wants at some place of the request.
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

/// The first member of the wrong type, in the order of the document. `None` where the text is not JSON.
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
            // The words are those of the JSON 1.1 framework, recorded on two sister services (B).
            (b'[', _) => "Start of list found where not expected",
            (b'{', _) => "Start of structure or map found where not expected.",
            (_, Self::List(_)) => "Expected list or null",
            (_, Self::Structure(_)) => "Expected null",
            (b't', Self::String) => "TRUE_VALUE can not be converted to a String",
            (b'f', Self::String) => "FALSE_VALUE can not be converted to a String",
            (_, Self::String) => "NUMBER_VALUE can not be converted to a String",
            // For texts recorded from EventBridge itself (async-aws/aws#1395); for true and false proposals (D) in that form.
            (b't', Self::Timestamp) => "TRUE_VALUE cannot be converted to Date",
            (b'f', Self::Timestamp) => "FALSE_VALUE cannot be converted to Date",
            (_, Self::Timestamp) => "STRING_VALUE cannot be converted to Date",
        };
        let advice = self.advice(json::first_byte(raw.get())?, path);
        Some(DecodeError::Type { path: path.to_owned(), message: Some(message), advice: Some(advice) })
    }

    /// What to write instead of a value that begins with this byte.
    fn advice(&self, found: u8, path: &str) -> &'static str {
        match self {
            Self::String if path.ends_with(".Detail") => {
                "Detail is a text that holds JSON: stringify it, as with JSON.stringify(...) or json.dumps(...)"
            }
            Self::String => "It is a text: write it in quotes",
            Self::List(_) => "It is a list, also where there is only one: write [...]",
            Self::Structure(_) if found == b'"' => "It is an object: do not stringify it",
            Self::Structure(_) => "It is an object: write {...}",
            Self::Timestamp => "It is a number: seconds since 1970, as the AWS SDKs send it",
        }
    }
}

/// Where a value stands in its list or its structure.
enum Place<'a> {
    Index(usize),
    Name(&'a str),
}

/// The first thing that is found among the items or the members of a valid value, without a list of them all.
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
