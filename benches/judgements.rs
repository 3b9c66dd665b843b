//! How judgements grow with what they judge: `cargo bench --bench judgements`.
//!
//! Each question is asked at five sizes, each twice the one before. Where the items per second stay the same, the time grows as
//! a line does. An item is an entry that was received. `--profile dev` shows what a test in a debug build waits for.

use std::fmt;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use divan::Bencher;
use divan::counter::ItemsCount;
use putevents_mock::engine::{Ids, Now};
use putevents_mock::{Engine, EntryMatcher, Journal, Limits, entry};
use serde_json::{Value, json};

fn main() {
    divan::main();
}

const SIZES: [usize; 5] = [1_000, 2_000, 4_000, 8_000, 16_000];
/// More entries are not kept of one request.
const LARGEST: usize = 10_000;

fn order(id: usize) -> Value {
    let detail = json!({ "orderId": id, "total": 10, "items": [{ "sku": "a thing", "number": 1 }] });
    json!({ "Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": detail.to_string() })
}

/// The journal of these requests, one each millisecond.
fn journal(requests: impl IntoIterator<Item = Vec<Value>>) -> Journal {
    let mut engine = Engine::new().limits(Limits::none());
    let mut ids = Ids::counting();
    for (at, entries) in (0..).zip(requests) {
        let request = http::Request::post("/")
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", "AWSEvents.PutEvents")
            .body(Bytes::from(json!({ "Entries": entries }).to_string()))
            .unwrap();
        let now = Now::new(Duration::from_millis(at), SystemTime::UNIX_EPOCH);
        engine.handle(request, now, &mut ids);
    }
    engine.journal()
}

fn different(entries: usize) -> Journal {
    journal((0..entries).map(|id| vec![order(id)]))
}

fn equal(entries: usize) -> Journal {
    journal((0..entries).map(|_| vec![order(0)]))
}

fn equal_in_large_requests(entries: usize) -> Journal {
    let all = vec![order(0); entries];
    journal(all.chunks(LARGEST).map(<[Value]>::to_vec))
}

fn each_twice(entries: usize) -> Journal {
    journal((0..entries / 2).chain(0..entries / 2).map(|id| vec![order(id)]))
}

fn asked<T>(bencher: Bencher<'_, '_>, items: usize, question: impl Fn() -> T) {
    bencher.counter(ItemsCount::new(items)).bench_local(question);
}

#[divan::bench_group(sample_count = 5, sample_size = 1)]
mod of_a_journal {
    use super::*;

    #[divan::bench(args = SIZES)]
    fn ledger_of_different_entries(bencher: Bencher<'_, '_>, entries: usize) {
        let journal = different(entries);
        asked(bencher, entries, || journal.ledger());
    }

    #[divan::bench(args = SIZES)]
    fn ledger_of_equal_entries(bencher: Bencher<'_, '_>, entries: usize) {
        let journal = equal(entries);
        asked(bencher, entries, || journal.ledger());
    }

    #[divan::bench(args = SIZES)]
    fn ledger_of_equal_entries_in_large_requests(bencher: Bencher<'_, '_>, entries: usize) {
        let journal = equal_in_large_requests(entries);
        asked(bencher, entries, || journal.ledger());
    }

    #[divan::bench(args = SIZES)]
    fn ledger_of_entries_sent_twice(bencher: Bencher<'_, '_>, entries: usize) {
        let journal = each_twice(entries);
        asked(bencher, entries, || journal.ledger());
    }

    #[divan::bench(args = SIZES)]
    fn ledger_that_expects_equal_entries(bencher: Bencher<'_, '_>, entries: usize) {
        let journal = equal(entries);
        let expected = vec![entry().detail_at("/orderId", 0); entries];
        asked(bencher, entries, || journal.ledger().expecting(&expected));
    }

    #[divan::bench(args = SIZES)]
    fn ledger_that_expects_each_entry(bencher: Bencher<'_, '_>, entries: usize) {
        let journal = different(entries);
        let expected = Expected::ById.matchers(0, entries);
        asked(bencher, entries, || journal.ledger().expecting(&expected));
    }

    #[divan::bench(args = SIZES)]
    fn lint(bencher: Bencher<'_, '_>, entries: usize) {
        let journal = different(entries);
        asked(bencher, entries, || journal.lint());
    }

    #[divan::bench(args = SIZES)]
    fn lint_of_equal_entries_in_large_requests(bencher: Bencher<'_, '_>, entries: usize) {
        let journal = equal_in_large_requests(entries);
        asked(bencher, entries, || journal.lint());
    }

    #[divan::bench(args = SIZES)]
    fn timeline(bencher: Bencher<'_, '_>, entries: usize) {
        let journal = different(entries);
        asked(bencher, entries, || journal.to_string());
    }

