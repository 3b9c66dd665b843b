//! One item of a request, as it was sent.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::sender::Sender;
use crate::json::{self, Parsed};
use crate::words::shortened;

/// What the documented size formula counts for an entry that has a `Time`, in bytes (user guide, "Calculating PutEvents
/// event entry size").
const SIZE_OF_TIME: usize = 14;

/// User guide, quotas: levels of nesting in `Detail` (1,100 until December 2024).
pub(crate) const MAX_DETAIL_DEPTH: usize = 1_000;

/// The bus of an entry that names none (API reference, `EventBusName`).
pub(crate) const DEFAULT_BUS: &str = "default";

/// One item of a request, as it was sent: every member may be missing.
///
/// The texts are views of the request's body, decoded once where they held escapes.
#[derive(Clone, Default)]
pub struct Entry {
    pub(crate) source: Option<Text>,
    pub(crate) detail_type: Option<Text>,
    pub(crate) detail: Option<Text>,
    pub(crate) event_bus: Option<Text>,
    pub(crate) trace_header: Option<Text>,
    pub(crate) time: Option<Text>,
    pub(crate) resources: Option<Vec<Option<Text>>>,
    pub(crate) parsed_detail: Parsed,
    /// From where the mock takes it to come.
    pub(crate) sender: Option<Arc<Sender>>,
}

impl Entry {
    /// `Source`, such as `shop.orders`.
    pub fn source(&self) -> Option<&str> {
        text(&self.source)
    }

    /// `DetailType`, such as `OrderPlaced`.
    pub fn detail_type(&self) -> Option<&str> {
        text(&self.detail_type)
    }

    /// `Detail`: JSON as text, exactly as the publisher wrote it.
    pub fn detail(&self) -> Option<&str> {
        text(&self.detail)
    }

    /// `Detail` parsed, once, on the first call; from then on it counts in the bound of the journal. `None` where it is absent, not JSON, or nested deeper than the 1,000
    /// levels that AWS takes.
    pub fn detail_json(&self) -> Option<&Value> {
        self.parsed_detail.get_or_parse(|| json::parse(self.detail()?, MAX_DETAIL_DEPTH))
    }

    /// `Detail` as a type of your own.
    ///
    /// # Errors
    ///
    /// serde_json's error, where the detail is absent (as for an empty text), is not JSON, or does not fit `T`.
    pub fn detail_as<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(self.detail().unwrap_or_default())
    }

    /// `EventBusName` as sent, a name or an ARN; `default` where the entry names none.
    pub fn event_bus(&self) -> &str {
        text(&self.event_bus).unwrap_or(DEFAULT_BUS)
    }

    /// The name of the bus, also where the entry gave its ARN.
    pub(crate) fn event_bus_name(&self) -> &str {
        bus_name(self.event_bus())
    }

    /// `Resources`, in order; empty where there are none. A `null` in the list is left out.
    pub fn resources(&self) -> impl Iterator<Item = &str> {
        self.resources.iter().flatten().flatten().map(Text::as_str)
    }

    /// `TraceHeader`, an AWS X-Ray trace header.
    pub fn trace_header(&self) -> Option<&str> {
        text(&self.trace_header)
    }

    /// `Time`, to the nanosecond. `None` where it is absent or beyond what [`SystemTime`] can hold.
    pub fn time(&self) -> Option<SystemTime> {
        epoch_seconds(self.time_as_sent()?)
    }

    /// `Time` as the JSON number that was sent, in seconds since 1970: `1767323045.678`.
    pub fn time_as_sent(&self) -> Option<&str> {
        text(&self.time)
    }

    /// The size of this entry in bytes by the documented formula: 14 if it has a `Time`, and the UTF-8 lengths of
    /// `Source`, `DetailType`, `Detail` and each of `Resources`. The bus and the trace header are not counted.
    pub fn size(&self) -> usize {
        self.measured(Text::len)
    }

    /// The same in characters, which is what those get who forget that bytes count.
    pub(crate) fn size_in_characters(&self) -> usize {
        self.measured(|text| text.as_str().chars().count())
    }

    fn measured(&self, length: impl FnMut(&Text) -> usize) -> usize {
        let texts = [&self.source, &self.detail_type, &self.detail].into_iter().flatten();
        let resources = self.resources.iter().flatten().flatten();
        let time = self.time.as_ref().map_or(0, |_| SIZE_OF_TIME);
        time + texts.chain(resources).map(length).sum::<usize>()
    }

    /// The bytes that this entry keeps alive beside itself, the body of its request and its parsed detail, roughly.
    pub(crate) fn memory(&self, body: &Bytes) -> usize {
        let members = [&self.source, &self.detail_type, &self.detail, &self.event_bus, &self.trace_header, &self.time];
        let resources = self.resources.as_ref();
        let list = resources.map_or(0, |resources| resources.capacity() * size_of::<Option<Text>>());
        let texts = members.into_iter().chain(resources.into_iter().flatten()).flatten();
        list + texts.map(|text| text.memory(body)).sum::<usize>()
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut entry = f.debug_struct("Entry");
        let texts = [
            ("source", &self.source),
            ("detail_type", &self.detail_type),
            ("detail", &self.detail),
            ("event_bus", &self.event_bus),
            ("trace_header", &self.trace_header),
            ("time", &self.time),
        ];
        for (name, value) in texts {
            if let Some(value) = value {
                entry.field(name, value);
            }
        }
        if let Some(resources) = &self.resources {
            entry.field("resources", resources);
        }
        entry.finish()
    }
}

