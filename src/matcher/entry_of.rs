//! Matchers from the entries that a test publishes.

use std::time::{Duration, SystemTime};

use super::{EntryMatcher, entry};
use crate::service::MAX_DETAIL_DEPTH;

/// Returns a matcher for exactly this entry of the AWS SDK for Rust. A test asserts with the entries that it published:
///
/// `journal.published().assert_exactly(orders.iter().map(|order| entry_of!(order)))`
///
/// The macro takes the `PutEventsRequestEntry` of any version of `aws-sdk-eventbridge` and `aws-sdk-cloudwatchevents`: it calls
/// the methods by their names. A trait would tie this crate to one version of one SDK crate.
///
/// Details are compared as JSON, times to the millisecond. An entry without a bus matches the bus `default`.
///
/// ```
/// use aws_sdk_eventbridge::types::PutEventsRequestEntry;
/// use putevents_mock::entry_of;
///
/// let order = PutEventsRequestEntry::builder().source("shop").detail_type("OrderPlaced").detail(r#"{"orderId":1}"#).build();
/// assert_eq!(
///     entry_of!(order).to_string(),
///     r#"entries with source "shop", detail-type "OrderPlaced", event bus "default", detail = {"orderId":1}, no resources"#
/// );
/// ```
#[macro_export]
macro_rules! entry_of {
    ($entry:expr) => {{
        let entry = &$entry;
        $crate::__private::entry_of(
            [entry.source(), entry.detail_type(), entry.detail(), entry.event_bus_name()],
            entry.resources(),
            entry.time().map(|time| (time.secs(), time.subsec_nanos())),
        )
    }};
}

#[doc(hidden)]
pub fn entry_of(texts: [Option<&str>; 4], resources: &[String], time: Option<(i64, u32)>) -> EntryMatcher {
    let [source, detail_type, detail, bus] = texts;
    let mut matcher = entry();
    if let Some(source) = source {
        matcher = matcher.source(source);
    }
    if let Some(detail_type) = detail_type {
        matcher = matcher.detail_type(detail_type);
    }
    matcher = matcher.event_bus(bus.unwrap_or("default"));
    if let Some(detail) = detail {
        matcher = match crate::json::parse(detail, MAX_DETAIL_DEPTH) {
            Some(json) => matcher.detail(json),
            None => {
                let text = detail.to_owned();
                matcher.satisfies(format!("detail {text:?}"), move |entry| entry.detail() == Some(&text))
            }
        };
    }
    let resources = resources.to_vec();
    let description = if resources.is_empty() { "no resources".to_owned() } else { format!("resources {resources:?}") };
    matcher = matcher.satisfies(description, move |entry| entry.resources().eq(resources.iter().map(String::as_str)));
    if let Some((seconds, nanoseconds)) = time {
        let milliseconds = i128::from(seconds) * 1_000 + i128::from(nanoseconds / 1_000_000);
        matcher = matcher.satisfies(format!("time {seconds}.{:03}", nanoseconds / 1_000_000), move |entry| {
            entry.time().is_some_and(|time| since_1970(time) == milliseconds)
        });
    }
    matcher
}

/// Returns the milliseconds since 1970, rounded down.
fn since_1970(time: SystemTime) -> i128 {
    let nanoseconds = |duration: Duration| i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX);
    let nanoseconds = match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => nanoseconds(after),
        Err(before) => -nanoseconds(before.duration()),
    };
    nanoseconds.div_euclid(1_000_000)
}
