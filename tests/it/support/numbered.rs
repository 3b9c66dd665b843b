//! Orders that are numbers, as the tests of the search publish them.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use putevents_mock::MockEventBridge;

pub fn orders(count: usize) -> Vec<u64> {
    (0..count as u64).collect()
}

pub fn client(eventbridge: &MockEventBridge) -> Client {
    Client::new(&eventbridge.sdk_config())
}

pub fn entry_of(order: u64) -> PutEventsRequestEntry {
    let detail = format!(r#"{{"orderId":{order}}}"#);
    PutEventsRequestEntry::builder().source("shop").detail_type("OrderPlaced").detail(detail).build()
}
