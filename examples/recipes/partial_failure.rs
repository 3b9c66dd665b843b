//! One entry fails inside an answer of HTTP 200, and the publisher sends that entry again.
//!
//! A wrong publisher:
//!
//! * reads the HTTP status alone, and loses the order: `assert_exactly_once` finds it.
//! * sends the whole batch again, and doubles the other orders: `assert_only_failed_entries_resent` finds it.
//! * retries an entry that can never be accepted: `assert_permanent_errors_not_retried` finds it.
//! * does not tell its caller which order failed: `assert_reported` finds it.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use putevents_mock::expect::Reported;
use putevents_mock::{EntryError, EntryMatcher, Fault, MockEventBridge, entry};

/// Publishes up to ten orders, in at most five tries. The error holds the orders that were not published, with the reasons.
async fn publish(client: &Client, orders: &[u64]) -> Result<(), Vec<(u64, String)>> {
    let mut unsent = orders.to_vec();
    let mut given_up = Vec::new();
    for tries_left in (0..5_u32).rev() {
        let entries = unsent.iter().map(|order| order_placed(*order)).collect();
        let reply = match client.put_events().set_entries(Some(entries)).send().await {
            Ok(reply) => reply,
            // The SDK has tried a whole request again by itself: see request_failure.rs.
            Err(error) => {
                given_up.extend(unsent.into_iter().map(|order| (order, error.to_string())));
                break;
            }
        };
        let mut again = Vec::new();
        // Results stand in the order of the entries. Only an EventId says that an entry was accepted.
        for (order, result) in unsent.iter().zip(reply.entries()) {
            match (result.event_id(), result.error_code().unwrap_or("no EventId")) {
                (Some(_), _) => {}
                (None, "ThrottlingException" | "InternalFailure") if tries_left > 0 => again.push(*order),
                (None, code) => given_up.push((*order, code.to_owned())),
            }
        }
        if again.is_empty() {
            break;
        }
        unsent = again;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    if given_up.is_empty() { Ok(()) } else { Err(given_up) }
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
async fn an_order_that_was_throttled_is_sent_again_and_no_other() {
    let eventbridge = MockEventBridge::in_process();
    eventbridge.inject(Fault::entry(EntryError::throttling()).matching(order(2)).times(2));

    let client = Client::new(&eventbridge.sdk_config());
    let result = publish(&client, &[1, 2, 3]).await;

    let journal = eventbridge.journal();
    let ledger = journal.ledger().expecting([1, 2, 3].map(order));
    ledger.assert_only_failed_entries_resent();
    ledger.assert_exactly_once();
    ledger.assert_reported(result.into());
    // Last, because a publisher that never tries again would fail here as well.
    journal.assert_every_fault_fired();
}

#[tokio::test(start_paused = true)]
async fn an_order_that_can_never_be_accepted_is_reported_and_not_sent_again() {
    let eventbridge = MockEventBridge::in_process();
    eventbridge.inject(Fault::entry(EntryError::malformed_detail()).matching(order(2)));

    let client = Client::new(&eventbridge.sdk_config());
    let failed = publish(&client, &[1, 2, 3]).await.err().unwrap_or_default();

    let ledger = eventbridge.journal().ledger();
    ledger.assert_permanent_errors_not_retried();
    let failed = failed.iter().map(|(id, _)| order(*id));
    ledger.assert_reported(Reported::published([order(1), order(3)]).failed(failed));
}
