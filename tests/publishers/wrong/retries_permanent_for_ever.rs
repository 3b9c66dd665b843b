//! Tries failed entries again until they pass: an entry that the service will never take keeps it busy for ever.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::sleep;

use crate::delivery::{is_transient, requests};
use crate::order::{Order, Said};

async fn publish_batch(client: &Client, mut open: Vec<Order>) -> Result<(), String> {
    let mut pause = Duration::from_millis(100);
    loop {
        let entries = open.iter().map(Order::entry).collect();
        match client.put_events().set_entries(Some(entries)).send().await {
            Ok(reply) => {
                let mut results = reply.entries().iter();
                open.retain(|_| results.next().is_none_or(|result| result.event_id().is_none()));
            }
            Err(error) if is_transient(&error) => {}
            Err(error) => return Err(error.to_string()),
        }
        if open.is_empty() {
            return Ok(());
        }
        sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(60));
    }
}

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut result = Ok(());
    for batch in requests(orders) {
        result = result.and(publish_batch(&client, batch).await);
    }
    result.into()
}
