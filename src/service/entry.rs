//! One entry of a request, as it was sent.

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

/// The bytes that the documented size formula counts for a `Time` (user guide, "Calculating PutEvents event entry size").
const SIZE_OF_TIME: usize = 14;

/// The bus of an entry without a bus (API reference, `EventBusName`).
pub(crate) const DEFAULT_BUS: &str = "default";

/// One item of a PutEvents request, as it was sent. Every member may be missing.
///
/// [`Attempt::entries`](crate::journal::Attempt::entries) returns the entries of a request. An [`Event`](crate::journal::Event)
/// dereferences to its entry.
///
/// The texts are views of the request's body. Texts that are written with escapes are decoded on the first access.
///
/// ```
/// # use std::time::{Duration, SystemTime};
/// # use putevents_mock::engine::{Ids, Now};
/// # use putevents_mock::{bytes::Bytes, http::Request};
/// # let mut engine = putevents_mock::Engine::new();
/// # let body = r#"{"Entries":[{"Source":"shop","DetailType":"OrderPlaced","Detail":"{\"orderId\":1}"}]}"#;
/// # let request = Request::post("/").header("x-amz-target", "AWSEvents.PutEvents");
/// # let request = request.header("content-type", "application/x-amz-json-1.1").body(Bytes::from(body)).unwrap();
/// # engine.handle(request, Now::new(Duration::ZERO, SystemTime::UNIX_EPOCH), &mut Ids::counting());
/// # let journal = engine.journal();
/// let entry = &journal.attempts()[0].entries()[0];
/// assert_eq!(entry.to_string(), r#"shop / OrderPlaced {"orderId":1}"#);
/// assert_eq!(entry.detail_json().unwrap()["orderId"], 1);
/// assert_eq!((entry.event_bus(), entry.time(), entry.size()), ("default", None, 4 + 11 + 13));
/// ```
#[derive(Clone)]
pub struct Entry {
    body: Body,
    /// The index of the entry in its request.
    index: u32,
    places: Members<TextPlace>,
    parsed_detail: Parsed,
}

impl Entry {
    pub(super) fn of(body: &Body, index: u32, places: Members<TextPlace>) -> Self {
        Self { body: body.clone(), index, places, parsed_detail: Parsed::default() }
    }

    /// Returns the account and region that the entry comes from.
    pub(super) fn sender(&self) -> Option<&Sender> {
        self.body.sender()
    }

    /// Returns `Source`, such as `shop.orders`.
    pub fn source(&self) -> Option<&str> {
        self.text(Member::Source)
    }

    /// Returns `DetailType`, such as `OrderPlaced`.
    pub fn detail_type(&self) -> Option<&str> {
        self.text(Member::DetailType)
    }

    /// Returns `Detail`: JSON as text, exactly as the publisher wrote it.
    pub fn detail(&self) -> Option<&str> {
        self.text(Member::Detail)
    }

    /// Returns the length of a member in bytes, 0 if it is absent. Decodes nothing.
    pub(super) fn length(&self, member: Member) -> usize {
        self.places.text(member).map_or(0, |place| place.length())
    }

    /// Returns whether the service takes this `Detail`: a JSON object that is not nested too deep.
    pub(super) fn is_detail_good(&self) -> bool {
        self.places.detail.is_some_and(TextPlace::is_good_detail)
    }

    /// Returns `Detail` as parsed JSON. Returns `None` if the detail is absent, is not JSON, or is nested deeper than 1,000
    /// levels, which AWS refuses.
    ///
    /// The first call parses the detail. From then on the parsed detail counts toward the size of the journal.
    pub fn detail_json(&self) -> Option<&Value> {
        let parse = || json::parse(self.detail()?, MAX_DETAIL_DEPTH);
        self.parsed_detail.get_or_parse(parse, |bytes| self.body.growth().grow(bytes))
    }

