//! A Lambda handler publishes an event for each message of an SQS batch, and returns the messages that SQS has to deliver again.
//!
//! A wrong handler:
//!
//! * returns all messages where one failed, so SQS delivers all of them again: `assert_only_failed_entries_resent` finds it.
//! * returns no messages, so SQS deletes them, and the order is lost: `assert_exactly_once` finds it.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use putevents_mock::{EntryError, EntryMatcher, Fault, MockEventBridge, RequestError, entry};
use serde_json::{Value, json};

/// The handler. Lambda wants `"FunctionResponseTypes": ["ReportBatchItemFailures"]` to read what it returns.
async fn handle(client: &Client, sqs_event: &Value) -> Value {
    let mut failed: Vec<&str> = Vec::new();
    let records = sqs_event["Records"].as_array().expect("an event of SQS has records");
    for records in records.chunks(10) {
        let ids = records.iter().map(|record| record["messageId"].as_str().unwrap_or_default());
        let entries = records.iter().map(|record| order_placed(record["body"].as_str().unwrap_or_default())).collect();
        match client.put_events().set_entries(Some(entries)).send().await {
            // Results stand in the order of the entries.
            Ok(reply) => {
                let results = ids.zip(reply.entries());
                failed.extend(results.filter(|(_, result)| result.event_id().is_none()).map(|(id, _)| id));
            }
            Err(_) => failed.extend(ids),
        }
    }
    json!({ "batchItemFailures": failed.iter().map(|id| json!({ "itemIdentifier": id })).collect::<Vec<_>>() })
}

fn order_placed(body: &str) -> PutEventsRequestEntry {
    PutEventsRequestEntry::builder().source("shop.orders").detail_type("OrderPlaced").detail(body).build()
}

/// The part of SQS: delivers a message for each order, three times at most. Returns the orders whose messages are left.
async fn deliver(client: &Client, orders: &[&str]) -> Vec<String> {
    let mut left: Vec<String> = orders.iter().map(|order| (*order).to_owned()).collect();
    for _ in 0..3 {
        let message = |order| json!({ "messageId": order, "body": format!(r#"{{"orderId":{order}}}"#) });
        let records: Vec<Value> = left.iter().map(message).collect();
        let answer = handle(client, &json!({ "Records": records })).await;
        let failures = answer["batchItemFailures"].as_array().unwrap();
        left.retain(|order| failures.iter().any(|failure| failure["itemIdentifier"] == **order));
    }
    left
}

/// Matches the entries of an order.
fn order(id: u64) -> EntryMatcher {
    entry().detail_type("OrderPlaced").detail_at("/orderId", id)
}

#[tokio::test(start_paused = true)]
async fn only_the_message_whose_entry_failed_is_delivered_again() {
    let eventbridge = MockEventBridge::in_process();
    eventbridge.inject(Fault::entry(EntryError::throttling()).matching(order(2)).times(1));

    let left = deliver(&Client::new(&eventbridge.sdk_config()), &["1", "2", "3"]).await;

    let ledger = eventbridge.journal().ledger().expecting([1, 2, 3].map(order));
    ledger.assert_only_failed_entries_resent();
    ledger.assert_exactly_once();
    assert!(left.is_empty(), "still in the queue: {left:?}");
}

#[tokio::test(start_paused = true)]
async fn all_messages_are_delivered_again_where_the_whole_request_failed() {
    let eventbridge = MockEventBridge::in_process();
    // The SDK tries three times within one delivery.
    eventbridge.inject(Fault::request(RequestError::internal_exception()).times(3));

    let left = deliver(&Client::new(&eventbridge.sdk_config()), &["1", "2"]).await;

    eventbridge.journal().ledger().expecting([1, 2].map(order)).assert_exactly_once();
    assert!(left.is_empty(), "still in the queue: {left:?}");
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_no_json_harms_no_other_one() {
    let eventbridge = MockEventBridge::in_process();

    let left = deliver(&Client::new(&eventbridge.sdk_config()), &["1", "bad", "3"]).await;

    eventbridge.journal().published().assert_exactly([1, 3].map(order));
    assert_eq!(left, ["bad"], "SQS moves what is left to the dead-letter queue");
}
