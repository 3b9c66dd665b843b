//! One item of a request, as it was sent.

use std::fmt;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::body::Body;
use super::raw::{Escaped, MAX_DETAIL_DEPTH, Member, Members, TextPlace};
use super::sender::Sender;
use crate::json::{self, Parsed};
use crate::words::shortened;

/// What the documented size formula counts for an entry that has a `Time`, in bytes (user guide, "Calculating PutEvents
/// event entry size").
const SIZE_OF_TIME: usize = 14;

/// The bus of an entry that names none (API reference, `EventBusName`).
pub(crate) const DEFAULT_BUS: &str = "default";

/// One item of a request, as it was sent: every member may be missing.
///
/// The texts are views of the request's body. Those that are written with escapes are decoded when somebody looks at one of them.
#[derive(Clone)]
pub struct Entry {
    body: Body,
    /// Where it stands in its request.
    index: u32,
    places: Members<TextPlace>,
    parsed_detail: Parsed,
}

impl Entry {
    pub(super) fn of(body: &Body, index: u32, places: Members<TextPlace>) -> Self {
        Self { body: body.clone(), index, places, parsed_detail: Parsed::default() }
    }

    /// From where the mock takes it to come.
    pub(super) fn sender(&self) -> Option<&Sender> {
        self.body.sender()
    }

    /// `Source`, such as `shop.orders`.
    pub fn source(&self) -> Option<&str> {
        self.text(Member::Source)
    }

    /// `DetailType`, such as `OrderPlaced`.
    pub fn detail_type(&self) -> Option<&str> {
        self.text(Member::DetailType)
    }

    /// `Detail`: JSON as text, exactly as the publisher wrote it.
    pub fn detail(&self) -> Option<&str> {
        self.text(Member::Detail)
    }

    /// The length of a member in bytes; 0 where it is absent. Nothing is decoded for it.
    pub(super) fn length(&self, member: Member) -> usize {
        self.places.text(member).map_or(0, |place| place.length())
    }

    /// Whether `Detail` is one that the service takes: a JSON object that is not nested too deep.
    pub(super) fn is_detail_good(&self) -> bool {
        self.places.detail.is_some_and(TextPlace::is_good_detail)
    }

    /// `Detail` parsed, once, on the first call; from then on it counts in the bound of the journal. `None` where it is absent, not JSON, or nested deeper than the 1,000
    /// levels that AWS takes.
    pub fn detail_json(&self) -> Option<&Value> {
        let parse = || json::parse(self.detail()?, MAX_DETAIL_DEPTH);
        self.parsed_detail.get_or_parse(parse, |bytes| self.body.growth().grow(bytes))
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
        self.named_bus().unwrap_or(DEFAULT_BUS)
    }

    /// `EventBusName`, where the entry has one.
    pub(crate) fn named_bus(&self) -> Option<&str> {
        self.text(Member::EventBus)
    }

    /// The name of the bus, also where the entry gave its ARN.
    pub(crate) fn event_bus_name(&self) -> &str {
        bus_name(self.event_bus())
    }

    /// `Resources`, in order; empty where there are none. A `null` in the list is left out.
    pub fn resources(&self) -> impl Iterator<Item = &str> {
        self.all_resources().into_iter().flatten().flatten()
    }

    /// `Resources`, where the entry has them.
    pub(crate) fn all_resources(&self) -> Option<impl ExactSizeIterator<Item = Option<&str>>> {
        let places = self.places.resources.as_deref()?.iter().enumerate();
        Some(
            places
                .map(|(index, place)| self.view((*place)?, |decoded| decoded.resources.as_ref()?.get(index)?.as_ref())),
        )
    }

    /// `TraceHeader`, an AWS X-Ray trace header.
    pub fn trace_header(&self) -> Option<&str> {
        self.text(Member::TraceHeader)
    }