    #[divan::bench(args = SIZES)]
    fn text_of_a_ledger(bencher: Bencher<'_, '_>, entries: usize) {
        let ledger = each_twice(entries).ledger();
        asked(bencher, entries, || ledger.to_string());
    }

    #[divan::bench(args = SIZES)]
    fn report_of_events_that_were_sent_again(bencher: Bencher<'_, '_>, entries: usize) {
        let ledger = each_twice(entries).ledger();
        asked(bencher, entries, || ledger.check_only_failed_entries_resent().unwrap_err().to_string());
    }

    #[divan::bench(args = SIZES)]
    fn page(bencher: Bencher<'_, '_>, entries: usize) {
        let journal = different(entries);
        asked(bencher, entries, || journal.to_html());
    }

    #[divan::bench(args = SIZES)]
    fn page_of_equal_entries(bencher: Bencher<'_, '_>, entries: usize) {
        let journal = equal(entries);
        asked(bencher, entries, || journal.to_html());
    }
}

/// What is expected of published events.
#[derive(Debug, Clone, Copy)]
enum Expected {
    /// Each event has an id, and each matcher means one event.
    ById,
    /// All events are equal, and so are all matchers.
    Equal,
    /// Every other matcher means one event, and the others mean any.
    Overlapping,
}

impl Expected {
    fn published(self, events: usize) -> Journal {
        match self {
            Self::ById | Self::Overlapping => different(events),
            Self::Equal => equal_in_large_requests(events),
        }
    }

    /// For events with these ids.
    fn matchers(self, first: usize, events: usize) -> Vec<EntryMatcher> {
        let by_id = |id: usize| entry().detail_type("OrderPlaced").detail_at("/orderId", id);
        let one = |index: usize| match self {
            Self::ById => by_id(first + index),
            Self::Equal => by_id(0),
            // Those that mean any come first, and take the events that the others need.
            Self::Overlapping if index % 2 == 0 => entry().detail_type("OrderPlaced"),
            Self::Overlapping => by_id(first + index / 2),
        };
        (0..events).map(one).collect()
    }
}

/// A question about published events.
#[derive(Debug, Clone, Copy)]
struct Case {
    expected: Expected,
    events: usize,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}", self.expected, self.events)
    }
}

fn cases() -> impl Iterator<Item = Case> {
    let expected = [Expected::ById, Expected::Equal, Expected::Overlapping];
    expected.into_iter().flat_map(|expected| SIZES.map(|events| Case { expected, events }))
}

#[divan::bench_group(sample_count = 5, sample_size = 1)]
mod of_published_events {
    use super::*;

    #[divan::bench(args = cases())]
    fn exactly(bencher: Bencher<'_, '_>, Case { expected, events }: Case) {
        let published = expected.published(events).published();
        let matchers = expected.matchers(0, events);
        asked(bencher, events, || published.check_exactly(&matchers).is_ok());
    }

    /// A tenth of the matchers mean no event.
    #[divan::bench(args = cases())]
    fn exactly_with_a_tenth_missing(bencher: Bencher<'_, '_>, Case { expected, events }: Case) {
        let published = expected.published(events).published();
        let matchers = expected.matchers(events / 10, events + events / 10);
        asked(bencher, events, || published.check_exactly(&matchers).is_err());
    }

    #[divan::bench(args = cases())]
    fn in_order(bencher: Bencher<'_, '_>, Case { expected, events }: Case) {
        let published = expected.published(events).published();
        let matchers = expected.matchers(0, events);
        asked(bencher, events, || published.check_in_order(&matchers).is_ok());
    }

    #[divan::bench(args = SIZES)]
    fn report_of_events_in_reverse_order(bencher: Bencher<'_, '_>, events: usize) {
        let published = different(events).published();
        let mut matchers = Expected::ById.matchers(0, events);
        matchers.reverse();
        asked(bencher, events, || published.check_in_order(&matchers).unwrap_err().to_string());
    }

    /// None of the events is expected, and none of those that are was published.
    #[divan::bench(args = SIZES)]
    fn report_of_missing_and_surplus_events(bencher: Bencher<'_, '_>, events: usize) {
        let published = different(events).published();
        let matchers = Expected::ById.matchers(events, events);
        asked(bencher, events, || published.check_exactly(&matchers).unwrap_err().to_string());
    }

    #[divan::bench(args = SIZES)]
    fn report_of_surplus_equal_events(bencher: Bencher<'_, '_>, events: usize) {
        let published = equal_in_large_requests(events).published();
        asked(bencher, events, || published.check_exactly([]).unwrap_err().to_string());
    }
}
