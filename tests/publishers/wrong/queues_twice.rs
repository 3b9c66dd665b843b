//! Puts failed entries into the list for the next try: it puts them there for their code and for their missing EventId.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::sleep;

use crate::delivery::{is_retryable, is_transient};
use crate::order::{Order, Said};

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut failed = 0;
    for batch in orders.chunks(5) {
        let mut open = batch.to_vec();
        for number in 1..=3 {
            let entries = open.iter().map(Order::entry).collect();
            let reply = client.put_events().set_entries(Some(entries)).send().await;
            if reply.as_ref().is_err_and(|error| !is_transient(error)) {
                break;
            }
            if let Ok(reply) = reply {
                let mut again = Vec::new();
                for (index, order) in open.iter().enumerate() {
                    let result = reply.entries().get(index);
                    let code = result.and_then(|result| result.error_code());
                    if code.is_some_and(|code| !is_retryable(code)) {
                        failed += 1;
                        continue;
                    }
                    if code.is_some() {
                        again.push(order.clone());
                    }
                    if result.and_then(|result| result.event_id()).is_none() {
                        again.push(order.clone());
                    }
                }
                open = again;
            }
            if open.is_empty() {
                break;
            }
            sleep(Duration::from_millis(100) * 2_u32.pow(number)).await;
        }
        failed += open.len();
    }
    if failed == 0 { Said::Ok } else { Said::Err }
}
