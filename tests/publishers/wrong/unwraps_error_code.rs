//! Takes for granted that a result has an EventId or an ErrorCode: it panics where it has neither.

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
                let mut again = Vec::new();
                for (order, result) in open.into_iter().zip(reply.entries()) {
                    if result.event_id().is_none() {
                        let code = result.error_code().unwrap();
                        if is_retryable(code) { again.push(order) } else { failed.push((order.id, code.to_owned())) }
                    }
                }
                open = again;
            }
            if open.is_empty() {
                break;
            }
            sleep(Duration::from_millis(100) * 2_u32.pow(number)).await;
        }
        failed.extend(open.into_iter().map(|order| (order.id, "gave up".to_owned())));
    }
    if failed.is_empty() { Ok(()) } else { Err(failed) }.into()
}
