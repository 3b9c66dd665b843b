//! Joins the results of all chunks to one list and pairs it with the orders: after a chunk without a reply all are shifted.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::sleep;

use crate::delivery::{is_retryable, is_transient, requests};
use crate::order::{Order, Said};

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut open = orders;
    let mut lost = 0;
    for number in 1..=5 {
        let mut results = Vec::new();
        for chunk in requests(open.clone()) {
            let entries = chunk.iter().map(Order::entry).collect();
            match client.put_events().set_entries(Some(entries)).send().await {
                Ok(reply) => results.extend(reply.entries.unwrap_or_default()),
                Err(error) if is_transient(&error) => {}
                Err(_) => return Said::Err,
            }
        }
        let mut again = Vec::new();
        for (index, order) in open.into_iter().enumerate() {
            match results.get(index).map(|result| (result.event_id(), result.error_code())) {
                Some((Some(_), None)) => {}
                Some((None, Some(code))) if !is_retryable(code) => lost += 1,
                _ => again.push(order),
            }
        }
        open = again;
        if open.is_empty() {
            break;
        }
        sleep(Duration::from_millis(200) * number).await;
    }
    if open.len() + lost == 0 { Said::Ok } else { Said::Err }
}
