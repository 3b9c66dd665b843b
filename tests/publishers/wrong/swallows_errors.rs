//! Tries failed entries again; after an error of the whole call it returns as if all had been accepted.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::sleep;

use crate::delivery::{is_retryable, requests};
use crate::order::{Order, Said};

/// How many orders of a batch failed.
async fn publish_batch(client: &Client, mut open: Vec<Order>) -> usize {
    let mut lost = 0;
    for number in 1..=5 {
        let entries = open.iter().map(Order::entry).collect();
        let Ok(reply) = client.put_events().set_entries(Some(entries)).send().await else {
            return lost;
        };
        let mut again = Vec::new();
        for (index, order) in open.into_iter().enumerate() {
            match reply.entries().get(index).map(|result| result.error_code()) {
                Some(None) => {}
                Some(Some(code)) if !is_retryable(code) => lost += 1,
                Some(Some(_)) | None => again.push(order),
            }
        }
        open = again;
        if open.is_empty() {
            return lost;
        }
        sleep(Duration::from_millis(100) * 2_u32.pow(number)).await;
    }
    lost + open.len()
}

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut lost = 0;
    for batch in requests(orders) {
        lost += publish_batch(&client, batch).await;
    }
    if lost == 0 { Said::Ok } else { Said::Err }
}
