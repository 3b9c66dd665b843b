//! Tries again what is worth it: what is refused for good it drops without a word.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::sleep;

use crate::delivery::{is_retryable, is_transient, requests};
use crate::order::{Order, Said};

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut open = orders;
    let mut failed = 0;
    for number in 1..=5 {
        let mut again = Vec::new();
        for batch in requests(open) {
            let entries = batch.iter().map(Order::entry).collect();
            match client.put_events().set_entries(Some(entries)).send().await {
                Ok(reply) => {
                    let is_open = |index: usize| match reply.entries().get(index) {
                        Some(result) => result.error_code().is_some_and(is_retryable),
                        None => true,
                    };
                    again.extend(
                        batch.iter().enumerate().filter(|(index, _)| is_open(*index)).map(|(_, order)| order.clone()),
                    );
                }
                Err(error) if is_transient(&error) => again.extend(batch),
                Err(_) => failed += batch.len(),
            }
        }
        open = again;
        if open.is_empty() {
            break;
        }
        sleep(Duration::from_millis(100) * 2_u32.pow(number)).await;
    }
    if open.len() + failed == 0 { Said::Ok } else { Said::Err }
}