    /// Deserializes `Detail` into a type of your own.
    ///
    /// # Errors
    ///
    /// serde_json's error, if the detail is absent (read as an empty text), is not JSON, or does not fit `T`.
    pub fn detail_as<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(self.detail().unwrap_or_default())
    }

    /// Returns `EventBusName` as it was sent, a name or an ARN. The default is `default`.
    pub fn event_bus(&self) -> &str {
        self.named_bus().unwrap_or(DEFAULT_BUS)
    }

    /// Returns `EventBusName`, if the entry has one.
    pub(crate) fn named_bus(&self) -> Option<&str> {
        self.text(Member::EventBus)
    }

    /// Returns the name of the bus, also if the entry has its ARN.
    pub(crate) fn event_bus_name(&self) -> &str {
        bus_name(self.event_bus())
    }

    /// Returns `Resources` in order, without items that are `null`. Empty if the entry has no resources.
    pub fn resources(&self) -> impl Iterator<Item = &str> {
        self.all_resources().into_iter().flatten().flatten()
    }

    /// Returns `Resources` with its `null` items, if the entry has the member.
    pub(crate) fn all_resources(&self) -> Option<impl ExactSizeIterator<Item = Option<&str>>> {
        let places = self.places.resources.as_deref()?.iter().enumerate();
        Some(
            places
                .map(|(index, place)| self.view((*place)?, |decoded| decoded.resources.as_ref()?.get(index)?.as_ref())),
        )
    }

    /// Returns `TraceHeader`, an AWS X-Ray trace header.
    pub fn trace_header(&self) -> Option<&str> {
        self.text(Member::TraceHeader)
    }

    /// Returns `Time`, to the nanosecond. Returns `None` if it is absent or beyond the range of [`SystemTime`].
    pub fn time(&self) -> Option<SystemTime> {
        epoch_seconds(self.time_as_sent()?)
    }

    /// Returns `Time` as the JSON number that was sent, in seconds since 1970: `1767323045.678`.
    pub fn time_as_sent(&self) -> Option<&str> {
        self.text(Member::Time)
    }

    /// Returns the size of this entry in bytes by the documented formula: 14 for a `Time`, plus the UTF-8 lengths of `Source`,
    /// `DetailType`, `Detail` and each of `Resources`.
    ///
    /// The bus and the trace header are not counted.
    pub fn size(&self) -> usize {
        self.measured().map(TextPlace::length).sum::<usize>() + self.places.time.map_or(0, |_| SIZE_OF_TIME)
    }

    /// Returns the size in characters instead of bytes, as a publisher computes it by mistake.
    pub(crate) fn size_in_characters(&self) -> usize {
        let texts = [self.source(), self.detail_type(), self.detail()].into_iter().flatten().chain(self.resources());
        texts.map(|text| text.chars().count()).sum::<usize>() + self.places.time.map_or(0, |_| SIZE_OF_TIME)
    }

    /// Returns the texts that the size formula counts.
    fn measured(&self) -> impl Iterator<Item = TextPlace> {
        let Members { source, detail_type, detail, .. } = &self.places;
        [source, detail_type, detail].into_iter().flatten().chain(self.places.resources()).copied()
    }

    fn text(&self, member: Member) -> Option<&str> {
        self.view(*self.places.text(member)?, |decoded| decoded.text(member))
    }

    /// Returns the text at a place, from the body or from the decoded texts.
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

    /// Returns roughly how many bytes the entry keeps alive beside itself, the body of its request and its parsed detail.
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

/// Prints the entry as one line: `shop.orders / OrderPlaced {"orderId":1}`. Characters that would break the line are escaped.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = self.source().map_or_else(|| "(no source)".to_owned(), shortened);
        let detail_type = self.detail_type().map_or_else(|| "(no detail-type)".to_owned(), shortened);
        write!(f, "{source} / {detail_type} {}", self.detail().map_or_else(|| "(no detail)".to_owned(), shortened))
    }
}

/// Two entries are equal if all members are equal as they were sent.
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

/// Returns the name at the end of an event bus ARN, or a plain name as it is.
pub(crate) fn bus_name(name_or_arn: &str) -> &str {
    name_or_arn.rsplit_once('/').map_or(name_or_arn, |(_, name)| name)
}

/// Converts a JSON number of seconds since 1970 to a time. A number without an exponent is not converted through a float.
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
