//! The consumer's handler gets what the publisher really sent, as the target of a rule would get it.
//!
//! A wrong publisher renames a member of the detail. The publisher's own tests pass, and so do the consumer's. The error of the
//! consumer's handler finds it here. A wrong consumer bills an order twice whose event was sent twice: the last test finds it.

use std::collections::BTreeMap;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use putevents_mock::{Fault, MockEventBridge};
use serde::Deserialize;
use serde_json::{Value, json};

/// The publisher.
async fn publish(client: &Client, order: u64, cents: u64) {
    let detail = json!({ "orderId": order, "total": { "cents": cents } }).to_string();
    let event =
        PutEventsRequestEntry::builder().source("shop.orders").detail_type("OrderPlaced").detail(detail).build();
    let reply = client.put_events().entries(event).send().await.expect("the SDK tries again");
    assert_eq!(reply.failed_entry_count(), 0);
}

/// The consumer: another program, with types of its own.
#[derive(Default)]
struct Invoices(BTreeMap<u64, u64>);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OrderPlaced {
    order_id: u64,
    total: Money,
}

#[derive(Deserialize)]
struct Money {
    cents: u64,
}

impl Invoices {
    /// Handles one event. EventBridge delivers at least once, so an order that is known already changes nothing.
    fn handle(&mut self, event: &Value) -> Result<(), serde_json::Error> {
        let order = OrderPlaced::deserialize(&event["detail"])?;
        self.0.insert(order.order_id, order.total.cents);
        Ok(())
    }

    fn total(&self) -> u64 {
        self.0.values().sum()
    }
}

/// Hands all events to the consumer, as often as they were published.
fn deliver(eventbridge: &MockEventBridge, invoices: &mut Invoices) {
    for event in eventbridge.journal().published() {
        if let Err(error) = invoices.handle(&event.envelope()) {
            panic!("the consumer cannot read {event}: {error}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_consumer_reads_what_the_publisher_sends() {
    let (eventbridge, mut invoices) = (MockEventBridge::in_process(), Invoices::default());
    publish(&Client::new(&eventbridge.sdk_config()), 1, 4_200).await;

    deliver(&eventbridge, &mut invoices);
    assert_eq!(invoices.0, BTreeMap::from([(1, 4_200)]));
}

#[tokio::test(start_paused = true)]
async fn an_order_whose_reply_was_lost_is_sent_twice_and_billed_once() {
    let (eventbridge, mut invoices) = (MockEventBridge::in_process(), Invoices::default());
    eventbridge.inject(Fault::lost_reply().times(1));
    publish(&Client::new(&eventbridge.sdk_config()), 1, 4_200).await;

    eventbridge.journal().published().assert_count(2);
    deliver(&eventbridge, &mut invoices);
    assert_eq!(invoices.total(), 4_200);
}
