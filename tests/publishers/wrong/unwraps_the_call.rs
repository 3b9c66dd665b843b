//! Tries failed entries again, and takes for granted that the call as such succeeds: it panics where it does not.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::sleep;

use crate::delivery::{is_retryable, requests};
use crate::order::{Order, Said};

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut failed = Vec::new();
    for mut open in requests(orders) {
        for number in 1..=5 {
            let entries = open.iter().map(Order::entry).collect();
            let reply = client.put_events().set_entries(Some(entries)).send().await.unwrap();
            let mut again = Vec::new();
            for (index, order) in open.into_iter().enumerate() {
                match reply.entries().get(index).map(|result| result.error_code()) {
                    Some(None) => {}
                    Some(Some(code)) if !is_retryable(code) => failed.push(order.id),
                    Some(Some(_)) | None => again.push(order),
                }
            }
            open = again;
            if open.is_empty() {
                break;
            }
            sleep(Duration::from_millis(100) * 2_u32.pow(number)).await;
        }
        failed.extend(open.iter().map(|order| order.id));
    }
    if failed.is_empty() { Ok(()) } else { Err(failed) }.into()
}
