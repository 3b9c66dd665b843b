//! Looks for the results that failed and pairs them with the orders: the indices are gone by then, so it pairs the wrong ones.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::sleep;

use crate::delivery::{is_retryable, is_transient, requests};
use crate::order::{Order, Said};

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut given_up = Vec::new();
    for mut open in requests(orders) {
        for number in 1..=5 {
            let entries = open.iter().map(Order::entry).collect();
            let reply = client.put_events().set_entries(Some(entries)).send().await;
            if reply.as_ref().is_err_and(|error| !is_transient(error)) {
                break;
            }
            if let Ok(reply) = reply {
                let codes = reply.entries().iter().filter_map(|result| result.error_code());
                let failed = open.into_iter().zip(codes);
                let (again, lost): (Vec<_>, Vec<_>) = failed.partition(|(_, code)| is_retryable(code));
                given_up.extend(lost.into_iter().map(|(order, _)| order.id));
                open = again.into_iter().map(|(order, _)| order).collect();
            }
            if open.is_empty() {
                break;
            }
            sleep(Duration::from_millis(150) * number).await;
        }
        given_up.extend(open.iter().map(|order| order.id));
    }
    if given_up.is_empty() { Said::Ok } else { Said::Err }
}
