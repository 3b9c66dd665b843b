//! Reads the body of a correct request in one pass. The caller decides what is kept of its texts.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroU32;
use std::ops::Range;
use std::rc::Rc;

use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::json;

/// The levels of nesting in `Detail` (user guide, quotas; 1,100 until December 2024).
pub(crate) const MAX_DETAIL_DEPTH: usize = 1_000;

/// How many entries of one request are kept: a thousand times what the service takes. An entry of two bytes takes hundreds of
/// bytes here. Later entries are read and counted.
pub(super) const MAX_ENTRIES_KEPT: usize = 10_000;
/// How many resources of all entries of one request are kept. The service bounds only the size of the request, which has room
/// for some 20,000 ARNs.
pub(super) const MAX_RESOURCES_KEPT: usize = 100_000;

/// The longest body whose texts can be found again, in bytes.
pub(crate) const MAX_READABLE_BODY: usize = TextPlace::LENGTH as usize;

/// The place of a member's text.
#[derive(Debug, Clone, Copy)]
pub(super) struct TextPlace {
    /// Its offset in the body plus one. It is one for a text with escapes, which is decoded on the first access.
    start: NonZeroU32,
    /// Its decoded length in bytes, and the flags.
    length: u32,
}

impl TextPlace {
    const ESCAPED: u32 = 1 << 31;
    /// The text is a `Detail` that the service takes.
    const GOOD_DETAIL: u32 = 1 << 30;
    const LENGTH: u32 = Self::GOOD_DETAIL - 1;

    /// Returns the length in bytes.
    pub(super) fn length(self) -> usize {
        (self.length & Self::LENGTH) as usize
    }

    pub(super) fn is_good_detail(self) -> bool {
        self.length & Self::GOOD_DETAIL != 0
    }

    /// Returns the range of the text in the body. Returns `None` for a text with escapes.
    pub(super) fn in_body(self) -> Option<Range<usize>> {
        let start = self.start.get() as usize - 1;
        (self.length & Self::ESCAPED == 0).then(|| start..start + self.length())
    }

    /// Returns the place of a text at this offset. The body is not longer than [`MAX_READABLE_BODY`].
    fn of(text: &str, member: Member, start: usize) -> Self {
        let is_good_detail = member == Member::Detail && json::is_object(text, MAX_DETAIL_DEPTH);
        let start = u32::try_from(start).ok().and_then(|start| NonZeroU32::MIN.checked_add(start));
        let length = u32::try_from(text.len()).unwrap_or_default() & Self::LENGTH;
        Self {
            start: start.unwrap_or(NonZeroU32::MIN),
            length: length | if is_good_detail { Self::GOOD_DETAIL } else { 0 },
        }
    }
}

/// The decoded text, if it is written with escapes. `None` if the body has it as it is.
pub(super) type Escaped = Option<Box<str>>;

/// The part of a text that is kept.
pub(super) trait Keep: Sized {
    /// Keeps a text that stands at this offset of the body.
    fn in_body(text: &str, member: Member, start: usize) -> Self;

    /// Keeps a text with escapes. The decoded text is dropped afterwards.
    fn decoded(text: &str, member: Member) -> Self;
}

impl Keep for TextPlace {
    fn in_body(text: &str, member: Member, start: usize) -> Self {
        Self::of(text, member, start)
    }

    fn decoded(text: &str, member: Member) -> Self {
        let place = Self::of(text, member, 0);
        Self { length: place.length | Self::ESCAPED, ..place }
    }
}

impl Keep for Escaped {
    fn in_body(_: &str, _: Member, _: usize) -> Self {
        None
    }

    fn decoded(text: &str, _: Member) -> Self {
        Some(text.into())
    }
}

/// A member of an entry that is a text, or is kept as a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Member {
    Source,
    DetailType,
    Detail,
    EventBus,
    TraceHeader,
    Time,
    /// One of the resources.
    Resource,
}

/// One item of a request.
#[derive(Clone)]
pub(super) struct Members<T> {
    pub(super) source: Option<T>,
    pub(super) detail_type: Option<T>,
    pub(super) detail: Option<T>,
    pub(super) event_bus: Option<T>,
    pub(super) trace_header: Option<T>,
    pub(super) time: Option<T>,
    pub(super) resources: Option<Box<[Option<T>]>>,
}

impl<T> Default for Members<T> {
    fn default() -> Self {
        let [source, detail_type, detail, event_bus, trace_header, time] = [const { None }; 6];
        Self { source, detail_type, detail, event_bus, trace_header, time, resources: None }
    }
}

impl<T> Members<T> {
    pub(super) fn text(&self, member: Member) -> Option<&T> {
        match member {
            Member::Source => self.source.as_ref(),
            Member::DetailType => self.detail_type.as_ref(),
            Member::Detail => self.detail.as_ref(),
            Member::EventBus => self.event_bus.as_ref(),
            Member::TraceHeader => self.trace_header.as_ref(),
            Member::Time => self.time.as_ref(),
            Member::Resource => None,
        }
    }

    /// Returns the texts of all members.
    pub(super) fn texts(&self) -> impl Iterator<Item = &T> {
        let Self { source, detail_type, detail, event_bus, trace_header, time, .. } = self;
        [source, detail_type, detail, event_bus, trace_header, time].into_iter().flatten().chain(self.resources())
    }

    pub(super) fn resources(&self) -> impl Iterator<Item = &T> {
        self.resources.iter().flatten().flatten()
    }
}

/// Returns the texts of each entry that are written with escapes, if the body is a request.
pub(super) fn escaped_texts(body: &str) -> Option<Vec<Members<Escaped>>> {
    let request: RawRequest<'_, Escaped> = read_request(body).ok()?;
    Some(request.entries?.items.into_iter().map(|entry| entry.unwrap_or_default().members).collect())
}

