//! A whole request fails with InternalException, and the publisher calls the SDK again when the SDK has given up.
//!
//! A wrong publisher:
//!
//! * gives up with the SDK, and loses the batch: `assert_exactly_once` finds it.
//! * calls the SDK again at once: `assert_backoff` finds it.
//! * says that a batch was published that was given up: `assert_reported` finds it.
//! * calls again after an error that stays the same: `assert_tries_at_most` finds it.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::error::ProvideErrorMetadata;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use putevents_mock::expect::{Backoff, Reported};
use putevents_mock::{EntryMatcher, Fault, MockEventBridge, RequestError, entry};

/// Publishes up to ten orders, with at most three calls of the SDK. The error holds the orders that were not published.
async fn publish(client: &Client, orders: &[u64]) -> Result<(), Vec<u64>> {
    for wait in [Some(Duration::from_secs(10)), Some(Duration::from_secs(60)), None] {
        let entries = orders.iter().map(|order| order_placed(*order)).collect();
        match client.put_events().set_entries(Some(entries)).send().await {
            Ok(reply) => {
                // Entries that failed inside this answer are not tried again here: see partial_failure.rs.
                let results = orders.iter().zip(reply.entries());
                let failed: Vec<u64> =
                    results.filter(|(_, result)| result.event_id().is_none()).map(|(order, _)| *order).collect();
                return if failed.is_empty() { Ok(()) } else { Err(failed) };
            }
            Err(error) => {
                let answer = error.raw_response();
                let is_transient = answer.is_none_or(|answer| answer.status().is_server_error());
                let is_throttled = error.code() == Some("ThrottlingException");
                match wait {
                    Some(wait) if is_transient || is_throttled => tokio::time::sleep(wait).await,
                    _ => break,
                }
            }
        }
    }
    Err(orders.to_vec())
}

fn order_placed(order: u64) -> PutEventsRequestEntry {
    let detail = format!(r#"{{"orderId":{order}}}"#);
    PutEventsRequestEntry::builder().source("shop.orders").detail_type("OrderPlaced").detail(detail).build()
}

/// Matches the entries of an order.
fn order(id: u64) -> EntryMatcher {
    entry().detail_type("OrderPlaced").detail_at("/orderId", id)
}

#[tokio::test(start_paused = true)]
async fn the_sdk_itself_recovers_from_two_failures() {
    let eventbridge = MockEventBridge::in_process();
    eventbridge.inject(Fault::request(RequestError::internal_exception()).times(2));

    let result = publish(&Client::new(&eventbridge.sdk_config()), &[1, 2]).await;

    let ledger = eventbridge.journal().ledger().expecting([1, 2].map(order));
    ledger.assert_exactly_once();
    ledger.assert_reported(result.into());
    // The three requests were one call of the SDK: the publisher tried once.
    ledger.assert_tries_at_most(1);
}

#[tokio::test(start_paused = true)]
async fn the_publisher_waits_and_calls_again_where_the_sdk_gave_up() {
    let eventbridge = MockEventBridge::in_process();
    eventbridge.inject(Fault::request(RequestError::internal_exception()).times(3));

    let result = publish(&Client::new(&eventbridge.sdk_config()), &[1, 2]).await;

    let ledger = eventbridge.journal().ledger().expecting([1, 2].map(order));
    ledger.assert_exactly_once();
    ledger.assert_backoff(Backoff::new().at_least(Duration::from_secs(5)));
    ledger.assert_reported(result.into());
}

#[tokio::test(start_paused = true)]
async fn an_outage_that_outlasts_all_calls_is_reported() {
    let eventbridge = MockEventBridge::in_process();
    eventbridge.inject(Fault::request(RequestError::internal_exception()));

    let result = publish(&Client::new(&eventbridge.sdk_config()), &[1, 2]).await;

    let ledger = eventbridge.journal().ledger().expecting([1, 2].map(order));
    let failed = result.err().unwrap_or_default().into_iter().map(order);
    ledger.assert_reported(Reported::published([]).failed(failed));
    ledger.assert_tries_at_most(3);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_not_allowed_is_not_sent_again() {
    let eventbridge = MockEventBridge::in_process();
    eventbridge.inject(Fault::request(RequestError::access_denied()));

    let result = publish(&Client::new(&eventbridge.sdk_config()), &[1, 2]).await;

    let ledger = eventbridge.journal().ledger().expecting([1, 2].map(order));
    ledger.assert_tries_at_most(1);
    ledger.assert_reported(result.into());
}
