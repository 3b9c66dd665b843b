//! The report on one bug is the same from every language: the tests of `clients/python` and `clients/node` show this one too.

use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use pretty_assertions::assert_eq;
use putevents_mock::{EntryError, Fault, MockEventBridge, entry};
use serde_json::json;
use shop::client;

/// The report, with `#.### s` for each time.
const REPORT: &str = include_str!("../../fixtures/clients/resends-the-batch.txt");

fn order(id: u64) -> PutEventsRequestEntry {
    let detail = json!({ "orderId": id }).to_string();
    PutEventsRequestEntry::builder().source("shop.orders").detail_type("OrderPlaced").detail(detail).build()
}

/// `+0.003 s` becomes `+#.### s`.
fn without_times(report: &str) -> String {
    let line =
        |line: &str| match line.split_once("  +").and_then(|(before, rest)| Some((before, rest.split_once(" s")?.1))) {
            Some((before, after)) => format!("{before}  +#.### s{after}\n"),
            None => format!("{line}\n"),
        };
    report.lines().map(line).collect()
}

#[tokio::test]
async fn a_publisher_that_resends_the_batch_is_told_what_it_is_told_in_every_language() {
    let eventbridge = MockEventBridge::start().await;
    let second = entry().detail_at("/orderId", 2);
    eventbridge.inject(Fault::entry(EntryError::throttling()).matching(second).times(1));
    let client = client(eventbridge.endpoint_url());
    let put = || client.put_events().set_entries(Some([1, 2, 3].map(order).to_vec())).send();
    while put().await.unwrap().failed_entry_count() > 0 {}

    let mismatch = eventbridge.journal().ledger().identify_by("/orderId").check_exactly_once().unwrap_err();
    assert_eq!(without_times(&mismatch.to_string()), REPORT);
}
