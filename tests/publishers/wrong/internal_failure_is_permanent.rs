//! Tries throttled entries again and reports the others: it takes InternalFailure for an error that stays.

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
            match client.put_events().set_entries(Some(entries)).send().await {
                Ok(reply) => {
                    let mut again = Vec::new();
                    for (order, result) in open.into_iter().zip(reply.entries()) {
                        match result.error_code() {
                            None => {}
                            Some("ThrottlingException") => again.push(order),
                            Some(code) => failed.push((order.id, code.to_owned())),
                        }
                    }
                    open = again;
                }
                Err(error) if is_transient(&error) => {}
                Err(_) => break,
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
