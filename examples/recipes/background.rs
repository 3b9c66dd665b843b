//! A background publisher sends full batches, flushes a small batch after a second, and sends the rest at shutdown.
//!
//! A wrong publisher:
//!
//! * drops its queue at shutdown, or gives up what fails at that moment: `assert_exactly_once` finds the lost orders.
//! * sends each order in a request of its own: `assert_batches_full` finds it.
//! * waits for ten orders, however long that takes: `wait_for_published` finds it.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use putevents_mock::{EntryMatcher, Fault, Limits, MockEventBridge, RequestError, entry};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

struct Publisher {
    queue: mpsc::Sender<u64>,
    worker: JoinHandle<Vec<u64>>,
}

impl Publisher {
    fn start(client: Client) -> Self {
        let (queue, mut orders) = mpsc::channel(1_000);
        let worker = tokio::spawn(async move {
            let mut lost = Vec::new();
            loop {
                match next_batch(&mut orders).await {
                    batch if batch.is_empty() => return lost,
                    batch => lost.extend(publish(&client, batch).await),
                }
            }
        });
        Self { queue, worker }
    }

    async fn order_placed(&self, order: u64) {
        self.queue.send(order).await.expect("the worker lives as long as the queue");
    }

    /// Sends what is still queued, and returns the orders that could not be published.
    async fn shutdown(self) -> Vec<u64> {
        drop(self.queue);
        self.worker.await.expect("the worker does not panic")
    }
}

/// Waits for an order, and up to a second for nine more. Empty at shutdown, when nothing is queued any more.
async fn next_batch(orders: &mut mpsc::Receiver<u64>) -> Vec<u64> {
    let mut batch = Vec::from_iter(orders.recv().await);
    let fill = async {
        while batch.len() < 10 {
            let Some(order) = orders.recv().await else { break };
            batch.push(order);
        }
    };
    let _late = timeout(Duration::from_secs(1), fill).await;
    batch
}

/// Returns the orders that were not published: those that were refused, and those that are left after ten tries.
async fn publish(client: &Client, mut batch: Vec<u64>) -> Vec<u64> {
    let mut refused = Vec::new();
    for _ in 0..10 {
        let entries = batch.iter().map(|order| order_placed(*order)).collect();
        if let Ok(reply) = client.put_events().set_entries(Some(entries)).send().await {
            let mut again = Vec::new();
            for (order, result) in batch.iter().zip(reply.entries()) {
                match (result.event_id(), result.error_code()) {
                    (Some(_), _) => {}
                    (None, Some("ThrottlingException" | "InternalFailure")) => again.push(*order),
                    (None, _) => refused.push(*order),
                }
            }
            batch = again;
        }
        if batch.is_empty() {
            break;
        }
        sleep(Duration::from_secs(10)).await;
    }
    [refused, batch].concat()
}

fn order_placed(order: u64) -> PutEventsRequestEntry {
    let detail = format!(r#"{{"orderId":{order}}}"#);
    PutEventsRequestEntry::builder().source("shop.orders").detail_type("OrderPlaced").detail(detail).build()
}

/// Matches the entries of an order.
fn order(id: u64) -> EntryMatcher {
    entry().detail_type("OrderPlaced").detail_at("/orderId", id)
}

/// A publisher for this mock, with so many orders in its queue.
async fn publisher_with_orders(eventbridge: &MockEventBridge, count: u64) -> Publisher {
    let publisher = Publisher::start(Client::new(&eventbridge.sdk_config()));
    for id in 1..=count {
        publisher.order_placed(id).await;
    }
    publisher
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_sends_everything_that_is_queued_in_full_batches() {
    let eventbridge = MockEventBridge::in_process();
    publisher_with_orders(&eventbridge, 25).await.shutdown().await;

    let journal = eventbridge.journal();
    journal.ledger().expecting((1..=25).map(order)).assert_exactly_once();
    journal.assert_batches_full(Limits::current());
}

#[tokio::test(start_paused = true)]
async fn three_orders_do_not_wait_for_seven_more() {
    let eventbridge = MockEventBridge::in_process();
    let _publisher = publisher_with_orders(&eventbridge, 3).await;
    // The limit is on the paused clock: it costs no time.
    let journal = eventbridge.wait_for_published(3, Duration::from_secs(2)).await.unwrap();
    journal.published().assert_exactly([1, 2, 3].map(order));
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_during_an_outage_loses_nothing() {
    let eventbridge = MockEventBridge::in_process();
    let outage = eventbridge.inject(Fault::request(RequestError::service_unavailable()));
    let publisher = publisher_with_orders(&eventbridge, 25).await;
    let end_of_outage = async {
        sleep(Duration::from_secs(60)).await;
        outage.lift();
    };
    let (lost, ()) = tokio::join!(publisher.shutdown(), end_of_outage);

    eventbridge.journal().ledger().expecting((1..=25).map(order)).assert_exactly_once();
    assert!(lost.is_empty(), "reported as lost: {lost:?}");
}
