//! Sends a batch again until no entry fails: it sends the whole batch each time, also the entries that were accepted.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::sleep;

use crate::delivery::{is_transient, requests};
use crate::order::{Order, Said};

async fn publish_batch(client: &Client, batch: &[Order]) -> Result<(), String> {
    let mut last = String::new();
    for number in 0..5 {
        if number > 0 {
            sleep(Duration::from_millis(100) * 2_u32.pow(number)).await;
        }
        let entries = batch.iter().map(Order::entry).collect();
        match client.put_events().set_entries(Some(entries)).send().await {
            Ok(reply) if reply.failed_entry_count() == 0 => return Ok(()),
            Ok(reply) => last = format!("{} entries failed", reply.failed_entry_count()),
            Err(error) if is_transient(&error) => last = error.to_string(),
            Err(error) => return Err(error.to_string()),
        }
    }
    Err(last)
}

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut result = Ok(());
    for batch in requests(orders) {
        result = result.and(publish_batch(&client, &batch).await);
    }
    result.into()
}