/// One line for one entry: `shop.orders / OrderPlaced {"orderId":1}`. Characters that would break the line are escaped.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = self.source().map_or_else(|| "(no source)".to_owned(), shortened);
        let detail_type = self.detail_type().map_or_else(|| "(no detail-type)".to_owned(), shortened);
        write!(f, "{source} / {detail_type} {}", self.detail().map_or_else(|| "(no detail)".to_owned(), shortened))
    }
}

/// Equal where all members are equal as they were sent.
impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        let members = |entry: &Self| {
            [&entry.source, &entry.detail_type, &entry.detail, &entry.event_bus, &entry.trace_header, &entry.time]
                .map(Option::clone)
        };
        members(self) == members(other) && self.resources == other.resources
    }
}

/// The name at the end of an event bus ARN; a plain name as it is.
pub(crate) fn bus_name(name_or_arn: &str) -> &str {
    name_or_arn.rsplit_once('/').map_or(name_or_arn, |(_, name)| name)
}

/// UTF-8 text that shares the request's body where it can.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Text(Bytes);

impl Text {
    /// `text` may lie inside `body`; then it is shared and not copied.
    pub(crate) fn borrowed(body: &Bytes, text: &str) -> Self {
        if lies_in(body, text.as_bytes()) {
            Self(body.slice_ref(text.as_bytes()))
        } else {
            Self(Bytes::copy_from_slice(text.as_bytes()))
        }
    }

    pub(crate) fn owned(text: String) -> Self {
        Self(text.into())
    }

    /// The check for UTF-8 is repeated at each call: cheap beside what callers do with the text, and safe.
    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    /// The bytes that it keeps alive beside this body.
    fn memory(&self, body: &Bytes) -> usize {
        const ALLOCATION: usize = 16;
        if lies_in(body, &self.0) { 0 } else { self.0.len() + ALLOCATION }
    }
}

fn lies_in(body: &Bytes, part: &[u8]) -> bool {
    let (outer, inner) = (body.as_ptr_range(), part.as_ptr_range());
    outer.start <= inner.start && inner.end <= outer.end
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

fn text(text: &Option<Text>) -> Option<&str> {
    text.as_ref().map(Text::as_str)
}

/// A JSON number of seconds since 1970 as a point in time, without the detour over a float where it has no exponent.
fn epoch_seconds(number: &str) -> Option<SystemTime> {
    let (negative, digits) = number.strip_prefix('-').map_or((false, number), |digits| (true, digits));
    let since_1970 = match digits.split_once('.') {
        _ if digits.contains(['e', 'E']) => Duration::try_from_secs_f64(digits.parse().ok()?).ok()?,
        None => Duration::from_secs(digits.parse().ok()?),
        Some((seconds, fraction)) => {
            let nanos: String = fraction.chars().chain(std::iter::repeat('0')).take(9).collect();
            Duration::new(seconds.parse().ok()?, nanos.parse().ok()?)
        }
    };
    if negative {
        SystemTime::UNIX_EPOCH.checked_sub(since_1970)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(since_1970)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    fn at(seconds: u64, nanos: u32) -> Option<SystemTime> {
        SystemTime::UNIX_EPOCH.checked_add(Duration::new(seconds, nanos))
    }

    #[test]
    fn time_keeps_every_digit_that_a_client_sends() {
        assert_eq!(epoch_seconds("1767323045"), at(1_767_323_045, 0));
        assert_eq!(epoch_seconds("1767323045.678"), at(1_767_323_045, 678_000_000));
        assert_eq!(epoch_seconds("1767323045.678901"), at(1_767_323_045, 678_901_000));
        assert_eq!(epoch_seconds("1.767323045e9"), at(1_767_323_045, 0));
        assert_eq!(epoch_seconds("-1.5"), SystemTime::UNIX_EPOCH.checked_sub(Duration::from_millis(1_500)));
        assert_eq!(epoch_seconds("1e300"), None);
        assert_eq!(epoch_seconds("99999999999999999999999"), None);
    }

    #[test]
    fn a_text_shares_the_body_it_lies_in_and_copies_any_other() {
        let body = Bytes::from_static(b"hello world");
        let inside = Text::borrowed(&body, std::str::from_utf8(&body[6..]).unwrap());
        assert_eq!(inside.0.as_ptr(), body[6..].as_ptr());
        assert_eq!(Text::borrowed(&body, "elsewhere").as_str(), "elsewhere");
    }

    #[test]
    fn the_name_of_a_bus_is_the_end_of_its_arn() {
        assert_eq!(bus_name("arn:aws:events:us-east-1:123456789012:event-bus/orders"), "orders");
        assert_eq!(bus_name("orders"), "orders");
    }
}