/// Reads the body of a PutEvents request.
pub(super) fn read_request<T: Keep>(body: &str) -> serde_json::Result<RawRequest<'_, T>> {
    read(RawRequest::of(body), body)
}

/// Reads the body of a DescribeEventBus request.
pub(super) fn read_describe(body: &str) -> serde_json::Result<RawDescribe<'_>> {
    read(RawDescribe::default(), body)
}

/// Reads a text that is one object into this value.
fn read<'a, T: Structure<'a>>(into: T, text: &'a str) -> serde_json::Result<T> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let read = Object(into).deserialize(&mut deserializer)?;
    deserializer.end().map(|()| read)
}

/// A JSON object that is read member by member. Unknown members are ignored, and `null` counts as absent. If a name is
/// repeated, its last value counts, as everywhere in serde_json.
trait Structure<'de>: Sized {
    fn read<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error>;
}

/// Reads an object into this value.
struct Object<T>(T);

impl<'de, T: Structure<'de>> DeserializeSeed<'de> for Object<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, T: Structure<'de>> Visitor<'de> for Object<T> {
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

/// Reads a value or `null`.
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

/// Reads a list. It keeps as many items as there is room for, and reads and counts the rest.
struct List<F> {
    room: Rc<Cell<usize>>,
    item: F,
}

/// The kept items of a list, and how many more there are.
pub(super) struct Kept<T> {
    pub(super) items: Vec<Option<T>>,
    pub(super) more: usize,
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

/// A JSON string, borrowed if it has no escapes. (serde's own `Option<Cow<str>>` would always copy.)
pub(super) struct RawText<'de>(pub(super) Cow<'de, str>);

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

/// Reads the text of a member.
struct TextOf<T> {
    member: Member,
    /// The address of the body.
    body: usize,
    kept: PhantomData<T>,
}

impl<'de, T: Keep> DeserializeSeed<'de> for TextOf<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de, T: Keep> Visitor<'de> for TextOf<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<T, E> {
        Ok(T::in_body(text, self.member, text.as_ptr().addr().wrapping_sub(self.body)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        Ok(T::decoded(text, self.member))
    }
}

/// The members of a request.
pub(super) struct RawRequest<'a, T> {
    pub(super) entries: Option<Kept<RawEntry<T>>>,
    pub(super) endpoint_id: Option<RawText<'a>>,
    /// The address of the body.
    body: usize,
}

impl<T> RawRequest<'_, T> {
    fn of(body: &str) -> Self {
        Self { entries: None, endpoint_id: None, body: body.as_ptr().addr() }
    }
}

impl<'de, T: Keep> Structure<'de> for RawRequest<'de, T> {
    fn read<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "Entries" => {
                self.entries = None; // If the name is repeated, only one list is held at a time.
                let (room, body) = (Rc::new(Cell::new(MAX_RESOURCES_KEPT)), self.body);
                let item = || Object(RawEntry { room: Some(Rc::clone(&room)), body, ..RawEntry::default() });
                let list = List { room: Rc::new(Cell::new(MAX_ENTRIES_KEPT)), item };
                self.entries = map.next_value_seed(OrNull(list))?;
            }
            "EndpointId" => self.endpoint_id = map.next_value()?,
            _ => drop(map.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

pub(super) struct RawEntry<T> {
    pub(super) members: Members<T>,
    /// How many resources there are beyond those that are kept.
    pub(super) more_resources: usize,
    /// The room for more resources, shared by all entries of the request.
    room: Option<Rc<Cell<usize>>>,
    /// The address of the body.
    body: usize,
}

impl<T> Default for RawEntry<T> {
    fn default() -> Self {
        Self { members: Members::default(), more_resources: 0, room: None, body: 0 }
    }
}

impl<'de, T: Keep> Structure<'de> for RawEntry<T> {
    fn read<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        let body = self.body;
        let text_of = |member| TextOf { member, body, kept: PhantomData };
        let mut text = |member| map.next_value_seed(OrNull(text_of(member)));
        match name {
            "Source" => self.members.source = text(Member::Source)?,
            "DetailType" => self.members.detail_type = text(Member::DetailType)?,
            "Detail" => self.members.detail = text(Member::Detail)?,
            "EventBusName" => self.members.event_bus = text(Member::EventBus)?,
            "TraceHeader" => self.members.trace_header = text(Member::TraceHeader)?,
            "Resources" => {
                (self.members.resources, self.more_resources) = (None, 0);
                let list = List { room: self.room.clone().unwrap_or_default(), item: || text_of(Member::Resource) };
                if let Some(Kept { items, more }) = map.next_value_seed(OrNull(list))? {
                    (self.members.resources, self.more_resources) = (Some(items.into()), more);
                }
            }
            "Time" => {
                // Raw, because a number must keep all its digits, also if another crate enables `arbitrary_precision`.
                let time: Option<&RawValue> = map.next_value()?;
                if time.is_some_and(|time| !time.get().starts_with(|c: char| c == '-' || c.is_ascii_digit())) {
                    return Err(de::Error::custom("Time is not a number"));
                }
                self.members.time = time
                    .map(|time| T::in_body(time.get(), Member::Time, time.get().as_ptr().addr().wrapping_sub(body)));
            }
            _ => drop(map.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

/// The members of a DescribeEventBus request.
#[derive(Default)]
pub(super) struct RawDescribe<'a> {
    pub(super) name: Option<RawText<'a>>,
}

impl<'de> Structure<'de> for RawDescribe<'de> {
    fn read<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "Name" => self.name = map.next_value()?,
            _ => drop(map.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}
