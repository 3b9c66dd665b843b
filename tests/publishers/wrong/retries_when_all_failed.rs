//! Sends a batch again when it failed: it thinks so only where every entry of it failed.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::sleep;

use crate::delivery::{Answer, put, requests};
use crate::order::{Order, Said};

async fn publish_batch(client: &Client, batch: &[Order]) -> Result<(), String> {
    for number in 1..=5 {
        let answers = put(client, batch).await;
        if answers.contains(&Answer::Published) {
            return Ok(());
        }
        if !answers.iter().all(|answer| [Answer::Again, Answer::Unknown].contains(answer)) {
            break;
        }
        sleep(Duration::from_millis(60) * 2_u32.pow(number)).await;
    }
    Err(format!("a batch of {} orders failed", batch.len()))
}

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut result = Ok(());
    for batch in requests(orders) {
        result = result.and(publish_batch(&client, &batch).await);
    }
    result.into()
}
