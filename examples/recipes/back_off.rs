//! The publisher waits between its tries during an outage of ten minutes, which pass in milliseconds.
//!
//! A wrong publisher:
//!
//! * tries again every 100 milliseconds, or waits an hour between two tries: `assert_backoff` finds it.
//! * gives up before the outage ends, and loses the order: `assert_exactly_once` finds it.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use putevents_mock::expect::Backoff;
use putevents_mock::{EntryMatcher, Fault, MockEventBridge, RequestError, entry};
use tokio::time::sleep;

/// Publishes an order, however long it takes. Each wait is twice as long as the one before, up to a minute.
async fn publish(client: &Client, order: u64) {
    let mut wait = Duration::from_secs(1);
    loop {
        let reply = client.put_events().entries(order_placed(order)).send().await;
        if reply.is_ok_and(|reply| reply.entries().iter().any(|result| result.event_id().is_some())) {
            return;
        }
        sleep(wait).await;
        wait = (wait * 2).min(Duration::from_secs(60));
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

// start_paused needs tokio's feature test-util. The clock jumps whenever the test only waits.
#[tokio::test(start_paused = true)]
async fn an_outage_of_ten_minutes_is_survived_with_growing_waits() {
    let eventbridge = MockEventBridge::in_process();
    let outage = eventbridge.inject(Fault::request(RequestError::service_unavailable()));
    let client = Client::new(&eventbridge.sdk_config());

    let end_of_outage = async {
        sleep(Duration::from_secs(10 * 60)).await;
        outage.lift();
    };
    tokio::join!(publish(&client, 1), end_of_outage);

    let ledger = eventbridge.journal().ledger().expecting([order(1)]);
    ledger.assert_exactly_once();
    // The SDK's own tries within one call are not judged.
    let seconds = Duration::from_secs;
    ledger.assert_backoff(Backoff::new().at_least(seconds(1)).at_most(seconds(60)).growing());
}
