//! Sends as many entries again as have failed: it takes the first ones of the batch for them, wherever the failed ones stood.

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
                    let codes = reply.entries().iter().filter_map(|result| result.error_code());
                    let (again, hopeless): (Vec<_>, Vec<_>) = codes.partition(|code| is_retryable(code));
                    open.truncate(again.len());
                    lost += hopeless.len();
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
