//! Gives each message an id, so that consumers can tell doubles: it makes the id anew for each try.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use tokio::time::sleep;

use crate::delivery::{is_retryable, is_transient, requests};
use crate::order::{DETAIL_TYPE, Order, SOURCE, Said};

fn message(order: &Order, next: &mut u64) -> PutEventsRequestEntry {
    *next += 1;
    let mut detail = order.detail();
    detail.truncate(detail.len() - 1);
    let detail = format!(r#"{detail},"messageId":"m-{next}"}}"#);
    PutEventsRequestEntry::builder().source(SOURCE).detail_type(DETAIL_TYPE).detail(detail).build()
}

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let (mut next, mut failed) = (0, 0);
    for mut open in requests(orders) {
        for number in 1..=5 {
            let entries = open.iter().map(|order| message(order, &mut next)).collect();
            let reply = client.put_events().set_entries(Some(entries)).send().await;
            if reply.as_ref().is_err_and(|error| !is_transient(error)) {
                break;
            }
            if let Ok(reply) = reply {
                let mut again = Vec::new();
                for (index, order) in open.into_iter().enumerate() {
                    match reply.entries().get(index).map(|result| result.error_code()) {
                        Some(None) => {}
                        Some(Some(code)) if !is_retryable(code) => failed += 1,
                        Some(Some(_)) | None => again.push(order),
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
