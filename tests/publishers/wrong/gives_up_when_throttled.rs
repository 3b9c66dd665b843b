//! Tries failed entries again, but those that were throttled: it gives them up after one try, so as not to make it worse.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::sleep;

use crate::delivery::{is_transient, requests};
use crate::order::{Order, Said};

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut failed = Vec::new();
    for mut open in requests(orders) {
        for number in 1..=5 {
            let entries = open.iter().map(Order::entry).collect();
            let reply = match client.put_events().set_entries(Some(entries)).send().await {
                Ok(reply) => reply,
                Err(error) if is_transient(&error) => {
                    sleep(Duration::from_millis(100) * 2_u32.pow(number)).await;
                    continue;
                }
                Err(_) => break,
            };
            let mut again = Vec::new();
            for (order, result) in open.into_iter().zip(reply.entries()) {
                match result.error_code() {
                    None => {}
                    Some("InternalFailure") => again.push(order),
                    Some(_) => failed.push(order.id),
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
