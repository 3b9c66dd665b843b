//! An entry as the target of a rule receives it: its envelope.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use serde_json::{Map, Value};

use super::auth::REGION;
use super::entry::Entry;
use super::ids::EventId;
use super::raw::MAX_DETAIL_DEPTH;
use crate::json::{self, compact, object_of_texts};

/// The account of an envelope, which no request names: the account of AWS's own examples.
pub(super) const ACCOUNT: &str = "123456789012";

/// Returns the envelope, with its members as they were recorded from AWS.
///
/// The region is the region of the test, else the region of the bus's ARN, else the region that the request was signed for. An
/// unknown `id` or `time` is left out.
pub(crate) fn envelope(entry: &Entry, id: Option<EventId>, region: Option<&str>, time: Option<SystemTime>) -> Value {
    let mut envelope = Map::from_iter(members(entry, id, region, time).map(|(name, value)| (name.to_owned(), value)));
    // Parsed again: cloning a deep value overflows the stack.
    let detail = entry.detail().and_then(|detail| json::parse(detail, MAX_DETAIL_DEPTH));
    envelope.insert("detail".to_owned(), detail.unwrap_or_else(|| entry.detail().into()));
    envelope.into()
}

/// Returns the members of the envelope that a pattern sees. The detail is not copied.
pub(crate) fn envelope_of(entry: &Entry) -> Vec<(&'static str, Cow<'_, Value>)> {
    let detail = entry.detail_json().map_or_else(|| Cow::Owned(entry.detail().into()), Cow::Borrowed);
    let members = members(entry, None, None, entry.time()).map(|(name, value)| (name, Cow::Owned(value)));
    members.chain([("detail", detail)]).collect()
}

/// Returns the envelope as text, with the detail as it was sent.
pub(crate) fn envelope_text(entry: &Entry, id: EventId, region: Option<&str>, time: SystemTime) -> String {
    let detail = match (entry.detail(), entry.detail_json()) {
        (Some(detail), Some(_)) => compact(detail),
        (detail, _) => Value::from(detail).to_string(),
    };
    let members = members(entry, Some(id), region, Some(time)).map(|(name, value)| (name, value.to_string()));
    object_of_texts(members.chain([("detail", detail)]))
}

/// Returns all members except the detail, in AWS's order.
fn members(
    entry: &Entry,
    id: Option<EventId>,
    region: Option<&str>,
    time: Option<SystemTime>,
) -> impl Iterator<Item = (&'static str, Value)> {
    let sender = entry.sender();
    let account = sender.and_then(|sender| sender.account.as_deref());
    let said = sender.and_then(|sender| sender.region.as_deref());
    let of_bus = entry.event_bus().split(':').nth(3);
    let members = [
        ("version", Some("0".into())),
        ("id", id.map(|id| id.to_string().into())),
        ("detail-type", Some(entry.detail_type().unwrap_or_default().into())),
        ("source", Some(entry.source().unwrap_or_default().into())),
        ("account", Some(account.unwrap_or(ACCOUNT).into())),
        ("time", time.map(|time| rfc_3339(time).into())),
        ("region", Some(said.or(of_bus).or(region).unwrap_or(REGION).into())),
        ("resources", Some(entry.resources().collect::<Vec<_>>().into())),
    ];
    members.into_iter().filter_map(|(name, value): (_, Option<Value>)| Some((name, value?)))
}

/// Returns the whole seconds since 1970; negative before 1970.
pub(crate) fn seconds_since_1970(time: SystemTime) -> i64 {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
        Err(before) => {
            let before = before.duration();
            let begun = before.as_secs().saturating_add(u64::from(before.subsec_nanos() > 0));
            i64::try_from(begun).map_or(i64::MIN, |seconds| -seconds)
        }
    }
}

/// Returns the time that is this many seconds after 1970. Returns `None` if the system has no such time.
pub(crate) fn since_1970(seconds: i64) -> Option<SystemTime> {
    let distance = Duration::from_secs(seconds.unsigned_abs());
    if seconds < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(distance)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(distance)
    }
}

/// Formats a time in whole seconds: `2026-11-23T00:00:00Z`.
pub(crate) fn rfc_3339(time: SystemTime) -> String {
    let seconds = seconds_since_1970(time);
    let (day, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Days are counted from 0000-03-01 in cycles of 400 years, so that a leap day is the last one of its year.
    let day = day.saturating_add(719_468);
    let (cycle, day) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + cycle * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", second / 3_600, second / 60 % 60, second % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        let at = |seconds: i64| {
            let away = Duration::from_secs(seconds.unsigned_abs());
            let epoch = SystemTime::UNIX_EPOCH;
            rfc_3339(if seconds < 0 { epoch - away } else { epoch + away })
        };
        assert_eq!(at(0), "1970-01-01T00:00:00Z");
        assert_eq!(at(-1), "1969-12-31T23:59:59Z");
        assert_eq!(at(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(at(1_767_323_045), "2026-01-02T03:04:05Z");
        assert_eq!(at(4_107_542_399), "2100-02-28T23:59:59Z");
        assert_eq!(at(4_107_542_400), "2100-03-01T00:00:00Z");
        assert_eq!(at(253_402_300_799), "9999-12-31T23:59:59Z");
    }
}
