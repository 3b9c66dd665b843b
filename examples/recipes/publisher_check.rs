//! `PublisherCheck` finds a bug without being told a fault, and a test with one fault finds the same bug.
//!
//! A wrong publisher:
//!
//! * sends the whole batch again where one entry failed: the rule `Resent` of the check finds it, and so does
//!   `assert_only_failed_entries_resent` where the test injects the fault.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use putevents_mock::publisher_check::{Judge, PublisherReport};
use putevents_mock::{EntryError, EntryMatcher, Fault, MockEventBridge, PublisherCheck, entry};

/// What is sent again where entries failed.
#[derive(Clone, Copy)]
enum Again {
    WholeBatch,
    FailedEntries,
}

/// Publishes orders in batches of ten, with four tries for each. The error holds the orders that were not published.
async fn publish(client: Client, orders: Vec<u64>, again: Again) -> Result<(), Vec<u64>> {
    let mut not_published = Vec::new();
    for batch in orders.chunks(10) {
        let mut unsent = batch.to_vec();
        for tries in 1..=4 {
            let failed = try_once(&client, &unsent).await;
            let (retryable, permanent): (Vec<_>, Vec<_>) = failed.into_iter().partition(|(_, retryable)| *retryable);
            not_published.extend(permanent.into_iter().map(|(order, _)| order));
            unsent = match again {
                Again::WholeBatch if !retryable.is_empty() => unsent,
                _ => retryable.into_iter().map(|(order, _)| order).collect(),
            };
            if unsent.is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100 << tries)).await;
        }
        not_published.extend(unsent);
    }
    if not_published.is_empty() { Ok(()) } else { Err(not_published) }
}

/// Sends a batch once. Returns the orders that were not accepted, and whether another try can help.
async fn try_once(client: &Client, batch: &[u64]) -> Vec<(u64, bool)> {
    let entries = batch.iter().map(|order| order_placed(*order)).collect();
    match client.put_events().set_entries(Some(entries)).send().await {
        Ok(reply) => {
            let results = batch.iter().zip(reply.entries()).filter(|(_, result)| result.event_id().is_none());
            let is_retryable = |code| ["ThrottlingException", "InternalFailure"].contains(&code);
            results.map(|(order, result)| (*order, result.error_code().is_none_or(is_retryable))).collect()
        }
        Err(error) => {
            let is_retryable = error.raw_response().is_none_or(|answer| answer.status().is_server_error());
            batch.iter().map(|order| (*order, is_retryable)).collect()
        }
    }
}

fn order_placed(order: u64) -> PutEventsRequestEntry {
    let detail = format!(r#"{{"orderId":{order}}}"#);
    PutEventsRequestEntry::builder().source("shop.orders").detail_type("OrderPlaced").detail(detail).build()
}

/// Matches the entries of an order.
fn order(id: u64) -> EntryMatcher {
    entry().detail_type("OrderPlaced").detail_at("/orderId", id)
}

/// Runs the publisher with small combinations of faults. `keeping_nothing()` writes no file of schedules that failed; leave
/// it out in a project, so that they run first the next time.
fn check(again: Again) -> PublisherReport {
    PublisherCheck::of(|count| (0..count as u64).collect::<Vec<_>>())
        .identified_by("/orderId")
        .smoke()
        .keeping_nothing()
        .run(async move |eventbridge, orders| publish(Client::new(&eventbridge.sdk_config()), orders, again).await)
}

// No #[tokio::test]: the check has runtimes of its own.
#[test]
fn the_check_finds_no_bug_in_the_right_publisher() {
    check(Again::FailedEntries).assert_well_behaved();
}

#[test]
fn the_check_finds_the_bug_by_itself() {
    let report = check(Again::WholeBatch);
    assert!(report.broken().any(|broken| (broken.judge(), broken.schedule()) == (Judge::Resent, "R,A")));
}

#[tokio::test(start_paused = true)]
async fn a_fault_that_was_thought_of_finds_the_same_bug() {
    let eventbridge = MockEventBridge::in_process();
    eventbridge.inject(Fault::entry(EntryError::throttling()).matching(order(1)).times(1));
    publish(Client::new(&eventbridge.sdk_config()), vec![1, 2], Again::WholeBatch).await.unwrap();

    let report = eventbridge.journal().ledger().check_only_failed_entries_resent().unwrap_err();
    assert!(report.to_string().contains(r#"OrderPlaced {"orderId":2}"#), "{report}");
}