    /// `Time`, to the nanosecond. `None` where it is absent or beyond what [`SystemTime`] can hold.
    pub fn time(&self) -> Option<SystemTime> {
        epoch_seconds(self.time_as_sent()?)
    }

    /// `Time` as the JSON number that was sent, in seconds since 1970: `1767323045.678`.
    pub fn time_as_sent(&self) -> Option<&str> {
        self.text(Member::Time)
    }

    /// The size of this entry in bytes by the documented formula: 14 if it has a `Time`, and the UTF-8 lengths of
    /// `Source`, `DetailType`, `Detail` and each of `Resources`. The bus and the trace header are not counted.
    pub fn size(&self) -> usize {
        self.measured().map(TextPlace::length).sum::<usize>() + self.places.time.map_or(0, |_| SIZE_OF_TIME)
    }

    /// The same in characters, which is what those get who forget that bytes count.
    pub(crate) fn size_in_characters(&self) -> usize {
        let texts = [self.source(), self.detail_type(), self.detail()].into_iter().flatten().chain(self.resources());
        texts.map(|text| text.chars().count()).sum::<usize>() + self.places.time.map_or(0, |_| SIZE_OF_TIME)
    }

    /// The texts that the size formula counts.
    fn measured(&self) -> impl Iterator<Item = TextPlace> {
        let Members { source, detail_type, detail, .. } = &self.places;
        [source, detail_type, detail].into_iter().flatten().chain(self.places.resources()).copied()
    }

    fn text(&self, member: Member) -> Option<&str> {
        self.view(*self.places.text(member)?, |decoded| decoded.text(member))
    }

    /// The text at a place, which may be one of those that are decoded.
    fn view<'a>(
        &'a self,
        place: TextPlace,
        find: impl FnOnce(&'a Members<Escaped>) -> Option<&'a Escaped>,
    ) -> Option<&'a str> {
        match place.in_body() {
            Some(range) => self.body.part(range),
            None => find(self.body.decoded(self.index as usize)?)?.as_deref(),
        }
    }

    /// The bytes that this entry keeps alive beside itself, the body of its request and its parsed detail, roughly.
    pub(crate) fn memory(&self) -> usize {
        self.places.resources.as_deref().map_or(0, size_of_val)
    }
}

/// An entry without members.
impl Default for Entry {
    fn default() -> Self {
        Self::of(&Body::of(Bytes::new(), None), 0, Members::default())
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut entry = f.debug_struct("Entry");
        let texts = [
            ("source", self.source()),
            ("detail_type", self.detail_type()),
            ("detail", self.detail()),
            ("event_bus", self.named_bus()),
            ("trace_header", self.trace_header()),
            ("time", self.time_as_sent()),
        ];
        for (name, value) in texts {
            if let Some(value) = value {
                entry.field(name, &value);
            }
        }
        if let Some(resources) = self.all_resources() {
            entry.field("resources", &resources.collect::<Vec<_>>());
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
        fn members(entry: &Entry) -> [Option<&str>; 6] {
            let texts = [entry.source(), entry.detail_type(), entry.detail()];
            let [source, detail_type, detail] = texts;
            [source, detail_type, detail, entry.named_bus(), entry.trace_header(), entry.time_as_sent()]
        }
        let resources = match (self.all_resources(), other.all_resources()) {
            (Some(one), Some(other)) => one.eq(other),
            (one, other) => one.is_none() && other.is_none(),
        };
        resources && members(self) == members(other)
    }
}

/// The name at the end of an event bus ARN; a plain name as it is.
pub(crate) fn bus_name(name_or_arn: &str) -> &str {
    name_or_arn.rsplit_once('/').map_or(name_or_arn, |(_, name)| name)
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
    fn the_name_of_a_bus_is_the_end_of_its_arn() {
        assert_eq!(bus_name("arn:aws:events:us-east-1:123456789012:event-bus/orders"), "orders");
        assert_eq!(bus_name("orders"), "orders");
    }
}
