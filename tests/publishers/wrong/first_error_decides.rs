//! Looks at the first error of an answer: where that one is permanent it gives up all failed entries, also those to be tried again.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::sleep;

use crate::delivery::{is_retryable, is_transient, requests};
use crate::order::{Order, Said};

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut failed = Vec::new();
    for mut open in requests(orders) {
        for number in 1..=5 {
            let entries = open.iter().map(Order::entry).collect();
            let reply = client.put_events().set_entries(Some(entries)).send().await;
            if reply.as_ref().is_err_and(|error| !is_transient(error)) {
                break;
            }
            if let Ok(reply) = reply {
                let mut results = reply.entries().iter();
                open.retain(|_| results.next().is_none_or(|result| result.event_id().is_none()));
                let first = reply.entries().iter().find_map(|result| result.error_code());
                if first.is_some_and(|code| !is_retryable(code)) {
                    break;
                }
            }
            if open.is_empty() {
                break;
            }
            sleep(Duration::from_millis(100) * 2_u32.pow(number)).await;
        }
        failed.extend(open.into_iter().map(|order| order.id));
    }
    if failed.is_empty() { Ok(()) } else { Err(failed) }.into()
}
